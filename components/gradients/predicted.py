"""What theory says of a layout's gradient, beside what was measured. Without Keras."""

from __future__ import annotations

from collections.abc import Callable

from components.gradients.report import GradientReport
from components.recipe import Recipe


def _average(recipe: Recipe) -> dict[str, float]:
    return {member.name: 1 / len(recipe.members) for member in recipe.members}


def _weighted_average(recipe: Recipe) -> dict[str, float]:
    weights = recipe.options.get("weights") or [1.0] * len(recipe.members)
    return {member.name: weight / sum(weights) for member, weight in zip(recipe.members, weights, strict=True)}


ROUTES: dict[str, Callable[[Recipe], dict[str, float]]] = {"average": _average, "weighted-average": _weighted_average}
"""For each layout with a rule, the part of the output's gradient that each branch gets; with learned weights at their start."""


def predicted_routes(recipe: Recipe) -> dict[str, float]:
    """The part of the output's gradient that theory gives each branch; empty for layouts without a rule."""
    return ROUTES[recipe.layout](recipe) if recipe.layout in ROUTES else {}


def predicted(recipe: Recipe, report: GradientReport) -> tuple[str, ...]:
    """One sentence a member: `wine gets 1/2 of the gradient at the output: measured 0.500`; none for layouts without a rule."""
    routes = predicted_routes(recipe)
    return tuple(
        f"{member} gets {_fraction(route)} of the gradient at the output: measured {report.routes[member]:.3f}"
        for member, route in routes.items()
        if member in report.routes
    )


def _fraction(route: float) -> str:
    parts = round(1 / route) if route else 0
    return f"1/{parts}" if parts > 1 and abs(parts * route - 1) < 1e-9 else f"{route:.3f}"
