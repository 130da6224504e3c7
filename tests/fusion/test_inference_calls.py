"""What a member's file says of training where it calls a layer: training here does with it what plain Keras does."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from components.data.load import load_samples
from components.data.split import split
from components.fusion.alone import alone
from components.fusion.build import build
from components.recipe import Training
from components.training.run import train
from tests.fusion.members import DIGITS, Case
from tests.plain_keras import PlainKeras

PLAIN = """
import keras
import numpy as np

model = keras.models.load_model("a.keras", compile=False)
if {fixed}:
    model.get_layer("base").get_layer("norm").trainable = False
model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy")
with np.load("training.npz") as training:
    model.fit(training["x"], training["y"], batch_size=len(training["y"]), epochs=3, shuffle=False, verbose=0)
results = {{f"{{number}} {{each.name}}": each.numpy() for number, each in enumerate(model.weights)}}
"""


def transferred() -> keras.Model:
    """A base that is called as in prediction, below a head of its own, as Keras' recipe for transfer learning has it."""
    keras.utils.set_random_seed(4)
    base = keras.Sequential(
        [
            layers.Input((12,)),
            layers.Dense(6, activation="tanh", name="hidden"),
            layers.BatchNormalization(name="norm", momentum=0.5),
        ],
        name="base",
    )
    x = layers.Input((12,))
    return keras.Model(x, layers.Dense(3, activation="softmax", name="out")(base(x, training=False)), name="transferred")


@pytest.mark.parametrize("fixed", [False, True])
def test_statistics_move_as_in_plain_keras_unless_they_are_frozen(fixed: bool, eager_keras: PlainKeras, tmp_path: Path) -> None:
    case = Case({"a": transferred()}, settings={"a": {"frozen_layers": ("base/norm",)}} if fixed else {})
    case.samples = (case.samples - 4.5) / 3
    case.labels = np.array(DIGITS.classes)[case.samples[:, :3].argmax(axis=1)]
    case.models["a"].save(tmp_path / "a.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    samples = load_samples(case.data, tmp_path / "data.npz")
    splits = split(samples, case.data.split)
    rows = splits.training
    np.savez(tmp_path / "training.npz", x=samples.inputs["x"][rows], y=samples.target[rows])
    plain = eager_keras.run(PLAIN.format(fixed=fixed), tmp_path)

    [(member, facts)] = case.members
    training = Training(optimizer="sgd", learning_rate=0.2, batch_size=len(rows), epochs=3)
    recipe = case.recipe_of(alone(member, facts, case.data)).model_copy(update={"training": training})
    model = build(recipe, case.models)
    trained = train(recipe, model, samples, splits, lambda point: None, lambda: False)
    assert trained.best_epoch == 3
    for weight, (name, theirs) in zip(model.weights, plain.items(), strict=True):
        np.testing.assert_allclose(weight.numpy(), theirs, atol=2e-6, err_msg=name)
    [mean] = [values for name, values in plain.items() if name.endswith("moving_mean")]
    assert (np.abs(mean).max() == 0) == fixed, "what was said at the call holds nothing still; a frozen layer stays as it was"
