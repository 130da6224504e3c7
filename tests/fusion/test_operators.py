"""Every operator against NumPy: what it gives, and what was said of its shape before Keras was asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

from components.fusion.operators import OPERATORS
from components.fusion.signals import Kind, Signal
from components.recipe import Refusal


class Example(NamedTuple):
    """Inputs of these shapes and this meaning, and what NumPy makes of them; None where the weights are random."""

    shapes: tuple[tuple[int, ...], ...]
    expected: Callable[..., np.ndarray] | None
    kind: Kind = "values"
    options: dict[str, Any] = {}


def _softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


EXAMPLES = {
    "average": Example(((3,), (3,), (3,)), lambda a, b, c: (a + b + c) / 3),
    "weighted-average": Example(((3,), (3,)), lambda a, b: (a + b) / 2),
    "fixed-weighted-average": Example(((3,), (3,)), lambda a, b: (a + 3 * b) / 4, options={"weights": (1, 3)}),
    "concatenate": Example(((3,), (2,)), lambda a, b: np.concatenate([a, b], axis=1)),
    "head": Example(((3,),), None, options={"units": 4}),
    "dense-projection": Example(((4, 3),), lambda a: a[..., :2], options={"units": 2, "start": "identity"}),
    "flatten": Example(((2, 3),), lambda a: a.reshape(len(a), 6)),
    "reshape": Example(((6,),), lambda a: a.reshape(len(a), 2, 3), options={"shape": (2, 3)}),
    "spread": Example(((3,),), lambda a: np.tile(a[:, None, None], (1, 2, 4, 1)), options={"positions": (2, 4)}),
    "channel-repeat": Example(((2, 2, 1),), lambda a: np.repeat(a, 3, axis=3), options={"channels": 3}),
    "channel-mean": Example(((2, 2, 3),), lambda a: a.mean(axis=3, keepdims=True)),
    "resizing": Example(((2, 2, 1),), lambda a: np.repeat(np.repeat(a, 1, 1), 1, 2), options={"height": 2, "width": 2}),
    "global-average-pooling": Example(((4, 5, 3),), lambda a: a.mean(axis=(1, 2))),
    "layer-normalization": Example(
        ((8,),), lambda a: (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + 1e-3)
    ),
    "rescale": Example(((2,),), lambda a: a * [2.0, 3.0] + [1.0, -1.0], options={"scale": (2.0, 3.0), "offset": (1.0, -1.0)}),
    "cast": Example(((3,),), lambda a: a.astype("int32"), options={"dtype": "int32"}),
    "softmax": Example(((3,),), _softmax, "logits"),
    "log": Example(((3,),), lambda a: np.log(np.clip(a, 1e-7, 1)), "probabilities"),
    "sigmoid": Example(((2,),), lambda a: 1 / (1 + np.exp(-a)), "logits"),
    "two-classes": Example(((1,),), lambda a: np.concatenate([1 - a, a], axis=1), "sigmoid"),
    "second-class": Example(((2,),), lambda a: a[:, 1:], "probabilities"),
    "shares": Example(((3,),), lambda a: a / a.sum(axis=1, keepdims=True), "sigmoid"),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_gives_what_numpy_gives_and_the_shape_it_promised(name: str) -> None:
    example, operator = EXAMPLES[name], OPERATORS[name]
    random = np.random.default_rng(1)
    arrays = [random.uniform(0, 1, (5, *shape)).astype("float32") for shape in example.shapes]
    promised = operator.infer([Signal(shape, "float32", example.kind) for shape in example.shapes], example.options)

    inputs = [keras.Input(shape) for shape in example.shapes]
    model = keras.Model(inputs, operator.apply(inputs, example.options, "the-node"))
    given = model(arrays, training=False).numpy()

    assert promised.shape == given.shape[1:] == model.outputs[0].shape[1:]
    assert promised.dtype == str(given.dtype)
    if example.expected is not None:
        np.testing.assert_allclose(given, example.expected(*arrays), atol=1e-5)
    assert all(weight.path.split("/")[0].split(".")[0] == "the-node" for weight in model.weights)


def test_resizing_is_bilinear() -> None:
    row = keras.ops.convert_to_tensor([[[[0.0], [4.0]]]])
    wide = OPERATORS["resizing"].apply([row], {"height": 1, "width": 4}, "node")
    np.testing.assert_allclose(np.ravel(wide), [0.0, 1.0, 3.0, 4.0], atol=1e-6)


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_explains_itself(name: str) -> None:
    operator = OPERATORS[name]
    assert operator.summary.endswith(".") and operator.formula
    assert all(sentence.endswith(".") for sentence in operator.failures)
    assert operator.source.startswith("def ") and "@operator" not in operator.source


@pytest.mark.parametrize(
    ("name", "signals", "options", "words"),
    [
        ("average", [Signal((3,)), Signal((1,))], {}, "one shape are needed; received 3 numbers and 1 number"),
        ("average", [Signal((3,), kind="logits"), Signal((3,), kind="probabilities")], {}, "logits and probabilities"),
        ("average", [Signal((3,))], {}, "2 inputs or more; it received 1"),
        ("concatenate", [Signal((3, 2)), Signal((4, 2))], {}, "3 × 2 and 4 × 2"),
        ("softmax", [Signal((3,), kind="probabilities")], {}, "takes logits; received 3 numbers that are probabilities"),
        ("two-classes", [Signal((3,), kind="sigmoid")], {}, "1 sigmoid"),
        ("channel-repeat", [Signal((4, 4, 3))], {"channels": 3}, "1 channel; received 4 × 4 × 3"),
        ("fixed-weighted-average", [Signal((3,)), Signal((3,))], {"weights": (0, 0)}, "not all 0"),
        ("fixed-weighted-average", [Signal((3,)), Signal((3,))], {"weights": (1,)}, "2 members"),
        ("rescale", [Signal((3,))], {"scale": (1.0, 2.0)}, "one for each of 3 columns"),
        ("head", [Signal((3,))], {"units": 0}, "“units” of head"),
        ("head", [Signal((3,))], {"units": 2, "width": 1}, "“width” of head"),
        ("reshape", [Signal((6,))], {"shape": (4, 2)}, "counts differ"),
        ("flatten", [Signal((None, 3))], {}, "any length × 3"),
    ],
)
def test_what_does_not_fit_is_refused_before_keras_would_let_it_through(
    name: str, signals: list[Signal], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        OPERATORS[name].infer(signals, options)
    assert words in refusal.value.sentence
