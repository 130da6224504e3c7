"""What training cannot change is run once over the data: frozen branches become arrays of features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.data.on_disk import MOST_IN_MEMORY, Values, as_values, free_bytes, on_temporary_file

MOST_BYTES = 8 << 30
"""Features that take more room than this are computed in every step, as Keras does."""
CHUNK = 64
FEWEST_TO_FOLD = 512
"""Samples from which on it pays to prepare a model with batch normalization."""
MOST_CONSTANTS = 200 << 20
"""Bytes of weights that may become constants; a graph of TensorFlow holds 2 GiB."""


@dataclass(frozen=True)
class Halves:
    """A model cut where its frozen part ends.

    `first` goes from the model's inputs to the features, `second` from inputs and features to the model's outputs, with the
    model's own layers: what `second` learns, the model has learned. `passed` are the positions of the model's inputs that
    `second` takes as they are; the features come after these. `samples` is how many are to be run in all.
    """

    first: keras.Model
    second: keras.Model
    passed: tuple[int, ...]
    samples: int

    def arrays(self, inputs: Sequence[Values], stop: Callable[[], bool]) -> list[Values] | None:
        """What `second` takes for these inputs, in memory or on disk; None where someone stopped.

        Args:
            inputs: An array for each input of the whole model.
            stop: Is asked between chunks of 64 samples.
        """
        count = len(inputs[0])
        size = 4 * count * sum(map(_numbers, self.first.outputs))
        room = np.empty if size <= MOST_IN_MEMORY else on_temporary_file
        features = [room((count, *output.shape[1:]), np.float32) for output in self.first.outputs]
        for begin in range(0, count, CHUNK):
            if stop():
                return None
            # The last chunk reaches back over the one before: a chunk of another size would be traced anew.
            start = max(0, min(begin, count - CHUNK))
            chunk = [array[start : start + CHUNK] for array in inputs]
            for feature, values in zip(features, self._give(chunk), strict=True):
                feature[start : start + CHUNK] = values
        return [*(inputs[position] for position in self.passed), *map(as_values, features)]

    @cached_property
    def _give(self) -> Callable[[Sequence[Values]], list[Any]]:
        # One for all splits: to prepare it takes as long as some hundred samples.
        return _caller(self.first, self.samples)


def halves(model: keras.Model, samples: int) -> Halves | None:
    """Cuts a functional model where its frozen part ends.

    Args:
        model: As it was built, with its layers' `trainable` as it will be trained.
        samples: How many samples are to be kept as features.

    Returns:
        None where nothing with weights is frozen before something that is trained, or the features would not fit.
    """
    fixed: dict[int, bool] = {}
    ends: dict[int, Any] = {}
    for output in model.outputs:
        _walk(output, fixed, ends)
    if any(id(output) in ends for output in model.outputs):
        return None
    _go_back(ends)
    inputs = {id(tensor): position for position, tensor in enumerate(model.inputs)}
    passed = [tensor for tensor in ends.values() if id(tensor) in inputs]
    features = [tensor for tensor in ends.values() if id(tensor) not in inputs]
    if not features or 4 * samples * sum(map(_numbers, features)) > min(MOST_BYTES, free_bytes()):
        return None
    if not all(tensor.dtype == "float32" for tensor in features):
        return None
    first = keras.Model(model.inputs, features)
    if not first.weights:
        return None
    second = between([*passed, *features], model.outputs)
    return Halves(first, second, tuple(inputs[id(tensor)] for tensor in passed), samples)


def _caller(model: keras.Model, samples: int) -> Callable[[Sequence[Values]], list[Any]]:
    """What runs a frozen model over a chunk of samples; for many of them TensorFlow sees that its weights are constants.

    It then computes what depends on them alone once: batch normalization becomes part of the convolution before it.
    """
    normalized = any(isinstance(layer, keras.layers.BatchNormalization) for layer in model._flatten_layers())
    if samples < FEWEST_TO_FOLD or not normalized or 4 * model.count_params() > MOST_CONSTANTS:
        model.jit_compile = False

        def predict(chunk: Sequence[Values]) -> list[Any]:
            given: Any = model.predict_on_batch(chunk[0] if len(chunk) == 1 else tuple(chunk))
            return given if isinstance(given, list) else [given]

        return predict
    specs = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs]
    trainable, other = (
        [each.numpy() for each in group] for group in (model.trainable_variables, model.non_trainable_variables)
    )

    @tf.function(input_signature=specs, autograph=False)
    def constant(*inputs: Any) -> list[Any]:
        # Made of arrays in here, they are constants of the graph; variables would be read anew in every call.
        weights = ([tf.constant(each) for each in group] for group in (trainable, other))
        given, _ = model.stateless_call(*weights, list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        return list(keras.tree.flatten(given))

    return lambda chunk: constant(*(tf.constant(values, spec.dtype) for values, spec in zip(chunk, specs, strict=True)))


def between(ends: Sequence[Any], outputs: Sequence[Any]) -> keras.Model:
    """What lies between tensors of a functional model, with the model's own layers, as a model from `ends` to `outputs`."""
    # `keras.Model` over tensors amid a graph would take away inputs that the model shares.
    fresh = [keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype) for tensor in ends]
    tensors = {id(tensor): new for tensor, new in zip(ends, fresh, strict=True)}

    def call(tensor: Any) -> Any:
        if id(tensor) not in tensors:
            node = _made_by(tensor)
            for each in node.input_tensors:
                call(each)
            args, kwargs = node.arguments.fill_in(tensors)
            given = keras.tree.flatten(node.operation(*args, **kwargs))
            tensors.update({id(old): new for old, new in zip(node.outputs, given, strict=True)})
        return tensors[id(tensor)]

    return keras.Model(fresh, [call(output) for output in outputs])


