"""The cosine between what the paths from a shared trunk send up, against tapes of their own and NumPy."""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from components.engine.loading import Loader
from components.fusion.build import build
from components.gradients.measure import measure
from components.gradients.probe_batch import probe_rows
from components.gradients.report import Fork
from components.recipe import AdapterNode, FusionGraph, InputNode, MemberNode, OperatorNode, OutputNode, Recipe
from tests.gradients.fused import L, recipe
from tests.gradients.shelf import Shelf
from tests.gradients.test_identities import WINE, linear, tanh_member

MEAN_SQUARED = keras.losses.MeanSquaredError()


def cosine(one: Any, other: Any) -> float:
    one, other = (np.ravel(each).astype(np.float64) for each in (one, other))
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def trunk_of(name: str, outputs: int) -> keras.Model:
    """A member that gives its features, and behind them its prediction."""
    x = keras.Input((3,))
    features = L.Dense(4, activation="tanh", name=f"{name}.features")(x)
    prediction = L.Dense(1, name=f"{name}.out")(L.Dense(3, name=f"{name}.more")(features))
    return keras.Model(x, [features, prediction][:outputs], name=name)


def sent_up(paths: dict[str, Any], features: np.ndarray, loss_of: Any) -> dict[str, np.ndarray]:
    """What each path sends up, with the tensor held fixed for all the others; `loss_of` takes what each path gives."""
    found = {}
    for own in paths:
        with tf.GradientTape() as tape:
            trunk = tf.constant(features)
            tape.watch(trunk)
            parts = [path(trunk if name == own else tf.stop_gradient(trunk)) for name, path in paths.items()]
            loss = loss_of(parts)
        found[own] = tape.gradient(loss, trunk).numpy()
    return found


def test_each_pair_of_paths_has_the_cosine_of_two_losses_apart() -> None:
    """A member's own rest and four operations read one tensor."""
    keras.utils.set_random_seed(0)
    x = keras.Input((3,), name="x")
    member = trunk_of("one", 2)
    features, prediction = member(x)
    readers = [L.Dense(1, activation="tanh", name=f"join.part-{number}") for number in range(4)]
    model = keras.Model(x, L.Add(name="join")([prediction, *(reader(features) for reader in readers)]))
    rows = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    target = np.random.default_rng(1).normal(size=(16, 1)).astype("float32")
    report = measure(recipe("one"), model, {"x": rows}, target, MEAN_SQUARED)
    rest = [member.get_layer(f"one.{name}") for name in ("more", "out")]
    paths = {"one": lambda h: rest[1](rest[0](h)), **{reader.name: reader for reader in readers}}
    up = sent_up(paths, np.asarray(member(rows)[0]), lambda parts: tf.reduce_mean(tf.square(tf.add_n(parts) - target)))
    found = {fork.paths: fork.cosine for fork in report.forks}
    expected = {pair: cosine(up[pair[0]], up[pair[1]]) for pair in itertools.combinations(paths, 2)}
    assert {frozenset(pair): value for pair, value in found.items()} == pytest.approx(
        {frozenset(pair): value for pair, value in expected.items()}, abs=1e-6
    )
    assert {(fork.member, fork.layer) for fork in report.forks} == {("one", "one.features")}
    assert min(expected.values()) < 0 < max(expected.values())


def test_a_layout_whose_operations_read_the_features_twice_tells_of_each_member(shelf: Shelf) -> None:
    members = shelf.open(tanh_member("red", 1), tanh_member("white", 2), scaling="standard")
    planned = shelf.recipe("bilinear", members, shelf.bind(members, WINE), units=5)
    report = shelf.reports([planned])["bilinear"]
    loader = Loader(shelf.files)
    fused = build(planned, loader.models(planned))
    samples, splits = loader.samples(planned)
    rows = splits.training[probe_rows(len(splits.training))]
    red, white = keras.Model(fused.input, fused.get_layer("bilinear.all").input)(samples.inputs["x"][rows])
    layer = {name: fused.get_layer(name) for name in ("bilinear.linear", "bilinear.form-2", "bilinear.matrix-2", "head")}

    def joined(parts: list[Any]) -> Any:
        beside, rows_of = parts
        pairs = tf.einsum("buw,bw->bu", layer["bilinear.matrix-2"](layer["bilinear.form-2"](rows_of)), white)
        given = layer["head"](layer["bilinear.linear"](tf.concat([beside, white], axis=1)) + pairs)
        return keras.losses.SparseCategoricalCrossentropy()(samples.target[rows], given)

    up = sent_up({"bilinear.all": tf.identity, "bilinear.form-2": tf.identity}, red.numpy(), joined)
    found = {fork.member: fork for fork in report.forks}
    assert set(found["red"].paths) == set(up) and found["red"].layer == "red.dense"
    assert found["red"].cosine == pytest.approx(cosine(*up.values()), abs=1e-5)
    assert set(found["white"].paths) == {"bilinear.all", "bilinear.pairs-2"} and set(found) == {"red", "white"}


@pytest.mark.parametrize(("operator", "expected"), [("add", 1.0), ("subtract", -1.0)])
def test_adding_pulls_one_way_and_subtracting_against(operator: str, expected: float, shelf: Shelf) -> None:
    """∂(f + f) has the parts (1, 1), ∂(f − f) has (1, −1)."""
    table = shelf.files.home / "numbers.csv"
    table.write_text("\n".join(["a,y", *(f"{a:.3f},{b:.3f}" for a, b in np.random.default_rng(0).normal(size=(20, 2)))]))
    members = shelf.open(linear("one", 2.0))
    nodes = [
        InputNode(id="x", shape=(1,)),
        MemberNode(id="one", member="one", inputs=("x",)),
        OperatorNode(id=operator, operator=operator, options={"units": 1}, inputs=("one", "one")),
        OutputNode(id="prediction", inputs=(operator,)),
    ]
    own, data = tuple(member for member, _ in members), shelf.bind(members, table, "y")
    edited = Recipe(name=operator, members=own, data=data, graph=FusionGraph(nodes=tuple(nodes)))
    [fork] = shelf.reports([edited])[operator].forks
    assert fork.paths == (f"{operator}.projection-1", f"{operator}.projection-2")
    assert fork.cosine == pytest.approx(expected, abs=1e-6)


def test_an_adapter_is_one_path_and_a_gate_that_starts_at_zero_sends_nothing(shelf: Shelf) -> None:
    members = shelf.open(tanh_member("red", 1), tanh_member("white", 2), scaling="standard")
    data = shelf.bind(members, WINE)
    gate = shelf.recipe("mixture-of-experts", members, data, sees="features")
    asked = [gate, shelf.recipe("average", members, data), shelf.recipe("confidence-cascade", members, data)]
    reports = shelf.reports(asked)
    assert reports["mixture-of-experts"].forks == tuple(
        Fork(member=name, layer=f"{name}.dense", paths=(name, "seen-by-the-gate"), cosine=None) for name in ("red", "white")
    )
    assert reports["average"].forks == reports["confidence-cascade"].forks == ()
    nodes = [node for node in asked[1].graph.nodes if node.id != "average" and node.kind != "output"]
    nodes += [
        AdapterNode(id="shares-red", operator="shares", reason="as a test", inputs=("red",)),
        OperatorNode(id="average", operator="average", inputs=("red", "shares-red", "white")),
        OutputNode(id="prediction", inputs=("average",)),
    ]
    twice = asked[1].model_copy(update={"graph": FusionGraph(nodes=tuple(nodes))})
    [fork] = shelf.reports([twice])["average"].forks
    assert fork.member == "red" and set(fork.paths) == {"average", "shares-red"}
