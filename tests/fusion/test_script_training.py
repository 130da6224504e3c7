"""The script trains as the run does: on the same batches, to the same weights and scores."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from components.data.load import load_samples
from components.data.split import split
from components.fusion.build import build
from components.fusion.script import write_script
from components.recipe import Data, Input, Split, Target, Training
from components.training.evaluate import evaluate
from components.training.events import Point
from components.training.run import train
from tests.fusion.members import DIGITS, NUMBER, YES_NO, Case
from tests.plain_keras import PlainKeras


def member(units: int, last: int = 3, activation: str | None = "softmax") -> keras.Model:
    """With batch normalization and dropout, which depend on who is in a batch and where, and with a penalty on weights.

    They act in training although `training=False` is said where they are called, which Keras does not heed.
    """
    keras.utils.set_random_seed(units)
    base = keras.Sequential(
        [
            keras.Input((12,)),
            keras.layers.Dense(units, use_bias=False, kernel_regularizer=keras.regularizers.L2(0.01)),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.2),
        ]
    )
    tensor = keras.Input((12,))
    return keras.Model(tensor, keras.layers.Dense(last, activation=activation)(base(tensor, training=False)))


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        pytest.param({"head_epochs": 3, "epochs": 6, "rate_after_head": 0.3}, 1.0, marks=pytest.mark.nightly),
        pytest.param({"head_epochs": 4, "epochs": 4, "warm_up": 1}, 1.0, marks=pytest.mark.nightly),
        ({"precision": "mixed_float16", "epochs": 2}, 1.0),
        ({"head_epochs": 1, "epochs": 4, "weight_decay": 0.05, "schedule": "cosine"}, 0.2),
    ],
)
def test_the_script_learns_the_weights_of_the_run(
    settings: dict[str, float], rate: float, eager_keras: PlainKeras, tmp_path: Path
) -> None:
    case = Case({"a": member(6), "b": member(5)}, settings={"a": {"rate": rate}})
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    training = Training(optimizer="sgd", momentum=0.5, learning_rate=0.02, batch_size=10, **settings)
    recipe = case.recipe("concatenate").model_copy(update={"training": training})
    judge = "\nresults = {f'{number:03}': weight for number, weight in enumerate(model.get_weights())}"
    results = eager_keras.run(write_script(recipe, case.facts) + judge, tmp_path)

    samples = load_samples(case.data, tmp_path / "data.npz")
    ours = build(recipe, case.models)
    before = ours.get_weights()
    trained = train(recipe, ours, samples, split(samples, case.data.split), lambda point: None, lambda: False)
    for weight, theirs in zip(ours.get_weights(), results.values(), strict=True):
        np.testing.assert_allclose(weight, theirs, atol=1e-6)
    moved = [np.abs(now - then).max() for now, then in zip(ours.get_weights(), before, strict=True)]
    assert (min(moved) > 0) == (training.head_epochs < trained.best_epoch) and max(moved) > 0
    keras.models.load_model(tmp_path / "fused.keras")


@pytest.mark.parametrize(
    ("target", "layout", "settings", "best"),
    [
        (DIGITS, "average", {"balance_classes": True, "schedule": "cosine", "warm_up": 1}, None),
        (NUMBER, "cascade", {"weight_averaging": 0.5, "schedule": "plateau", "patience": 2}, None),
        # No epoch is better than the start, which is kept; the first epoch counts for the patience.
        (YES_NO, "concatenate", {"learning_rate": 5.0, "batch_size": 64, "patience": 1}, 0),
    ],
)
def test_the_script_reaches_the_scores_of_the_run(
    target: Target, layout: str, settings: dict[str, float], best: int | None, eager_keras: PlainKeras, tmp_path: Path
) -> None:
    units, activation = {"multiclass": (3, "softmax"), "binary": (1, "sigmoid"), "regression": (1, None)}[target.task]
    case = Case({name: member(hidden, units, activation) for name, hidden in (("a", 6), ("b", 5))}, target=target)
    columns = tuple(f"column {number}" for number in range(12))
    table = pd.DataFrame(case.samples * np.geomspace(0.01, 10, 12), columns=columns)
    table["y"] = case.labels
    table.loc[[5, 17, 30], "column 11"] = None
    table.to_csv(tmp_path / "table.csv", index=False)
    inputs = (Input(name="x", columns=columns, shape=(12,)),)
    data = Data(sha256="1", file_name="table.csv", inputs=inputs, target=target, split=Split(calibration=0.1))
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    training = Training(**{"optimizer": "sgd", "epochs": 3, "batch_size": 7, "learning_rate": 0.01, **settings})
    recipe = case.recipe(layout).model_copy(update={"data": data, "training": training})
    told = "\nresults = {'validation': history.history['val_loss'], **scores['y']}"
    results = eager_keras.run(write_script(recipe, case.facts) + told, tmp_path)

    samples = load_samples(data, tmp_path / "table.csv")
    splits, ours, points = split(samples, data.split), build(recipe, case.models), list[Point]()
    trained = train(recipe, ours, samples, splits, points.append, lambda: False)
    fused = evaluate(recipe, ours, case.models, samples, splits, "test")[0]
    assert results["loss"] == pytest.approx(fused.loss, rel=1e-5)
    [metric] = results.keys() - {"loss", "validation"}
    assert results[metric] == pytest.approx(fused.metric, rel=1e-5)
    curve = [point.loss for point in points if point.split == "validation"]
    np.testing.assert_allclose(results["validation"], curve[1:], rtol=1e-5)
    assert trained.best_epoch == best if best is not None else trained.best_epoch > 0
