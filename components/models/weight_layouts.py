"""A layer's weights as older versions of Keras laid them out in HDF5 files, brought into today's layout.

To teach the app another layout, add an entry to `LAYOUTS`: the layer's class and a function from the layer, the arrays of the
file and who wrote them, to today's arrays. Source: `preprocess_weights_for_loading` of Keras 2 does the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Arrays = list[np.ndarray]


class Era(NamedTuple):
    """Who wrote a file: the version of Keras, which the oldest do not name, and its backend."""

    version: str | None = None
    backend: str | None = None

    @property
    def is_first(self) -> bool:
        """Whether it was Keras 1."""
        return not self.version or self.version.startswith("1")


Layout = Callable[[Any, Arrays, Era], Arrays]

STATELESS = frozenset({"Discretization", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization"})
"""Layers whose settings say everything, though their files hold counts and tables beside."""


def to_today(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    """The weights of one layer in today's number, order and shapes."""
    layout = LAYOUTS.get(type(layer).__name__)
    return layout(layer, arrays, era) if layout else arrays


def _gates(arrays: Arrays, order: tuple[int, ...]) -> Arrays:
    """Keras 1 kept a kernel, a recurrent kernel and a bias for each gate; today's Keras joins them in this order."""
    return [np.concatenate([arrays[3 * gate + part] for gate in order], axis=-1) for part in range(3)]


def _from_cudnn(arrays: Arrays, gates: int) -> Arrays:
    """The layers for cuDNN kept each gate's kernel in the other order of its numbers, and two biases."""

    def each(array: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return np.hstack([change(part) for part in np.hsplit(array, gates)])

    kernel = each(arrays[0], lambda part: part.T.reshape(part.shape, order="F"))
    return [kernel, each(arrays[1], np.transpose), arrays[2].reshape(2, -1)]


def _is_cudnn(arrays: Arrays, gates: int) -> bool:
    return len(arrays) == 3 and arrays[2].shape == (2 * gates * arrays[1].shape[0],)


def _lstm(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    if len(arrays) == 12:  # input, cell, forget, output
        return _gates(arrays, (0, 2, 1, 3))
    if _is_cudnn(arrays, 4):
        *kernels, biases = _from_cudnn(arrays, 4)
        return [*kernels, biases.sum(axis=0)]
    return arrays


def _gru(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    if len(arrays) == 9:
        return _gates(arrays, (0, 1, 2))
    return _from_cudnn(arrays, 3) if _is_cudnn(arrays, 3) else arrays


def _conv_lstm(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    joined = _gates(arrays, (0, 2, 1, 3)) if len(arrays) == 12 else arrays
    first = layer.cell.data_format == "channels_first" and len(arrays) == 12
    return [*(_kernels_last(array) if first else array for array in joined[:2]), *joined[2:]]


def _kernels_last(kernel: np.ndarray) -> np.ndarray:
    """From (filters, channels, rows, columns) to (rows, columns, channels, filters), in any number of dimensions."""
    return np.transpose(kernel, (*range(2, kernel.ndim), 1, 0))


def _turned(kernel: np.ndarray, era: Era) -> np.ndarray:
    """Theano turns its kernels by 180 degrees."""
    return np.flip(kernel, tuple(range(kernel.ndim - 2))) if era.backend == "theano" else kernel


def _convolution(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    kernel, *rest = arrays
    if era.is_first and kernel.ndim == layer.kernel.ndim and layer.data_format == "channels_first":
        kernel = _kernels_last(kernel)
    return [_turned(kernel, era), *rest]


def _convolution_1d(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    kernel, *rest = arrays
    if kernel.ndim == 4:  # Keras 1 convolved pictures of one column; before 1.2 in the order of Theano
        kernel = (
            kernel[:, 0] if kernel.shape[1] == 1 and kernel.shape[0] == layer.kernel_size[0] else _kernels_last(kernel)[:, 0]
        )
    return [_turned(kernel, era), *rest]


def _transposed(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    kernel, *rest = arrays
    if era.is_first:
        last = layer.data_format == "channels_last"
        kernel = np.transpose(kernel, (0, 1, 3, 2) if last else (2, 3, 0, 1))
    return [_turned(kernel, era), *rest]


def _both_directions(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    half = len(arrays) // 2
    return to_today(layer.forward_layer, arrays[:half], era) + to_today(layer.backward_layer, arrays[half:], era)


def _each_step(layer: Any, arrays: Arrays, era: Era) -> Arrays:
    return to_today(layer.layer, arrays, era)


LAYOUTS: dict[str, Layout] = {
    "Bidirectional": _both_directions,
    "Conv1D": _convolution_1d,
    "Conv2D": _convolution,
    "Conv2DTranspose": _transposed,
    "Conv3D": _convolution,
    "ConvLSTM2D": _conv_lstm,
    "GRU": _gru,
    "LSTM": _lstm,
    "TimeDistributed": _each_step,
}
