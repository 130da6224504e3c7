"""A member's facts in words, and the comparison's table and verdict."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from components.models.comparison import Distance, align
from components.models.facts import LayerRow
from components.views.member_comparison import layer_table, safe_csv, verdict
from components.views.member_words import cost, fact_table, large, memory
from tests.views.invented import FACTS


def row(name: str, **changes: object) -> LayerRow:
    return LayerRow(name=name, kind="Dense", shape=(3,), parameters=12, trainable=True).model_copy(update=changes)


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0"), (999_999, "999,999"), (601_600_000, "602 million"), (7_764_221_808, "7.76 billion")]
)
def test_large_numbers(number: int, words: str) -> None:
    assert large(number) == words


@pytest.mark.parametrize(("count", "words"), [(680, "680 bytes"), (16_640, "16.6 KB"), (102_546_848, "103 MB")])
def test_memory(count: int, words: str) -> None:
    assert memory(count) == words


def test_what_an_earlier_version_did_not_measure_is_left_out() -> None:
    assert cost(FACTS) == "multiclass"
    table = fact_table(FACTS)
    assert "Operations for one sample" not in table and table["Weights that are no numbers"] == "none"
    measured = FACTS.model_copy(
        update={"operations": 8320, "weight_bytes": 16640, "finite": False, "not_finite": tuple(f"l{n}" for n in range(14))}
    )
    table = fact_table(measured, ("cat", "dog"), datetime(2026, 3, 1, 9, 5, tzinfo=UTC))
    assert cost(measured) == "multiclass · 8,320 operations a sample · 16.6 KB of weights"
    assert table["Operations for one sample"] == "8,320 (a multiply-add is 2; an axis of any length counts as 1)"
    assert table["Weights that are no numbers"].endswith("l10, l11 and 2 more")
    assert (table["Classes"], table["Brought"]) == ("cat, dog", "2026-03-01 09:05")


def test_the_verdict_says_what_is_the_same() -> None:
    one = (row("a"), row("b"))
    same = align(one, one)
    equal, apart = Distance(cosine=1.0, distance=0.0), Distance(cosine=0.5, distance=1.0)
    assert verdict(same, [equal, equal]) == "**The same architecture.** **The same weights** in all 2 layers that have any."
    assert verdict(same, [equal, apart]).endswith("1 of 2 comparable layers have the same weights.")
    other = align(one, (row("a", activation="relu"),))
    assert verdict(other, [apart, Distance()]).startswith(
        "**Different architectures.** Of 2 layers 1 stand in one member alone and 1 differ."
    )


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    pairs = align((row("=1+1"), row("b", activation="relu")), (row("b"),))
    text = safe_csv(layer_table(pairs, [Distance(), Distance(cosine=0.25, distance=2.0)]))
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["layer 1"], first["layer 2"], first["differs"]) == ("'=1+1", "", "only in the first")
    assert (second["differs"], second["cosine"], second["relative distance"]) == ("activation", "0.25", "2.0")
