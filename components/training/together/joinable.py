"""Which recipes can be trained together, so that each learns what it would alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import keras

from components.fusion.operators import OPERATORS
from components.recipe import OperatorNode, Recipe
from components.training.phases import phases


def are_joinable(recipes: Iterable[Recipe]) -> bool:
    """Whether recipes agree in everything but their graphs: members, data, settings and seed."""
    return len({recipe.model_dump_json(exclude={"name", "layout", "options", "graph"}) for recipe in recipes}) == 1


def why_alone(recipe: Recipe, models: Mapping[str, keras.Model]) -> str:
    """Why a recipe has to be trained by itself, in half a sentence; empty where it need not be.

    What looks at all gradients or at the whole loss, as a norm over all weights does, would let one layout change another.
    """
    settings, nodes = recipe.training, recipe.graph.nodes if recipe.graph else ()
    if not all(member.frozen for member in recipe.members):
        return "its members are not all frozen"
    if recipe.data and recipe.data.others:
        return "it learns several targets"
    if settings.clip_norm:
        return "the norm over all gradients is clipped"
    if settings.schedule == "plateau":
        return "its learning rate follows its own validation loss"
    if len(phases(recipe)) > 1:
        return "it is trained in several phases"
    if any(isinstance(node, OperatorNode) and not OPERATORS[node.operator].gradient for node in nodes):
        return "no gradient passes one of its operators"
    if any(map(_adds_to_the_loss, models.values())):
        return "a member adds to the loss"
    return ""


def _adds_to_the_loss(model: keras.Model) -> bool:
    return any(getattr(layer, "activity_regularizer", None) is not None for layer in model._flatten_layers())
