"""Gradient reports of recipes: members and data loaded, models built, the probe batch chosen."""

from __future__ import annotations

from collections.abc import Sequence

from components.data.on_disk import taken
from components.engine.first_steps import first_steps
from components.engine.loading import Loader
from components.fusion.build_side_by_side import build_side_by_side
from components.gradients.probe_batch import probe_rows, probe_samples
from components.gradients.probing import Probing
from components.gradients.report import GradientReport
from components.gradients.side_by_side import Aim, measure_side_by_side
from components.recipe import Recipe
from components.training.feed import feed
from components.training.losses import objectives


def gradient_reports(recipes: Sequence[Recipe], loader: Loader, probing: Probing) -> list[GradientReport]:
    """The gradients of each recipe, on the same probe batch of the training split where members, data and seed are the same.

    Members compute in float32 here, so that nothing small is lost, as nothing is in a run in float16, whose loss is scaled.

    Raises:
        Refusal: when something that a recipe names is not here, or does not fit.
    """
    recipes = [_in_float32(recipe) for recipe in recipes]
    alike = len({(recipe.members, recipe.data and recipe.data.model_dump_json(), recipe.seed) for recipe in recipes}) == 1
    # What is trained first has weights of its own.
    groups = [recipes] if alike and not probing.steps else [[recipe] for recipe in recipes]
    return [report for group in groups for report in _side_by_side(group, loader, probing)]


def _side_by_side(recipes: Sequence[Recipe], loader: Loader, probing: Probing) -> list[GradientReport]:
    first = recipes[0]
    members, (samples, splits) = loader.models(first), loader.samples(first)
    built = build_side_by_side(recipes, members)
    rows = splits.training[probe_rows(len(splits.training), first.seed, probe_samples(members.values()))]
    aims = []
    for recipe, model in zip(recipes, built.models, strict=True):
        goals = objectives(recipe, model)
        losses = [goal.weighted_loss for goal in goals]
        aims.append(Aim([goal.labels(samples, rows) for goal in goals], losses))
        if probing.steps:
            fed = [taken(values, splits.training) for values in feed(recipe, samples)]
            targets = [goal.labels(samples, splits.training) for goal in goals]
            first_steps(recipe, model, fed, targets, losses, probing.steps)
    inputs = {name: array[rows] for name, array in samples.inputs.items()}
    return measure_side_by_side(recipes, built, inputs, aims)


def _in_float32(recipe: Recipe) -> Recipe:
    return recipe.model_copy(update={"training": recipe.training.model_copy(update={"precision": "float32"})})
