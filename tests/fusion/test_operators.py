"""Every operator against NumPy: what it gives, and what was said of its shape before Keras was asked."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import scipy.stats

from components.fusion.operators import OPERATORS
from components.fusion.signals import Kind, Signal
from components.recipe import Refusal


class Example(NamedTuple):
    """Inputs of these shapes and this meaning, and what NumPy makes of them; None where the first weights are random.

    `learned` is the same for any weights, which it is given by their path within the node.
    """

    shapes: tuple[tuple[int, ...], ...]
    expected: Callable[..., np.ndarray] | None
    kind: Kind = "values"
    options: dict[str, Any] = {}
    learned: Callable[..., np.ndarray] | None = None


def _dense(weights: dict[str, np.ndarray], part: str, x: np.ndarray) -> np.ndarray:
    """What the dense layer of a part gives without its activation."""
    path = f"{part}/" if part else ""
    return x @ weights[f"{path}kernel"] + weights.get(f"{path}bias", 0.0)


def _projected(w: dict[str, np.ndarray], *vectors: np.ndarray) -> list[np.ndarray]:
    return [_dense(w, f"projection-{number}", x) for number, x in enumerate(vectors, 1)]


def _weighted(w: dict[str, np.ndarray], *vectors: np.ndarray) -> np.ndarray:
    return np.tensordot(_softmax(w["kernel"][0]), vectors, 1)


def _gated_unit(w: dict[str, np.ndarray], *vectors: np.ndarray) -> np.ndarray:
    gates = _softmax(_dense(w, "gates", np.concatenate(vectors, axis=1)))
    hidden = [np.tanh(_dense(w, f"hidden-{number}", x)) for number, x in enumerate(vectors, 1)]
    return sum(gates[:, [place]] * each for place, each in enumerate(hidden))


def _attention(w: dict[str, np.ndarray], *vectors: np.ndarray) -> np.ndarray:
    projected = np.stack(_projected(w, *vectors))
    weights = np.exp(np.tanh(_dense(w, "hidden", projected)) @ w["scores/kernel"])
    return (weights * projected).sum(axis=0) / weights.sum(axis=0)


def _tanh_gate(w: dict[str, np.ndarray], first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    return first + sum(
        np.tanh(w[f"alpha-{number}/kernel"].item()) * _dense(w, f"change-{number}", x) for number, x in enumerate(others, 2)
    )


def _film(w: dict[str, np.ndarray], first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    said = np.concatenate(others, axis=1)
    return _dense(w, "gamma", said) * first + _dense(w, "beta", said)


def _softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


def _shares(p: np.ndarray) -> np.ndarray:
    return p / p.sum(axis=-1, keepdims=True)


def _borda(*members: np.ndarray) -> np.ndarray:
    return _shares(sum(scipy.stats.rankdata(member, axis=1) for member in members))


def _majority(*members: np.ndarray) -> np.ndarray:
    winners = []
    for sample in zip(*members, strict=True):
        votes = Counter(int(probabilities.argmax()) for probabilities in sample)
        winners.append(min(votes, key=lambda k: (-votes[k], -sum(float(probabilities[k]) for probabilities in sample), k)))
    return np.eye(members[0].shape[1])[winners]


def _bilinear(w: dict[str, np.ndarray], first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    given = _dense(w, "linear", np.concatenate([first, *others], axis=1))
    for number, x in enumerate(others, 2):
        form = w[f"form-{number}/kernel"].reshape(first.shape[1], -1, x.shape[1])
        given = given + np.einsum("si,iuj,sj->su", first, form, x)
    return given


def _low_rank(w: dict[str, np.ndarray], *vectors: np.ndarray) -> np.ndarray:
    """By the whole tensor that the factors stand for, over each vector with a 1 behind it."""
    first, second = ([*w[f"factor-{number}/kernel"], w[f"factor-{number}/bias"]] for number in (1, 2))
    f, g = (np.reshape(factor, (len(factor), -1, len(w["kernel"]))) for factor in (first, second))
    tensor = np.einsum("iur,jur,r->iju", f, g, w["kernel"][:, 0])
    with_one = [np.concatenate([x, np.ones((len(x), 1))], axis=1) for x in vectors]
    return np.einsum("si,sj,iju->su", *with_one, tensor) + w["bias"]


def _weighted_vote(*members: np.ndarray) -> np.ndarray:
    winners = []
    for sample in zip(*members, strict=True):
        votes: Counter[int] = Counter()
        for weight, probabilities in zip(VOTES, sample, strict=True):
            votes[int(probabilities.argmax())] += weight
        votes.update(dict.fromkeys(range(len(sample[0])), 0.0))
        winners.append(max(votes, key=lambda k: (votes[k], sum(float(probabilities[k]) for probabilities in sample), -k)))
    return np.eye(members[0].shape[1])[winners]


def _first_sure(*members: np.ndarray) -> np.ndarray:
    return np.array([next((p for p in sample if p.max() >= 0.8), sample[-1]) for sample in zip(*members, strict=True)])


def _experts(w: dict[str, np.ndarray], seen: np.ndarray, *predictions: np.ndarray) -> np.ndarray:
    return np.einsum("sm,msk->sk", _softmax(_dense(w, "", seen)), np.array(predictions))


def _stacked(w: dict[str, np.ndarray], *z: np.ndarray) -> np.ndarray:
    return _softmax(_dense(w, "", np.concatenate(z, axis=1)))


def _cross_attention(w: dict[str, np.ndarray], first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    """Token by token and head by head, with a loop for each."""
    given = first.astype("float64")
    for number, other in enumerate(others, 2):
        parts = {
            part: (w[f"attention-{number}/{part}/kernel"], w[f"attention-{number}/{part}/bias"])
            for part in ("query", "key", "value")
        }
        output, bias = w[f"attention-{number}/attention_output/kernel"], w[f"attention-{number}/attention_output/bias"]
        for sample in range(len(first)):
            for token, vector in enumerate(first[sample]):
                found = bias.copy()
                for head in range(output.shape[0]):
                    query, keys, values = (
                        x @ kernel[:, head] + shift[head]
                        for x, (kernel, shift) in zip((vector, other[sample], other[sample]), parts.values(), strict=True)
                    )
                    found = found + _softmax(keys @ query / np.sqrt(len(query))) @ values @ output[head]
                given[sample, token] += _dense(w, f"output-{number}", found)
    return given


def _onto(w: dict[str, np.ndarray], first: np.ndarray, *others: np.ndarray) -> np.ndarray:
    return first + sum(_dense(w, f"change-{number}", x).reshape(first.shape) for number, x in enumerate(others, 2))


def _subtracted(w: dict[str, np.ndarray], *vectors: np.ndarray) -> np.ndarray:
    first, *others = _projected(w, *vectors)
    return first - sum(others)


def _outer(*vectors: np.ndarray) -> np.ndarray:
    with_one = [[np.r_[1.0, row] for row in vector] for vector in vectors]
    return np.array([np.ravel(np.multiply.outer(np.multiply.outer(a, b), c)) for a, b, c in zip(*with_one, strict=True)])


VOTES = (0.7, 1.1, -0.4, 1.1, 0.2)

EXAMPLES = {
    "average": Example(((3,), (3,), (3,)), lambda a, b, c: (a + b + c) / 3),
    "weighted-average": Example(((3,), (3,)), lambda a, b: (a + b) / 2, learned=_weighted),
    "fixed-weighted-average": Example(((3,), (3,)), lambda a, b: (a + 3 * b) / 4, options={"weights": (1, 3)}),
    "concatenate": Example(((3,), (2,)), lambda a, b: np.concatenate([a, b], axis=1)),
    "add": Example(
        ((4,), (4,), (4,)), lambda a, b, c: a + b + c, options={"units": 4}, learned=lambda w, *h: sum(_projected(w, *h))
    ),
    "multiply": Example(((3,), (4,)), None, options={"units": 5}, learned=lambda w, *h: np.prod(_projected(w, *h), axis=0)),
    "gated-multimodal-unit": Example(((3,), (4,), (2,)), None, options={"units": 5}, learned=_gated_unit),
    "attention": Example(((4,), (4,), (4,)), lambda a, b, c: (a + b + c) / 3, options={"units": 4}, learned=_attention),
    "subtract": Example(((4,), (4,), (4,)), lambda a, b, c: a - b - c, options={"units": 4}, learned=_subtracted),
    "tensor-fusion": Example(((2,), (3,), (1,)), _outer),
    "cross-attention": Example(
        ((3, 4), (2, 5), (4, 2)), lambda a, b, c: a, options={"heads": 2, "key_units": 3}, learned=_cross_attention
    ),
    "residual-adapter": Example(((2, 3), (4,), (1,)), lambda a, b, c: a, learned=_onto),
    "tanh-gate": Example(((3,), (4,), (2,)), lambda a, b, c: a, learned=_tanh_gate),
    "film": Example(((3,), (4,), (2,)), lambda a, b, c: a, learned=_film),
    "bilinear": Example(((3,), (4,), (2,)), None, options={"units": 5}, learned=_bilinear),
    "low-rank-tensor-fusion": Example(((3,), (4,)), None, options={"units": 5, "rank": 2}, learned=_low_rank),
    "head": Example(
        ((3,),),
        None,
        options={"units": 4, "hidden": 6},
        learned=lambda w, x: _softmax(_dense(w, "", np.maximum(_dense(w, "hidden", x), 0))),
    ),
    "dense-projection": Example(
        ((4, 3),),
        lambda a: a[..., :2],
        options={"units": 2, "start": "identity"},
        learned=lambda w, x: _dense(w, "", x),
    ),
    "logit-average": Example(((3,), (3,), (3,)), lambda a, b, c: _softmax((a + b + c) / 3), "logits"),
    "product": Example(((3,), (3,), (3,)), lambda *z: _shares(np.prod([*map(_softmax, z)], axis=0)), "logits"),
    "maximum": Example(((3,), (3,), (3,)), lambda *p: np.max(p, axis=0), "probabilities"),
    "minimum": Example(((3,), (3,), (3,)), lambda *p: np.min(p, axis=0), "probabilities"),
    "median": Example(((3,), (3,), (3,), (3,)), lambda *p: np.median(p, axis=0), "probabilities"),
    "trimmed-mean": Example(((3,),) * 5, lambda *p: scipy.stats.trim_mean(p, 0.4, axis=0), "values", {"cut": 2}),
    "majority-vote": Example(((3,),) * 5, _majority, "probabilities"),
    "weighted-vote": Example(((3,),) * 5, _weighted_vote, "probabilities", {"weights": VOTES}),
    "temperature": Example(((3,),), lambda z: _softmax(z / 2.5), "logits", {"temperature": 2.5}),
    "learned-temperature": Example(((3,),), _softmax, "logits", learned=lambda w, z: _softmax(z * np.exp(w["kernel"].item()))),
    "confidence-cascade": Example(((3,),) * 3, _first_sure, "probabilities", {"threshold": 0.8}),
    "class-order": Example(
        ((4,),), lambda p: np.stack([p[:, 2], 0 * p[:, 0], p[:, 0]], axis=1), "probabilities", {"order": (2, -1, 0)}
    ),
    "union": Example(((3,),) * 3, lambda *p: _shares(np.max(p, axis=0)), "probabilities"),
    "stacking": Example(((3,), (3,)), None, "logits", {"units": 4}, learned=_stacked),
    "mixture-of-experts": Example(((4,), (3,), (3,)), lambda seen, a, b: (a + b) / 2, learned=_experts),
    "boosting": Example(((3,),) * 3, lambda a, b, c: a + 0.3 * (b + c), options={"rate": 0.3}),
    "rank-average": Example(((4,),) * 3, _borda, "probabilities"),
    "flatten": Example(((2, 3),), lambda a: a.reshape(len(a), 6)),
    "reshape": Example(((6,),), lambda a: a.reshape(len(a), 2, 3), options={"shape": (2, 3)}),
    "spread": Example(((3,),), lambda a: np.tile(a[:, None, None], (1, 2, 4, 1)), options={"positions": (2, 4)}),
    "channel-repeat": Example(((2, 2, 1),), lambda a: np.repeat(a, 3, axis=3), options={"channels": 3}),
    "channel-mean": Example(((2, 2, 3),), lambda a: a.mean(axis=3, keepdims=True)),
    "channel-reverse": Example(((2, 2, 3),), lambda a: a[..., ::-1]),
    "resizing": Example(((2, 2, 1),), lambda a: np.repeat(np.repeat(a, 1, 1), 1, 2), options={"height": 2, "width": 2}),
    "global-average-pooling": Example(((4, 5, 3),), lambda a: a.mean(axis=(1, 2))),
    "layer-normalization": Example(
        ((8,),),
        lambda a: (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + 1e-3),
        learned=lambda w, a: (
            (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + 1e-3) * w["gamma"] + w["beta"]
        ),
    ),
    "rescale": Example(((2,),), lambda a: a * [2.0, 3.0] + [1.0, -1.0], options={"scale": (2.0, 3.0), "offset": (1.0, -1.0)}),
    "cast": Example(((3,),), lambda a: a.astype("int32"), options={"dtype": "int32"}),
    "softmax": Example(((3,),), _softmax, "logits"),
    "log": Example(((3,),), lambda a: np.log(np.clip(a, 1e-7, 1)), "probabilities"),
    "sigmoid": Example(((2,),), lambda a: 1 / (1 + np.exp(-a)), "logits"),
    "two-classes": Example(((1,),), lambda a: np.concatenate([1 - a, a], axis=1), "sigmoid"),
    "second-class": Example(((2,),), lambda a: a[:, 1:], "probabilities"),
    "shares": Example(((3,),), _shares, "sigmoid"),
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

    assert (example.learned is not None) == bool(model.weights)
    if example.learned is not None:
        model.set_weights([random.normal(size=weight.shape) for weight in model.weights])
        weights = {weight.path.removeprefix("the-node").lstrip("./"): weight.numpy() for weight in model.weights}
        np.testing.assert_allclose(model(arrays, training=False).numpy(), example.learned(weights, *arrays), atol=2e-5)


def test_resizing_is_bilinear() -> None:
    row = keras.ops.convert_to_tensor([[[[0.0], [4.0]]]])
    wide = OPERATORS["resizing"].apply([row], {"height": 1, "width": 4}, "node")
    np.testing.assert_allclose(np.ravel(wide), [0.0, 1.0, 3.0, 4.0], atol=1e-6)


def _given(name: str, *members: list[list[float]], **options: Any) -> np.ndarray:
    tensors = [keras.ops.convert_to_tensor(member, "float32") for member in members]
    return np.asarray(OPERATORS[name].apply(tensors, options, "node"))


@pytest.mark.parametrize(
    ("members", "winner"),
    [
        (([[0.6, 0.4, 0.0]], [[0.1, 0.9, 0.0]]), 1),
        (([[0.6, 0.4, 0.0]], [[0.4, 0.6, 0.0]]), 0),
        (([[0.0, 0.5, 0.5]], [[0.4, 0.3, 0.3]], [[0.4, 0.3, 0.3]]), 0),
        (([[0.4, 0.0, 0.6]], [[0.0, 0.4, 0.6]], [[1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]]), 0),
        (([[0.5, 0.5, 0.0]], [[0.5, 0.5, 0.0]]), 0),
    ],
)
def test_ties_of_a_vote_go_to_the_larger_sum_and_then_to_the_lowest_class(members: tuple[Any, ...], winner: int) -> None:
    np.testing.assert_array_equal(_given("majority-vote", *members), np.eye(3)[[winner]])


@pytest.mark.parametrize(("voters", "right"), [(3, 0.648), (5, 0.68256), (7, 0.710208)])
def test_a_majority_of_independent_voters_is_right_as_often_as_condorcet_says(voters: int, right: float) -> None:
    patterns = np.array(list(itertools.product([0, 1], repeat=voters)))
    chances = np.prod(np.where(patterns, 0.6, 0.4), axis=1)
    fused = _given("majority-vote", *(np.eye(2)[patterns[:, voter]].tolist() for voter in range(voters)))
    assert chances @ fused[:, 1] == pytest.approx(right, abs=1e-9)


def test_ties_of_a_rank_share_the_mean_rank() -> None:
    np.testing.assert_allclose(_given("rank-average", [[0.2, 0.2, 0.6]], [[0.1, 0.1, 0.1]]), [[3.5 / 12, 3.5 / 12, 5 / 12]])


def test_a_product_of_many_small_probabilities_does_not_vanish() -> None:
    logits = np.log([[1e-7, 2e-7, 1 - 3e-7]])
    np.testing.assert_allclose(
        _given("product", *([logits[:, :2].tolist()] * 16)), [[1 / (1 + 2**16), 2**16 / (1 + 2**16)]], rtol=1e-4
    )


def test_a_gated_unit_starts_with_equal_gates() -> None:
    inputs = [keras.Input((3,)), keras.Input((4,)), keras.Input((2,))]
    fused = keras.Model(inputs, OPERATORS["gated-multimodal-unit"].apply(inputs, {"units": 5}, "node"))
    arrays = [np.random.default_rng(place).normal(size=(6, width)).astype("float32") for place, width in enumerate((3, 4, 2))]
    hidden = [fused.get_layer(f"node.hidden-{number}")(array).numpy() for number, array in enumerate(arrays, 1)]
    np.testing.assert_allclose(fused(arrays).numpy(), np.mean(hidden, axis=0), atol=1e-6)


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
        ("logit-average", [Signal((3,), kind="probabilities")] * 2, {}, "Logits are needed; received probabilities"),
        ("trimmed-mean", [Signal((3,))] * 4, {"cut": 2}, "Choose 5 members or more"),
        ("majority-vote", [Signal((3,), kind="logits")] * 2, {}, "takes class probabilities; received logits"),
        ("bilinear", [Signal((9000,)), Signal((9000,))], {"units": 1}, "81,000,000 weights"),
        ("tensor-fusion", [Signal((300,)), Signal((300,))], {}, "90,601 entries; up to 65,536 are built. Use low-rank"),
        ("weighted-vote", [Signal((3,), kind="probabilities")] * 2, {"weights": (1, 2, 3)}, "2 members is needed; received 3"),
        ("weighted-vote", [Signal((3,), kind="probabilities")] * 2, {"weights": (0, 0)}, "not all 0"),
        ("temperature", [Signal((3,), kind="probabilities")], {"temperature": 2}, "takes logits; received probabilities"),
        ("temperature", [Signal((3,), kind="logits")], {"temperature": 0}, "“temperature” of temperature"),
        ("class-order", [Signal((3,), kind="logits")], {"order": (0, -1)}, "has no logit"),
        ("class-order", [Signal((3,), kind="probabilities")], {"order": (0, 3)}, "each of 3 places once at most"),
        ("class-order", [Signal((3,), kind="probabilities")], {"order": (0, 0)}, "each of 3 places once at most"),
        ("union", [Signal((3,), kind="logits")] * 2, {}, "received logits"),
        ("confidence-cascade", [Signal((1,), kind="sigmoid")] * 2, {}, "received sigmoid"),
        ("mixture-of-experts", [Signal((3,))] * 2, {}, "received 2 inputs in all"),
        ("mixture-of-experts", [Signal((3,))] * 4, {"top_k": 1}, "cannot learn"),
        ("boosting", [Signal((3,), kind="probabilities")] * 2, {}, "received probabilities"),
        ("cross-attention", [Signal((4, 3)), Signal((1, 3))], {}, "2 tokens or more, each a list of numbers; received 1 × 3"),
        ("cross-attention", [Signal((4, 3)), Signal((8,))], {}, "received 8 numbers"),
        ("cross-attention", [Signal((2000, 3)), Signal((3000, 3))], {}, "6,000,000 pairs"),
        ("residual-adapter", [Signal((224, 224, 3)), Signal((512,))], {}, "77,070,336 weights"),
        ("residual-adapter", [Signal((None, 3)), Signal((5,))], {}, "any length × 3"),
        ("tanh-gate", [Signal((3,)), Signal((3, 2))], {}, "takes vectors; received 3 × 2"),
        ("flatten", [Signal((None, 3))], {}, "any length × 3"),
    ],
)
def test_what_does_not_fit_is_refused_before_keras_would_let_it_through(
    name: str, signals: list[Signal], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(Refusal) as refusal:
        OPERATORS[name].infer(signals, options)
    assert words in refusal.value.sentence
