"""Two real members and the digits, opened once for the tests of all layouts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.data.binding import propose
from components.data.examples import example_facts
from components.data.load import load_samples
from components.data.samples import Samples
from components.fusion.layouts import LAYOUTS
from components.models.facts import MemberFacts
from components.models.intake import build_member, open_member, open_source
from components.recipe import Member, Recipe

FILES = ("digits-mlp-keras2.15.0.h5", "digits-cnn-logits-keras3.3.3.keras")

# Cross-attention needs members that give several tokens, and these two give vectors.
MEETING = [name for name, layout in LAYOUTS.items() if layout.fewest == 2 and name != "cross-attention"]
"""Layouts in which these two members meet."""


@dataclass(frozen=True)
class Opened:
    """A recipe without a graph, what is known of its members, their models, and the bound digits."""

    recipe: Recipe
    facts: dict[str, MemberFacts]
    models: dict[str, Any]
    samples: Samples


def open_digits(files: Path, folder: Path) -> Opened:
    facts, models, members = {}, {}, []
    for name, file in zip(("mlp", "cnn"), FILES, strict=True):
        facts[name] = open_member(files / file, file, folder / f"{name}.keras")
        models[name] = build_member(open_source(folder / f"{name}.keras"))[0]
        scaling = "unit" if name == "cnn" else "none"
        members.append(
            Member(name=name, sha256=facts[name].sha256, file_name=file, cut_layer=facts[name].cut_layer, scaling=scaling)
        )
    data = propose(example_facts("digits"), list(facts.values()))
    return Opened(Recipe(members=tuple(members), data=data), facts, models, load_samples(data, None))
