"""From a recipe's fusion graph to one Keras model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from components.fusion.branch import branch, last_dense, one_or_all
from components.fusion.operators import OPERATORS
from components.fusion.usage import Use, behind, cut_of, uses
from components.recipe import (
    AdapterNode,
    FusionGraph,
    InputNode,
    MemberNode,
    OperatorNode,
    OutputNode,
    Recipe,
    Refusal,
    source,
)
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
    branches = {name: _branch(recipe, name, use, models) for name, use in taken.items()}
    keras.utils.set_random_seed(recipe.seed)
    model = _wire(recipe, recipe.graph, taken, branches)
    for node in recipe.graph.nodes:
        if isinstance(node, OperatorNode) and node.start:
            start = OPERATORS[node.operator].start
            if start is None:
                raise Refusal(f"{OPERATORS[node.operator].title} has no known function to start from. Switch its start off.")
            start(model.get_layer(node.id), [last_dense(models[name]) for name in behind(recipe.graph, node)])
    return model


def _branch(recipe: Recipe, name: str, use: Use, models: Mapping[str, keras.Model]) -> keras.Model:
    try:
        member, model = recipe.member(name), models[name]
    except KeyError:
        raise Refusal(f"The model of the member {name} is not at hand. Upload it again.") from None
    try:
        return branch(model, name, cuts=use.cuts, predict=use.predict, frozen=member.frozen, fixed=member.frozen_layers)
    except ValueError as error:
        at = " and ".join(f"“{shown(cut)}”" for cut in use.cuts) or "its end"
        raise Refusal(f"{name} could not be cut at {at}. Choose another cut layer.", str(error)) from error


def _wire(recipe: Recipe, graph: FusionGraph, taken: Mapping[str, Use], branches: Mapping[str, keras.Model]) -> keras.Model:
    tensors: dict[str, list[Any]] = {}
    calls: dict[tuple[str, ...], list[Any]] = {}
    inputs: list[Any] = []
    outputs: list[Any] = []
    for node in graph.nodes:
        feed = [tensors[id][port] for id, port in map(source, node.inputs)]
        match node:
            case InputNode():
                tensors[node.id] = [keras.Input(node.shape, dtype=node.dtype, name=node.id)]
                inputs += tensors[node.id]
            case MemberNode():
                call = (node.member, *node.inputs)
                if call not in calls:
                    given = branches[node.member](one_or_all(feed))
                    calls[call] = list(given) if isinstance(given, list | tuple) else [given]
                cuts, cut = taken[node.member].cuts, cut_of(recipe, node)
                tensors[node.id] = calls[call][len(cuts) :] if cut is None else [calls[call][cuts.index(cut)]]
            case OperatorNode() | AdapterNode():
                tensors[node.id] = [OPERATORS[node.operator].apply(feed, node.options, node.id)]
            case OutputNode():
                outputs += feed
    return keras.Model(one_or_all(inputs), one_or_all(outputs), name="fused")
