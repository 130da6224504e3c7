"""What is said of a layout's gradients beside the numbers. Without Keras."""

from __future__ import annotations

from components.gradients.predicted import predicted
from components.gradients.report import Fork, GradientReport
from components.recipe import Recipe
from components.recipe.wording import shown

APART = 0.1
"""Between this cosine and its negative, two gradients neither help nor hinder each other."""


def sentences(recipe: Recipe, report: GradientReport) -> tuple[str, ...]:
    """Of one layout: the verdict, faults, each member's share, theory beside measurement, and what pulls against what."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in report.shares.items())
    rules = "; ".join(predicted(recipe, report))
    losses = "; ".join(
        f"{' and '.join(map(shown, each.outputs))} on {each.member or 'what is fused'} {each.cosine:+.2f}"
        for each in report.agreement
    )
    opposed = "; ".join(f"{paths(fork)} on {fork.member} {fork.cosine:+.2f}" for fork in report.forks if _opposed(fork))
    said = (
        report.summary,
        *report.notes,
        f"Of what reaches the members: {shares}." if shares else "",
        f"{rules}." if rules else "",
        f"Cosine between the losses' gradients (below 0 they pull against each other): {losses}." if losses else "",
        f"Paths that pull against each other (cosine): {opposed}." if opposed else "",
    )
    return tuple(filter(None, said))


def direction(cosine: float | None) -> str:
    """What the cosine between two gradients means."""
    if cosine is None:
        return "one of them sends nothing up yet"
    if abs(cosine) < APART:
        return "neither helps nor hinders the other"
    return "in one direction" if cosine > 0 else "against each other"


def paths(fork: Fork) -> str:
    """Who reads what a member gives: `hidden-1 and all of stacked`, the operator named once where it is that of both."""
    (one, _, first), (other, _, second) = (path.partition(".") for path in fork.paths)
    if one == other and first and second:
        return f"{shown(first)} and {shown(second)} of {shown(one)}"
    return " and ".join(map(shown, fork.paths))


def _opposed(fork: Fork) -> bool:
    return fork.cosine is not None and fork.cosine <= -APART
