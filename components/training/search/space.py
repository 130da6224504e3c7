"""Which settings can be searched, and the recipe of one combination of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError

from components.data.facts import Bound
from components.data.wording import listed
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plan
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal, Training
from components.recipe.search import Over, Search, Setting

LAYOUT = "layout"


def check(search: Search) -> None:
    """Refuses a search over what is no setting.

    Raises:
        Refusal: when nothing is called so, or has other values.
    """
    options = {name for layout in LAYOUTS.values() for name in layout.options.model_fields}
    for over in search.over:
        if over.name not in {LAYOUT, *Training.model_fields, *options}:
            raise Refusal(
                f"No setting is called {listed([over.name])}. Search over layout, {', '.join(Training.model_fields)}, or an "
                f"option of a layout: {', '.join(sorted(options))}."
            )
        if over.name == LAYOUT and not set(over.values) <= set(LAYOUTS):
            raise Refusal(f"No layout is called {listed(str(each) for each in over.values if each not in LAYOUTS)}.")
        for value in over.values or points(over, 2):
            if over.name in Training.model_fields:
                _training(Training(), {over.name: value})


def is_whole(name: str) -> bool:
    """Whether a setting takes whole numbers alone."""
    kinds = [model.model_fields[name].annotation for model in _models() if name in model.model_fields]
    return bool(kinds) and all(kind is int for kind in kinds)


def combinations(search: Search) -> list[dict[str, Setting]]:
    """All combinations of a grid, the last setting changing first; the points of a range are evenly spread over its scale."""
    values = [over.values or points(over, search.points) for over in search.over]
    return [dict(zip((over.name for over in search.over), each, strict=True)) for each in itertools.product(*values)]


def points(over: Over, count: int) -> tuple[Setting, ...]:
    """The points of a range, its ends among them, rounded to three digits; of whole numbers each once."""
    found = [float(f"{value:.3g}") for value in np.geomspace(over.low or 1, over.high or 1, count)]
    return tuple(dict.fromkeys(round(value) for value in found)) if is_whole(over.name) else tuple(found)


def chosen(recipe: Recipe, values: Mapping[str, Setting]) -> Recipe:
    """The recipe of one combination, its graph yet to be written; what a layout has no option for changes nothing.

    Raises:
        Refusal: when a setting cannot have this value.
    """
    layout = str(values.get(LAYOUT, recipe.layout or "")) or None
    training = _training(recipe.training, {name: value for name, value in values.items() if name in Training.model_fields})
    options = dict(recipe.options) if layout == recipe.layout else {}
    if layout is not None:
        options |= {name: value for name, value in values.items() if name in LAYOUTS[layout].options.model_fields}
    graph = recipe.graph if layout is None else None
    return recipe.model_copy(
        update={"layout": layout, "options": options, "training": training, "search": None, "graph": graph}
    )


def variant(recipe: Recipe, values: Mapping[str, Setting], facts: Mapping[str, MemberFacts], bound: Bound) -> Recipe:
    """The recipe of one combination, with its graph.

    Raises:
        Refusal: when the layout does not fit, or a setting cannot have this value.
    """
    found = chosen(recipe, values)
    if found.layout is None or found.data is None:
        return found
    members = [(member, facts[member.name]) for member in found.members]
    return found.model_copy(update={"graph": plan(found.layout, found.options, members, found.data, bound).graph})


def _training(training: Training, changes: dict[str, Any]) -> Training:
    try:
        return Training(**{**dict(training), **changes})
    except ValidationError as error:
        told = ", ".join(f"{name} = {value}" for name, value in changes.items())
        raise Refusal(f"The training settings cannot have {told[:200]}.", str(error)) from None


def _models() -> Sequence[Any]:
    return [Training, *(layout.options for layout in LAYOUTS.values())]
