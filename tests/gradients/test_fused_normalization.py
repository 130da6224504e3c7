"""BatchNormalization in one operation against Keras' own, in every form that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.gradients.tap import Tap

L = keras.layers


@keras.saving.register_keras_serializable("tests")
class Shifted(L.BatchNormalization):
    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        return super().call(inputs, training=training, mask=mask) + 1.0


def frozen() -> L.BatchNormalization:
    layer = L.BatchNormalization()
    layer.trainable = False
    return layer


FUSED: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "channels last": (L.BatchNormalization, (5, 4, 3)),
    "the last axis by its number": (lambda: L.BatchNormalization(axis=3, momentum=0.5), (5, 4, 3)),
    "without a scale": (lambda: L.BatchNormalization(scale=False), (5, 4, 3)),
    "without a centre": (lambda: L.BatchNormalization(center=False, epsilon=0.1), (5, 4, 3)),
    "regularised": (lambda: L.BatchNormalization(gamma_regularizer="l2"), (5, 4, 3)),
    "a single pixel": (L.BatchNormalization, (1, 1, 3)),
}

PLAIN: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "another axis": (lambda: L.BatchNormalization(axis=1), (5, 4, 3)),
    "vectors": (L.BatchNormalization, (3,)),
    "sequences": (L.BatchNormalization, (5, 3)),
    "volumes": (L.BatchNormalization, (2, 2, 2, 3)),
    "a tiny epsilon": (lambda: L.BatchNormalization(epsilon=1e-6), (5, 4, 3)),
    "mixed precision": (lambda: L.BatchNormalization(dtype="mixed_float16"), (5, 4, 3)),
    "double precision": (lambda: L.BatchNormalization(dtype="float64"), (5, 4, 3)),
    "renormalised": (lambda: L.BatchNormalization(renorm=True), (5, 4, 3)),
    "synchronised": (lambda: L.BatchNormalization(synchronized=True), (5, 4, 3)),
    "a loss of its own": (lambda: L.BatchNormalization(activity_regularizer="l2"), (5, 4, 3)),
    "a class of its own": (Shifted, (5, 4, 3)),
    "frozen": (frozen, (5, 4, 3)),
}


@pytest.mark.parametrize(
    ("make", "shape", "is_fused"),
    [
        *(pytest.param(*case, True, id=name) for name, case in FUSED.items()),
        *(pytest.param(*case, False, id=name) for name, case in PLAIN.items()),
    ],
)
def test_it_is_that_of_keras_in_value_gradient_and_loss(
    make: Callable[[], Any], shape: tuple[int, ...], is_fused: bool
) -> None:
    x = keras.Input(shape)
    layer = make()
    # The same layer twice: each call has statistics of its own.
    model = keras.Model(x, layer(L.Activation("tanh")(layer(x))))
    agree(model, layer, np.random.default_rng(0).normal(3.0, 2.0, (6, *shape)), 2 if is_fused else 0)


def test_what_is_masked_is_left_to_keras() -> None:
    x = keras.Input((5, 4, 3))
    layer = L.BatchNormalization()
    rows = np.random.default_rng(0).normal(3.0, 2.0, (6, 5, 4, 3))
    rows[2:, 1:3] = 0.0
    agree(keras.Model(x, layer(L.Masking()(x))), layer, rows, 0)


def test_it_is_that_of_keras_out_of_training() -> None:
    x = keras.Input((5, 4, 3))
    model = keras.Model(x, L.BatchNormalization()(x))
    rows = tf.constant(np.random.default_rng(0).normal(size=(6, 5, 4, 3)), tf.float32)
    np.testing.assert_array_equal(Tap(model)([rows])[0], model(rows))


def agree(model: keras.Model, layer: L.BatchNormalization, samples: np.ndarray, fused: int) -> None:
    """What the layer gives, its loss and gradients are those of Keras; so many of its calls are one operation."""
    random = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(random.uniform(0.5, 2.0, weight.shape))
    rows, pull = tf.constant(samples, tf.float32), random.normal(size=samples.shape)
    tap = Tap(model)

    def measured(run: Callable[[], Any], added: Callable[[], list[Any]]) -> list[np.ndarray]:
        with tf.GradientTape() as tape:
            tape.watch(rows)
            given = run()
            parts = [tf.reduce_sum(tf.cast(given, tf.float64) * pull), *(tf.cast(each, tf.float64) for each in added())]
            loss = tf.add_n(parts)
        sources = [rows, *(weight.value for weight in layer.trainable_weights)]
        return [np.asarray(each, np.float64) for each in (given, loss, *tape.gradient(loss, sources))]

    kept = [weight.numpy() for weight in layer.non_trainable_weights]
    expected = measured(lambda: model(rows, training=True), lambda: model.losses)
    for weight, value in zip(layer.non_trainable_weights, kept, strict=True):
        weight.assign(value)
    found = measured(lambda: tap([rows], training=True)[0], lambda: tap.added_losses)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6 * np.abs(other).max())
    graph = tf.function(lambda given: tap([given], training=True)).get_concrete_function(rows).graph
    assert [operation.type for operation in graph.get_operations()].count("FusedBatchNormV3") == fused
