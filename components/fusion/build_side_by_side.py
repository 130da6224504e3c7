"""Fused models of several recipes over the same copies of the members: copied once, whatever the number of layouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras

from components.fusion.branch import one_or_all
from components.fusion.build import begin, branches_of
from components.fusion.usage import Use, uses, uses_of_all
from components.fusion.wiring import Wiring
from components.recipe import Recipe, Refusal


@dataclass(frozen=True)
class SideBySide:
    """A fused model for each recipe. `branches` have all that any of them takes of a member, by the member's name."""

    models: tuple[keras.Model, ...]
    branches: Mapping[str, keras.Model]


def build_side_by_side(recipes: Sequence[Recipe], models: Mapping[str, keras.Model]) -> SideBySide:
    """What `build` makes of each recipe, with members' weights that are there once: training one would train them all.

    Args:
        recipes: With graphs, over the same members and the same seed.
        models: The members' models by the members' names. They are left as they are.

    Raises:
        Refusal: when a recipe has no graph, a member's model is missing, or a cut layer is not in it.
    """
    taken = uses_of_all(recipes)
    keras.utils.set_random_seed(recipes[0].seed)
    branches = branches_of(recipes[0], taken, models)
    return SideBySide(tuple(_build(recipe, models, branches, taken) for recipe in recipes), branches)


def _build(
    recipe: Recipe, models: Mapping[str, keras.Model], branches: Mapping[str, keras.Model], taken: Mapping[str, Use]
) -> keras.Model:
    if recipe.graph is None:
        raise Refusal("The recipe has no fusion graph yet. Pick a layout on the Fuse page.")
    own = uses(recipe, recipe.graph)
    wiring = Wiring({name: _part(branches[name], taken[name], use) for name, use in own.items()}, own)
    keras.utils.set_random_seed(recipe.seed)
    outputs = wiring.wire(recipe, recipe.graph)
    model = keras.Model(one_or_all(wiring.inputs), one_or_all(outputs), name="fused")
    begin(recipe.graph, model, models)
    return model


def _part(branch: keras.Model, taken: Use, use: Use) -> keras.Model:
    """A branch with those of its outputs that are taken, and the layers that lead there."""
    if use == taken:
        return branch
    features = [branch.outputs[taken.cuts.index(cut)] for cut in use.cuts]
    predictions = branch.outputs[len(taken.cuts) :] if use.predict else []
    return keras.Model(one_or_all(branch.inputs), one_or_all([*features, *predictions]), name=branch.name)
