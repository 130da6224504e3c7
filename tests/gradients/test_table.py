from __future__ import annotations

import csv
import io
import json

import keras
import numpy as np
import pytest

from components.gradients.measure import measure
from components.gradients.model_explorer import node_data
from components.gradients.report import Fork
from components.gradients.table import COLUMNS, members_csv, paths_csv, rows, to_csv
from components.gradients.tones import contrast
from tests.gradients.fused import batch, branch, recipe

L = keras.layers


def layouts() -> list[tuple[object, keras.Model]]:
    x = keras.Input((6,), name="x")
    one, two = branch("one"), branch("two")
    two.trainable = False
    side_by_side = keras.Model(x, L.Average()([one(x), two(x)]))
    joined = L.Dense(3, name="head")(L.Concatenate()([one(x), two(x)]))
    names = ("one", "two")
    return [(recipe(*names, layout="average"), side_by_side), (recipe(*names, layout="concatenate"), keras.Model(x, joined))]


def loss_of(model: keras.Model) -> keras.losses.Loss:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=model.output_names == ["head"])


def test_the_norm_of_the_weights_is_that_of_the_layers_own() -> None:
    [(chosen, model), _] = layouts()
    report = measure(chosen, model, *batch(), loss_of(model))
    head = model.get_layer("one").get_layer("one.head")
    [weight] = [layer.weight for layer in report.layers if layer.layer == "one.head"]
    assert weight == pytest.approx(np.linalg.norm(np.concatenate([part.ravel() for part in head.get_weights()])), rel=1e-6)


def test_the_table_says_not_available_where_nothing_was_measured() -> None:
    inputs, target = batch()
    reports = [measure(chosen, model, inputs, target, loss_of(model)) for chosen, model in layouts()]
    table = list(csv.DictReader(io.StringIO(to_csv(reports))))
    assert tuple(table[0]) == COLUMNS and len(table) == sum(len(report.layers) for report in reports)
    frozen = [row for row in table if row["verdict"] == "frozen"]
    assert frozen and all((row["norm"], row["ratio"], row["member"]) == ("n/a", "n/a", "two") for row in frozen)
    assert table[-1]["member"] == "fused"
    for row, layer in zip(rows(reports[0]), reports[0].layers, strict=True):
        if layer.norm is not None:
            assert row["ratio"] == pytest.approx(layer.norm / layer.weight)


def test_members_and_paths_have_tables_of_their_own() -> None:
    inputs, target = batch()
    [(chosen, model), _] = layouts()
    fork = Fork(member="one", layer="one.head", paths=("one", "join"), cosine=None)
    report = measure(chosen, model, inputs, target, loss_of(model)).model_copy(update={"forks": (fork,)})
    members = list(csv.DictReader(io.StringIO(members_csv([chosen], [report]))))
    assert [(line["layout"], line["member"], line["predicted"]) for line in members] == [
        ("average", "one", "0.5"),
        ("average", "two", "0.5"),
    ]
    assert [float(line["measured"]) for line in members] == pytest.approx([0.5, 0.5]), "the end of a frozen branch too"
    assert [line["share"] for line in members] == ["1.0", "n/a"]
    assert paths_csv([report]) == "layout,member,layer,first,second,cosine\naverage,one,one.head,one,join,n/a\n"


def test_node_data_for_model_explorer_has_a_value_and_readable_colours_for_each_layer_with_a_gradient() -> None:
    inputs, target = batch()
    [(chosen, model), _] = layouts()
    report = measure(chosen, model, inputs, target, loss_of(model))
    data = json.loads(node_data(report))
    assert data["results"].keys() == {"one.dense-1", "one.head"}, "the frozen member has none"
    norms = {layer.layer: layer.norm for layer in report.layers}
    for name, result in data["results"].items():
        assert result["value"] == norms[name]
        assert contrast(result["bgColor"], result["textColor"]) >= 4.5