def _walk(tensor: Any, fixed: dict[int, bool], ends: dict[int, Any]) -> None:
    """From an output towards the inputs, up to the first tensors that training cannot change."""
    if _is_fixed(tensor, fixed):
        ends[id(tensor)] = tensor
        return
    for each in _made_by(tensor).input_tensors:
        _walk(each, fixed, ends)


def _go_back(ends: dict[int, Any]) -> None:
    """Moves ends behind an operation without weights to what flows into it, where that is not more to keep.

    Features that several such operations take, as those of several layouts do, are then kept once.
    """
    moved = True
    while moved:
        moved = False
        for tensor in list(ends.values()):
            before = {id(each): each for each in _made_by(tensor).input_tensors}
            more = sum(_numbers(each) for key, each in before.items() if key not in ends)
            if before and not _weighted(tensor) and _behind_weights(tensor) and more <= _numbers(tensor):
                del ends[id(tensor)]
                ends.update(before)
                moved = True


def _numbers(tensor: Any) -> int:
    """How many numbers a tensor has for each sample; more than there is room for where that is not known."""
    return prod(axis or MOST_BYTES for axis in tensor.shape[1:])


def _weighted(tensor: Any) -> bool:
    operation = _made_by(tensor).operation
    return isinstance(operation, keras.Layer) and bool(operation.weights)


def _behind_weights(tensor: Any) -> bool:
    return _weighted(tensor) or any(map(_behind_weights, _made_by(tensor).input_tensors))


def _is_fixed(tensor: Any, known: dict[int, bool]) -> bool:
    node = _made_by(tensor)
    if id(node) not in known:
        known[id(node)] = node.is_input or (
            not _changes(node.operation) and all(_is_fixed(each, known) for each in node.input_tensors)
        )
    return known[id(node)]


def _made_by(tensor: Any) -> Any:
    operation, index, _ = tensor._keras_history
    return operation._inbound_nodes[index]


def _changes(operation: Any) -> bool:
    """Whether training changes what an operation computes, or needs to see it: weights, statistics, chance, a loss."""
    layers = list(operation._flatten_layers()) if isinstance(operation, keras.Layer) else []
    return any(
        layer.trainable_weights
        or (layer.trainable and isinstance(layer, keras.layers.BatchNormalization))
        or getattr(layer, "seed_generator", None) is not None
        or getattr(layer, "activity_regularizer", None) is not None
        for layer in layers
    )
