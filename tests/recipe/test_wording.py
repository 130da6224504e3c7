from __future__ import annotations

import unicodedata

import pytest

from components.recipe.wording import shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hidden layer", "hidden layer"),
        ("Größe", "Größe"),
        ("a\nb\x1b[31mc\x00", "a b [31mc"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        (17, "17"),
    ],
)
def test_a_foreign_name_stands_on_one_line_and_stays_short(name: object, expected: str) -> None:
    assert shown(name) == expected


def test_no_control_or_direction_character_is_ever_shown() -> None:
    every = "".join(map(chr, range(0x3000)))
    left = {character for start in range(0, len(every), 60) for character in shown(every[start : start + 60])}
    assert {unicodedata.category(character) for character in left - {" "}}.isdisjoint(
        {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}
    )
