from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.gradients.recorder import GradientRecorder
from components.gradients.trail import MOST_BINS, Trail, read_trail
from components.training.frozen import halves
from tests.gradients.fused import batch, branch, recipe

L = keras.layers
RATE, SIZE, STEPS = 0.05, 16, 9


@dataclass
class Counter:
    steps: int = 0


def fused(frozen: bool = False) -> keras.Model:
    keras.utils.set_random_seed(0)
    x = keras.Input((6,), name="x")
    one, two = branch("one", activation=None), branch("two", activation=None)
    one.trainable = not frozen
    h = L.Concatenate()([one(x), L.Dropout(0.2, seed=1)(two(x))])
    return keras.Model(x, L.Dense(3, activation="softmax", name="head")(h))


def compiled(model: keras.Model, together: int = 1, optimizer: Any = None) -> keras.Model:
    rule = optimizer or keras.optimizers.SGD(RATE)
    model.compile(rule, keras.losses.SparseCategoricalCrossentropy(), steps_per_execution=together, jit_compile=False)
    return model


def trained(learner: keras.Model, data: Any, callbacks: list[Any]) -> None:
    learner.fit(*data, batch_size=SIZE, epochs=3, shuffle=False, verbose=0, callbacks=callbacks)


def data() -> tuple[np.ndarray, np.ndarray]:
    inputs, target = batch(samples=3 * SIZE)
    return inputs["x"], target


def norms_by_hand(model: keras.Model, layers: tuple[str, ...]) -> np.ndarray:
    """Plain gradient descent with a tape; the norms of each layer's kernel and bias together."""
    inputs, target = data()
    loss = keras.losses.SparseCategoricalCrossentropy()
    found = []
    for start in [0, SIZE, 2 * SIZE] * 3:
        rows = slice(start, start + SIZE)
        with tf.GradientTape() as tape:
            value = loss(target[rows], model(inputs[rows], training=True))
        variables = model.trainable_variables
        gradients = tape.gradient(value, [variable.value for variable in variables])
        squares = dict.fromkeys(layers, 0.0)
        for variable, gradient in zip(variables, gradients, strict=True):
            squares[variable.path.split("/")[-2]] += float(np.sum(gradient.numpy() ** 2))
            variable.assign(variable - RATE * gradient)
        found.append(list(squares.values()))
    return np.sqrt(found)


@pytest.mark.parametrize("together", [1, 2, 16])
@pytest.mark.parametrize("frozen", [False, True])
def test_every_step_has_the_norms_of_a_loop_by_hand(together: int, frozen: bool, tmp_path: Path) -> None:
    model = fused(frozen)
    recorder = GradientRecorder(recipe("one", "two"), model, tmp_path / "gradients.npz")
    learner, inputs = model, data()[0]
    if frozen:
        cut = halves(model, len(inputs))
        arrays = cut.arrays([inputs], lambda: False)
        learner, inputs = cut.second, arrays if len(arrays) > 1 else arrays[0]
    compiled(learner, together)
    trained(learner, (inputs, data()[1]), [recorder(learner, Counter())])
    kept = read_trail(tmp_path / "gradients.npz")
    assert kept.steps.tolist() == list(range(1, STEPS + 1))
    trained_layers = {"two.dense-1", "two.head", "head"} | (set() if frozen else {"one.dense-1", "one.head"})
    assert set(kept.layers) == trained_layers
    assert kept.members == tuple(layer.partition(".")[0] if "." in layer else "" for layer in kept.layers)
    np.testing.assert_allclose(kept.norms, norms_by_hand(fused(frozen), kept.layers), rtol=1e-4)


@pytest.mark.parametrize("together", [1, 16])
def test_training_is_bit_for_bit_what_it_is_unwatched(together: int, tmp_path: Path) -> None:
    ends = []
    for watched in (False, True):
        model = compiled(fused(), together, keras.optimizers.Adam(RATE))
        recorder = GradientRecorder(recipe("one", "two"), model, tmp_path / "gradients.npz")
        trained(model, data(), [recorder(model, Counter())] if watched else [])
        ends.append([variable.numpy().tobytes() for variable in (*model.variables, *model.optimizer.variables)])
        model.save(tmp_path / f"{watched}.keras")
    assert ends[0] == ends[1]
    again = keras.models.load_model(tmp_path / "True.keras")
    assert [weight.numpy().tobytes() for weight in again.weights] == [weight.numpy().tobytes() for weight in model.weights]


def test_norms_are_not_scaled_with_the_loss_of_mixed_precision(tmp_path: Path) -> None:
    trails = []
    for scale in (None, 2.0**12):
        model = fused()
        rule: Any = keras.optimizers.SGD(RATE)
        compiled(model, 1, rule if scale is None else keras.optimizers.LossScaleOptimizer(rule, initial_scale=scale))
        recorder = GradientRecorder(recipe("one", "two"), model, tmp_path / f"{scale}.npz")
        trained(model, data(), [recorder(model, Counter())])
        trails.append(recorder.trail.norms)
    np.testing.assert_allclose(trails[1], trails[0], rtol=1e-4)


def test_steps_that_are_made_anew_are_recorded_anew(tmp_path: Path) -> None:
    path = tmp_path / "gradients.npz"
    whole = compiled(fused())
    recorder = GradientRecorder(recipe("one", "two"), whole, path)
    trained(whole, data(), [recorder(whole, Counter())])
    first = read_trail(path)
    again = compiled(fused())
    recorder = GradientRecorder(recipe("one", "two"), again, path)
    trained(again, data(), [recorder(again, Counter(4))])
    second = read_trail(path)
    assert second.steps.tolist() == list(range(1, 4 + STEPS + 1))
    np.testing.assert_allclose(second.norms[:4], first.norms[:4], rtol=1e-6)
    np.testing.assert_allclose(second.norms[4:], first.norms, rtol=1e-6)


def test_a_long_run_is_gathered_in_bins_whose_squares_are_means() -> None:
    steps = 5 * MOST_BINS + 3
    squares = np.random.default_rng(0).random((steps, 2))
    trail = Trail(["a", "b"], ["", "m"])
    begin = 0
    for size in (1, 7, 500, 40, steps):
        trail.add(begin + 1, squares[begin : begin + size])
        begin = min(begin + size, steps)
    assert trail.width == 8 and len(trail.steps) == -(-steps // 8) and trail.steps[-1] == steps
    expected = [np.sqrt(squares[start : start + 8].mean(axis=0)) for start in range(0, steps, 8)]
    np.testing.assert_allclose(trail.norms, expected, rtol=1e-12)


def test_what_is_no_trail_is_none(tmp_path: Path) -> None:
    assert read_trail(tmp_path / "absent.npz") is None
    (tmp_path / "other.npz").write_bytes(b"PK not a zip")
    assert read_trail(tmp_path / "other.npz") is None
