"""What theory says of a layout's gradient, beside what was measured. Without Keras."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from components.gradients.report import GradientReport
from components.recipe import Recipe

Routes = dict[str, float]


@dataclass(frozen=True)
class Prediction:
    """The part of the output's gradient that branches get, by member; `at_start` where it holds before the first step alone."""

    routes: Routes
    at_start: bool = False


def _average(recipe: Recipe) -> Prediction:
    return Prediction({member.name: 1 / len(recipe.members) for member in recipe.members})


def _weighted_average(recipe: Recipe) -> Prediction:
    weights = recipe.options.get("weights") or [1.0] * len(recipe.members)
    routes = {member.name: weight / sum(weights) for member, weight in zip(recipe.members, weights, strict=True)}
    return Prediction(routes, at_start=not recipe.options.get("weights"))


def _nothing(recipe: Recipe) -> Prediction:
    return Prediction({member.name: 0.0 for member in recipe.members})


def _first_alone(recipe: Recipe) -> Prediction:
    return Prediction({member.name: 0.0 for member in recipe.members[1:]}, at_start=True)


def _last_alone(recipe: Recipe) -> Prediction:
    return Prediction({member.name: 0.0 for member in recipe.members[:-1]}, at_start=True)


def _cascade(recipe: Recipe) -> Prediction:
    return _last_alone(recipe) if recipe.options.get("start", True) else Prediction({})


RULES: dict[str, Callable[[Recipe], Prediction]] = {
    "average": _average,
    "weighted-average": _weighted_average,
    "majority-vote": _nothing,
    "weighted-vote": _nothing,
    "rank-average": _nothing,
    "tanh-gate": _first_alone,
    "film": _first_alone,
    "cross-attention": _first_alone,
    "residual-series": _last_alone,
    "cascade": _cascade,
}
"""For each layout with a rule what it predicts: a part of the mean, nothing through a choice or through what starts at 0."""


def prediction(recipe: Recipe) -> Prediction:
    """What theory says of a recipe's layout; of no member where it has no rule."""
    return RULES[recipe.layout](recipe) if recipe.layout in RULES else Prediction({})


def measured_route(report: GradientReport, member: str) -> float | None:
    """The part of the output's gradient that reached a branch's end; None where one of the two gradients does not exist."""
    return report.routes.get(member, 0.0 if report.ends.get(member) == 0 else None)


def predicted(recipe: Recipe, report: GradientReport) -> tuple[str, ...]:
    """One sentence a member: `wine gets 1/2 of the gradient at the output: measured 0.500`; none for layouts without a rule."""
    theory = prediction(recipe)
    when = " before the first step" if theory.at_start else ""
    said = []
    for member, route in theory.routes.items():
        measured = measured_route(report, member)
        if measured is not None or route == 0:
            found = "none" if measured is None else f"{measured:.3f}"
            said.append(f"{member} gets {_fraction(route)} of the gradient at the output{when}: measured {found}")
    return tuple(said)


def _fraction(route: float) -> str:
    if route == 0:
        return "none"
    parts = round(1 / route)
    return f"1/{parts}" if parts > 1 and abs(parts * route - 1) < 1e-9 else f"{route:.3f}"
