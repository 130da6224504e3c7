"""A recipe in words: its members, its data and its settings."""

from __future__ import annotations

from collections.abc import Mapping

from components.data.wording import listed
from components.models.facts import MemberFacts
from components.recipe import Member, Recipe, Training
from components.recipe.document import RARELY_USED
from components.recipe.wording import shown


def frozen_note(member: Member) -> str:
    """What of a member is trained, in a word or two."""
    if member.frozen:
        return "frozen"
    count = len(member.frozen_layers)
    trained = f"{count} {'layer' if count == 1 else 'layers'} frozen" if count else "trained"
    return trained if member.rate == 1 else f"{trained}, rate × {member.rate:g}"


def member_rows(recipe: Recipe, facts: Mapping[str, MemberFacts]) -> list[list[str]]:
    """A line for each member: name, file, number of weights, what of it is trained and at which rate of its own, where it is
    cut, its inputs' scaling."""
    return [
        [
            shown(member.name),
            shown(member.file_name),
            f"{facts[member.name].parameters:,}" if member.name in facts else "–",
            frozen_note(member),
            shown(member.cut_layer or "–"),
            member.scaling,
        ]
        for member in recipe.members
    ]


def data_words(recipe: Recipe) -> dict[str, str]:
    """The dataset, what feeds the model, what is predicted, and how it is split."""
    data = recipe.data
    if data is None:
        return {}
    split = data.split
    shares = [f"{share:.0%} {name}" for name in ("validation", "test", "calibration") if (share := getattr(split, name))]
    drawn = (
        f"by group “{shown(split.group)}”" if split.group else f"in the order of “{shown(split.order)}”" if split.order else ""
    )
    return {
        "Dataset": shown(data.file_name),
        "Inputs": "; ".join(
            f"{each.name} {' × '.join(str(axis or 'any') for axis in each.shape)} of {listed(each.columns or (each.array,))}"
            for each in data.inputs
        ),
        "Target": f"{shown(data.target.name)}, {data.target.task}"
        + (f", {len(data.target.classes)} classes: {listed(data.target.classes)}" if data.target.classes else ""),
        "Split": f"{', '.join(shares)}, {drawn or f'seed {split.seed}'}",
    }


def training_words(recipe: Recipe) -> dict[str, str]:
    """The settings of the run by their descriptions; of those rarely used, the ones that are not as usual."""
    usual = Training()
    words = {"Seed": str(recipe.seed)}
    for name, field in Training.model_fields.items():
        value = getattr(recipe.training, name)
        if field.json_schema_extra != RARELY_USED or value != getattr(usual, name):
            words[field.description or name] = f"{value:g}" if isinstance(value, float) else str(value)
    return words
