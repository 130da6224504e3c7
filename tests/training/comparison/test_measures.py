"""Measures of a comparison against numbers worked out by hand, axioms, and scikit-learn."""

import csv
import io
import itertools
import math

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from components.training.comparison.diversity import oracle, pairs
from components.training.comparison.report import ComparedPoint, Contender, Reliance
from components.training.comparison.shapley import coalitions, left_out, shapley
from components.training.comparison.tables import curves_csv, leaderboard_csv, members_csv, pairs_csv

GLOVES = {coalition: float({0, 1} <= coalition or {0, 2} <= coalition) for coalition in coalitions(3)}
"""One left glove and two right ones: a pair is worth 1. Worked out in many a textbook: 2/3, 1/6, 1/6."""


def test_the_glove_game():
    assert shapley(3, GLOVES) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert left_out(3, GLOVES) == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("members", [1, 2, 4])
def test_shapley_values_are_efficient_symmetric_additive_and_those_of_all_orders(members):
    random = np.random.default_rng(members)
    value, other = ({each: float(random.normal()) for each in coalitions(members)} for _ in range(2))
    found = shapley(members, value)
    everyone, nobody = frozenset(range(members)), frozenset()
    assert sum(found) == pytest.approx(value[everyone] - value[nobody])
    orders = list(itertools.permutations(range(members)))
    for member in range(members):
        gains = [
            value[frozenset(order[: order.index(member) + 1])] - value[frozenset(order[: order.index(member)])]
            for order in orders
        ]
        assert found[member] == pytest.approx(sum(gains) / math.factorial(members))
    both = shapley(members, {each: value[each] + other[each] for each in value})
    assert both == pytest.approx([a + b for a, b in zip(found, shapley(members, other), strict=True)])
    by_size = shapley(members, {each: float(len(each)) ** 2 for each in value})
    assert by_size == pytest.approx([members] * members)


def test_a_member_that_adds_nothing_is_worth_nothing():
    value = {each: float(0 in each) for each in coalitions(3)}
    assert shapley(3, value) == pytest.approx([1, 0, 0])


def test_pairs_are_those_of_the_table_of_right_and_wrong():
    # 5 of which both are right, 2 the first alone, 1 the second alone, 2 neither.
    one = np.array([1] * 7 + [0] * 3, bool)
    other = np.array([1] * 5 + [0] * 2 + [1] + [0] * 2, bool)
    [pair] = pairs({"a": one, "b": other})
    (neither, only_other), (only_one, both) = confusion_matrix(one, other)
    assert (both, only_one, only_other, neither) == (5, 2, 1, 2)
    assert (pair.disagreement, pair.double_fault, pair.q) == (0.3, 0.2, pytest.approx((5 * 2 - 2 * 1) / (5 * 2 + 2 * 1)))
    assert oracle({"a": one, "b": other}) == 0.8


def test_q_is_one_for_equal_members_minus_one_for_opposite_ones_and_nothing_where_nobody_errs():
    right = np.array([1, 1, 0, 0], bool)
    found = [pairs({"a": right, "b": other})[0].q for other in (right, ~right, np.ones(4, bool))]
    assert found == [1.0, -1.0, None]


def test_tables_hold_all_digits_and_empty_cells_for_what_is_not_known():
    relied = Reliance(member="a", left_out=0.1, shapley=1 / 3, noisy=(0.9, 0.8, 0.7))
    rows = (
        Contender(
            name="add", title="Add", kind="layout", score=2 / 3, reliance=(relied, Reliance(member="b", left_out=0, shapley=0))
        ),
        Contender(name="b", title="=b,c", kind="member", note="It says nothing."),
    )
    read = {
        "leaderboard": leaderboard_csv(rows, "regression"),
        "members": members_csv(rows),
        "pairs": pairs_csv(pairs({"a": np.array([True, False]), "b": np.array([True, True])})),
        "curves": curves_csv([ComparedPoint(contender="add", seed=1, epoch=0.5, loss=float("nan"), metric=0.1)]),
    }
    found = {name: list(csv.DictReader(io.StringIO(text))) for name, text in read.items()}
    assert [(row["name"], row["title"], row["r2"]) for row in found["leaderboard"]] == [
        ("add", "Add", str(2 / 3)),
        ("b", "=b,c", ""),
    ]
    assert [tuple(row.values()) for row in found["members"]] == [
        ("add", "a", str(1 / 3), "0.1", "0.9", "0.8", "0.7"),
        ("add", "b", "0.0", "0.0", "", "", ""),
    ]
    assert [(row["first"], row["disagreement"], row["q"]) for row in found["pairs"]] == [("a", "0.5", "")]
    assert found["curves"] == [{"contender": "add", "seed": "1", "epoch": "0.5", "loss": "nan", "metric": "0.1"}]
