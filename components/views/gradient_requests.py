"""Gradient reports from the workers: a layout is measured once, and several by several workers at the same time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import streamlit as st

from components.gradients.probing import Probing
from components.gradients.report import GradientReport
from components.recipe import Recipe
from components.views.services import engine, status


def gradients(recipes: Sequence[Recipe], probing: Probing) -> tuple[GradientReport, ...]:
    """The gradient report of each recipe on the same probe batch; those that were measured before are not measured again.

    Raises:
        Refusal: when one of the recipes cannot be measured.
    """
    asked = [_question(recipe) for recipe in recipes]
    places = [_place(question, probing.model_dump_json()) for question in asked]
    missing = [index for index, place in enumerate(places) if not place]
    workers = max(1, status().workers)

    def measure(part: Sequence[int]) -> None:
        found = engine().request(
            "gradients", recipes=[json.loads(asked[index]) for index in part], probing=probing.model_dump(mode="json")
        )
        for index, report in zip(part, found, strict=True):
            places[index].append(GradientReport.model_validate(report))

    # Each worker takes a part at once, in which the layouts share one forward pass through the members.
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(measure, filter(None, (missing[first::workers] for first in range(workers)))))
    return tuple(place[0] for place in places)


@st.cache_resource(show_spinner=False, max_entries=256)
def _place(question: str, probing: str) -> list[GradientReport]:
    """Where the answer to a question is kept; empty until it is there."""
    return []


def _question(recipe: Recipe) -> str:
    """The recipe as JSON, without what plays no part; training settings do, since the optimizer's step depends on them."""
    return recipe.model_dump_json(exclude={"name": True, "training": {"epochs": True, "patience": True}})
