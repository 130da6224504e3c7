"""Weights in the layout of the layers for cuDNN, which only a GPU could run, come back as they were."""

from __future__ import annotations

import numpy as np
import pytest
from keras import layers

from components.models.weight_layouts import Era, to_today


def _for_cudnn(array: np.ndarray, gates: int) -> np.ndarray:
    """The numbers of each gate's kernel, written row by row where they were read column by column."""
    return np.hstack([part.T.reshape(part.shape, order="C") for part in np.hsplit(array, gates)])


@pytest.mark.parametrize(("layer", "gates"), [(layers.LSTM(3), 4), (layers.GRU(3), 3)], ids=["CuDNNLSTM", "CuDNNGRU"])
def test_from_cudnn(layer: layers.Layer, gates: int) -> None:
    generator = np.random.default_rng(0)
    kernel, recurrent = generator.normal(size=(2, 3 * gates)), generator.normal(size=(3, 3 * gates))
    biases = generator.normal(size=(2, 3 * gates))
    written = [
        _for_cudnn(kernel, gates),
        np.hstack([part.T for part in np.hsplit(recurrent, gates)]),
        biases.ravel(),
    ]
    today = to_today(layer, written, Era("2.2.4", "tensorflow"))
    expected = [kernel, recurrent, biases.sum(axis=0) if gates == 4 else biases]
    for got, wanted in zip(today, expected, strict=True):
        np.testing.assert_allclose(got, wanted)


def test_kernels_of_theano_are_turned() -> None:
    layer = layers.Conv2D(1, 2)
    layer.build((None, 4, 4, 1))
    kernel = np.arange(4.0).reshape(2, 2, 1, 1)
    (turned,) = to_today(layer, [kernel], Era("2.0.5", "theano"))
    assert turned.ravel().tolist() == [3, 2, 1, 0]
