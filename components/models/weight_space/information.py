"""What Fisher merging and RegMean measure on samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.models import inspection
from components.models.facts import Head
from components.models.weight_space.calls import Call, Chunks, Graph, run
from components.models.weight_space.registry import Array, Arrays
from components.models.weight_space.samples import evenly
from components.models.weight_space.weights import Weight
from components.recipe import Refusal

MOST_GRADIENTS = 2000
"""Gradients taken for one member: as many as there are samples times answers, so of many classes there are fewer samples."""

_Terms = tuple[Any, Any]
"""Factors and values of shape (answers,): the information is the sum over answers of factor times squared gradient of value."""


def fisher_information(model: keras.Model, weights: Sequence[Weight], inputs: Sequence[npt.NDArray[Any]]) -> Arrays:
    """The diagonal Fisher information of each weight: E_x Σ_y p(y|x) (∂ log p(y|x) / ∂θ)², over the model's own predictions.

    Exact over all classes; for an output that is a number it is that of a normal distribution of variance 1 around it.

    Args:
        model: With one output of shape (n, units).
        weights: Those wanted.
        inputs: Arrays of shape (n, …) in the order of the model's inputs.

    Raises:
        Refusal: when the model has several outputs.
    """
    head = inspection.head(model)
    if head not in _TERMS or len(model.outputs[0].shape) != 2:
        raise Refusal("Fisher merging takes models with one prediction for each sample. Choose another merge.")
    answers = model.outputs[0].shape[-1]
    values = [weight.variable.value for weight in weights]
    chosen = [tf.convert_to_tensor(array) for array in evenly(inputs, max(1, MOST_GRADIENTS // answers))]
    count = len(chosen[0])

    def squared(index: Any) -> list[Any]:
        """What one answer on one sample adds."""
        sample = [array[index // answers][None] for array in chosen]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(values)
            output = model(sample if len(sample) > 1 else sample[0], training=False)
            factors, terms = _TERMS[head](tf.cast(output[0], tf.float32))
            term = terms[index % answers]
        gradients = tape.gradient(term, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return [factors[index % answers] * tf.square(tf.cast(tf.convert_to_tensor(each), tf.float32)) for each in gradients]

    @tf.function(autograph=False)
    def total() -> list[Any]:
        def add(index: Any, *sums: Any) -> tuple[Any, ...]:
            return (index + 1, *(sum_ + found for sum_, found in zip(sums, squared(index), strict=True)))

        start = [tf.zeros(weight.variable.shape) for weight in weights]
        end = tf.while_loop(lambda index, *sums: index < count * answers, add, [0, *start], parallel_iterations=1)
        return list(end[1:])

    return [np.asarray(sum_).astype(np.float64) / count for sum_ in total()]


def _softmax(output: Any) -> _Terms:
    return output, tf.math.log(tf.maximum(output, 1e-12))


def _logits(output: Any) -> _Terms:
    return tf.nn.softmax(output), tf.nn.log_softmax(output)


def _sigmoid(output: Any) -> _Terms:
    """p (∂ log p)² + (1 − p) (∂ log(1 − p))² = (∂p)² / (p (1 − p)) for each unit."""
    return 1 / tf.maximum(output * (1 - output), 1e-12), output


def _numbers(output: Any) -> _Terms:
    return tf.ones_like(output), output


_TERMS: dict[Head, Callable[[Any], _Terms]] = {
    "softmax": _softmax,
    "logits": _logits,
    "sigmoid": _sigmoid,
    "linear": _numbers,
}


def gram_matrices(graph: Graph, weights: Sequence[Weight], inputs: Sequence[npt.NDArray[Any]]) -> list[Array | None]:
    """XᵀX of what flows into each dense layer, at the place of its kernel; None for all other weights.

    Args:
        graph: The model.
        weights: Those wanted.
        inputs: Arrays of shape (n, …) in the order of the model's inputs.
    """
    found: dict[int, Array] = {}

    def add(call: Call, given: list[Chunks]) -> None:
        if isinstance(call.operation, keras.layers.Dense):
            for chunk in given[0]:
                rows = np.asarray(chunk).astype(np.float64).reshape(-1, chunk.shape[-1])
                key = id(call.operation.kernel)
                found[key] = found.get(key, 0) + rows.T @ rows

    run(graph, inputs, add)
    return [found.get(id(weight.variable)) for weight in weights]
