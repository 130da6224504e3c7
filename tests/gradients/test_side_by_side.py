"""Layouts measured together against each one measured alone, over the whole registry."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest

from components.data.bound import bind
from components.fusion.build import build
from components.fusion.build_side_by_side import build_side_by_side
from components.fusion.plan import plan
from components.gradients.measure import measure
from components.gradients.report import GradientReport
from components.gradients.side_by_side import Aim, measure_side_by_side
from components.recipe import Recipe
from components.training.losses import objectives
from tests.gradients.digits import MEETING, Opened

NAMES = ("norm", "weight", "update", "activation", "dead")


@dataclass(frozen=True)
class Both:
    """Reports of layouts measured together, and what measures one of them alone."""

    together: dict[str, GradientReport]
    alone: Callable[[str], GradientReport]


def measured(opened: Opened, layouts: list[str], **changes: Any) -> Both:
    members = tuple(member.model_copy(update=changes) for member in opened.recipe.members)
    known = [(member, opened.facts[member.name]) for member in members]
    data = opened.recipe.data
    recipes = {
        layout: Recipe(members=members, data=data, layout=layout, graph=plan(layout, {}, known, data, bind(data, None)).graph)
        for layout in layouts
    }
    inputs = {name: array[:32] for name, array in opened.samples.inputs.items()}

    def aim(layout: str, model: keras.Model) -> Aim:
        goals = objectives(recipes[layout], model)
        return Aim([goal.target(opened.samples.target[:32]) for goal in goals], [goal.weighted_loss for goal in goals])

    def alone(layout: str) -> GradientReport:
        model = build(recipes[layout], opened.models)
        return measure(recipes[layout], model, inputs, aim(layout, model).target, aim(layout, model).loss)

    built = build_side_by_side(list(recipes.values()), opened.models)
    before = [np.array(weight.numpy()) for model in built.models for weight in model.variables]
    reports = measure_side_by_side(list(recipes.values()), built, inputs, list(map(aim, recipes, built.models)))
    after = [weight.numpy() for model in built.models for weight in model.variables]
    assert all(one.tobytes() == other.tobytes() for one, other in zip(before, after, strict=True))
    return Both(dict(zip(recipes, reports, strict=True)), alone)


@pytest.fixture(scope="module")
def free(opened: Opened) -> Both:
    return measured(opened, MEETING)


@pytest.mark.parametrize("layout", MEETING)
def test_a_layout_among_all_others_is_measured_as_it_is_alone(layout: str, free: Both) -> None:
    agree(free.together[layout], free.alone(layout))


def test_it_does_not_matter_which_layout_comes_first(opened: Opened) -> None:
    """The first pass through the members is taken by layouts that train more of them than the one which made it."""
    both = measured(opened, ["concatenate", "average"])
    agree(both.together["average"], both.alone("average"))
    assert all(layer.norm for layer in both.together["average"].layers)


def test_frozen_members_take_part_alike(opened: Opened) -> None:
    both = measured(opened, ["concatenate", "average", "tanh-gate"], frozen=True)
    for layout, report in both.together.items():
        agree(report, both.alone(layout))


def agree(found: GradientReport, expected: GradientReport) -> None:
    words = [[(layer.layer, layer.member, layer.verdict) for layer in report.layers] for report in (found, expected)]
    assert words[0] == words[1] and found.summary == expected.summary
    largest = max(numbers(expected).values())
    assert numbers(found) == pytest.approx(numbers(expected), rel=1e-6, abs=1e-8 * largest)


def numbers(report: GradientReport) -> dict[Any, float]:
    """All that was measured. Keras counts operations without a name over the whole process."""
    layers = {(layer.layer, name): getattr(layer, name) for layer in report.layers for name in NAMES}
    edges: dict[Any, float] = {}
    for edge in report.edges:
        key = tuple(name if "." in name else re.sub(r"_\d+$", "", name) for name in (edge.source, edge.target))
        edges[key] = math.hypot(edges.get(key, 0.0), edge.norm)
    forks = {("fork", fork.member, fork.layer, *fork.paths): fork.cosine for fork in report.forks}
    every = {**layers, **edges, **report.ends, **report.routes, **forks, "loss": report.loss}
    return {name: value for name, value in every.items() if value is not None}
