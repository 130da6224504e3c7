"""The script trains as the run does, to the same weights."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from components.data.load import load_samples
from components.data.split import split
from components.fusion.build import build
from components.fusion.script import write_script
from components.recipe import Training
from components.training.run import train
from tests.fusion.members import Case
from tests.plain_keras import PlainKeras


def member(units: int) -> keras.Model:
    """With batch normalisation, and without dropout, whose chance depends on the place in the batch."""
    keras.utils.set_random_seed(units)
    tensor = keras.Input((12,))
    hidden = keras.layers.BatchNormalization()(keras.layers.Dense(units, use_bias=False)(tensor))
    return keras.Model(tensor, keras.layers.Dense(3, activation="softmax")(hidden))


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
    # One batch holds all samples, so that their order, which the script draws otherwise, plays no part.
    case = Case({"a": member(6), "b": member(5)}, settings={"a": {"rate": rate}})
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    training = Training(optimizer="sgd", momentum=0.5, learning_rate=0.02, batch_size=64, **settings)
    recipe = case.recipe("concatenate").model_copy(update={"training": training})
    judge = "\nresults = {f'{number:03}': weight for number, weight in enumerate(model.get_weights())}"
    results = eager_keras.run(write_script(recipe, case.facts) + judge, tmp_path)

    samples = load_samples(case.data, tmp_path / "data.npz")
    ours = build(recipe, case.models)
    before = ours.get_weights()
    trained = train(recipe, ours, samples, split(samples, case.data.split), lambda point: None, lambda: False)
    assert trained.best_epoch == settings["epochs"], "the script, too, keeps the weights of its last epoch"
    for weight, theirs in zip(ours.get_weights(), results.values(), strict=True):
        np.testing.assert_allclose(weight, theirs, atol=1e-6)
    moved = [np.abs(now - then).max() for now, then in zip(ours.get_weights(), before, strict=True)]
    assert (min(moved) > 0) == (training.head_epochs < training.epochs) and max(moved) > 0
    keras.models.load_model(tmp_path / "fused.keras")
