from __future__ import annotations

from components.recipe import Member, Recipe
from components.views.recipe_words import member_rows


def test_what_of_a_member_is_trained_and_how_fast():
    settings = ({}, {"frozen": True, "rate": 0.1}, {"rate": 0.1}, {"frozen_layers": ("dense",), "rate": 10})
    members = [Member(name=f"m{n}", sha256="0" * 64, file_name=f"m{n}.keras", **given) for n, given in enumerate(settings)]
    rows = member_rows(Recipe(members=tuple(members)), {})
    assert [row[3] for row in rows] == ["trained", "frozen", "trained, rate × 0.1", "1 layer frozen, rate × 10"]
    assert rows[0] == ["m0", "m0.keras", "–", "trained", "–", members[0].scaling]
