"""From a recipe's fusion graph to one Keras model."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from components.fusion.branch import branch, last_dense, one_or_all
from components.fusion.operators import OPERATORS
from components.fusion.quick_copy import quick_copy
from components.fusion.usage import Use, behind, uses
from components.fusion.wiring import Wiring
from components.recipe import FusionGraph, OperatorNode, Recipe, Refusal
from components.recipe.wording import shown


def build(recipe: Recipe, models: Mapping[str, keras.Model]) -> keras.Model:
    """The fused model, uncompiled.

    A member is copied as one sub-model of its name, whatever the number of its nodes; its layers are called
    `<member>.<layer>`. Layers of operators and adapters are called as their nodes, or `<node>.<part>`. All initial weights
    follow from the recipe's seed, which is set for the whole process.

    Args:
        recipe: A recipe with a graph.
        models: The members' models by the members' names. They are left as they are.

    Raises:
        Refusal: when the recipe has no graph, a member's model is missing, or a cut layer is not in it.
    """
    if recipe.graph is None:
        raise Refusal("The recipe has no fusion graph yet. Pick a layout on the Fuse page.")
    taken = uses(recipe, recipe.graph)
    # Copied dropout layers draw their seeds when they are made, the operators' first weights when they are wired: each of both
    # begins at the recipe's seed, so that neither depends on what the process did before.
    keras.utils.set_random_seed(recipe.seed)
    wiring = Wiring(branches_of(recipe, taken, models), taken)
    keras.utils.set_random_seed(recipe.seed)
    outputs = wiring.wire(recipe, recipe.graph)
    model = keras.Model(one_or_all(wiring.inputs), one_or_all(outputs), name="fused")
    begin(recipe.graph, model, models)
    return model


def begin(graph: FusionGraph, model: keras.Model, models: Mapping[str, keras.Model], prefix: str = "") -> None:
    """Sets the first weights of what begins at a function that is known.

    Args:
        graph: The fusion graph.
        model: What was wired of it; its layers are called as the graph's nodes, with `prefix` before.
        models: The members' models by the members' names.
        prefix: What the names of the nodes' layers begin with.

    Raises:
        Refusal: when an operator has no function to start from.
    """
    for node in graph.nodes:
        if isinstance(node, OperatorNode) and node.start:
            start = OPERATORS[node.operator].start
            if start is None:
                raise Refusal(f"{OPERATORS[node.operator].title} has no known function to start from. Switch its start off.")
            start(model.get_layer(prefix + node.id), [last_dense(models[name]) for name in behind(graph, node)])


def branches_of(recipe: Recipe, taken: Mapping[str, Use], models: Mapping[str, keras.Model]) -> dict[str, keras.Model]:
    """A branch for each member of which something is taken, by the member's name.

    Raises:
        Refusal: when a member's model is missing, or a cut layer is not in it.
    """
    return {name: _branch(recipe, name, use, models) for name, use in taken.items()}


def _branch(recipe: Recipe, name: str, use: Use, models: Mapping[str, keras.Model]) -> keras.Model:
    try:
        member, model = recipe.member(name), models[name]
    except KeyError:
        raise Refusal(f"The model of the member {name} is not at hand. Upload it again.") from None
    try:
        return branch(
            model,
            name,
            cuts=use.cuts,
            predict=use.predict,
            frozen=member.frozen,
            fixed=member.frozen_layers,
            rate=member.rate,
            precision=recipe.training.precision,
            copied=quick_copy,
        )
    except ValueError as error:
        at = " and ".join(f"“{shown(cut)}”" for cut in use.cuts) or "its end"
        raise Refusal(f"{name} could not be cut at {at}. Choose another cut layer.", str(error)) from error
