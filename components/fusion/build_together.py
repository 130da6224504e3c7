"""Several fusion graphs over the same frozen members as one Keras model, in which what they share is computed once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from components.fusion.branch import one_or_all
from components.fusion.build import begin, branches_of
from components.fusion.usage import Use, uses_of_all
from components.fusion.wiring import Wiring
from components.recipe import AdapterNode, FusionGraph, InputNode, OperatorNode, Recipe, Refusal


@dataclass(frozen=True)
class Joint:
    """Several fused models in one. `outputs` are the positions of each one's outputs among those of `model`.

    `bindings` names the dataset's input for each of the model's inputs, `members` the branches that they share.
    """

    model: keras.Model
    bindings: tuple[str, ...]
    outputs: tuple[tuple[int, ...], ...]
    members: tuple[str, ...]

    def single(self, index: int) -> keras.Model:
        """One of the fused models, with the layers and inputs of all."""
        return keras.Model(self.model.inputs, one_or_all([self.model.outputs[place] for place in self.outputs[index]]))

    def own_weights(self, index: int) -> list[Any]:
        """The weights that one of the fused models has for itself: all but those of the members."""
        shared = {id(weight) for member in self.members for weight in self.model.get_layer(member).weights}
        return [weight for weight in self.single(index).weights if id(weight) not in shared]


def build_together(recipes: Sequence[Recipe], models: Mapping[str, keras.Model]) -> Joint:
    """The fused models of several recipes as one model, uncompiled; each begins with the weights that it has when built alone.

    Inputs and members are there once, and so is every operator or adapter that has neither weights nor chance and is fed the
    same. Layers of the others are called `<place of the recipe>.<node>`, or `<place>.<node>.<part>`.

    Args:
        recipes: With graphs, over the same members and the same seed. Members must be frozen: two layouts that train one
            would train the same weights.
        models: The members' models by the members' names.

    Raises:
        Refusal: when a member is not frozen, or a recipe cannot be built.
    """
    first, taken, graphs = recipes[0], uses_of_all(recipes), [_graph(recipe) for recipe in recipes]
    for member in first.members:
        if member.name in taken and not member.frozen:
            raise Refusal(f"{member.name} is not frozen, so these layouts cannot be trained together. Freeze it.")
    keras.utils.set_random_seed(first.seed)
    wiring = _SharedWiring(branches_of(first, taken, models), taken)
    outputs: list[Any] = []
    places = []
    for index, (recipe, graph) in enumerate(zip(recipes, graphs, strict=True)):
        keras.utils.set_random_seed(recipe.seed)
        wiring.prefix = _prefix(index)
        made = wiring.wire(recipe, graph)
        places.append(tuple(range(len(outputs), len(outputs) + len(made))))
        outputs += made
    model = keras.Model(one_or_all(wiring.inputs), one_or_all(outputs), name="fused")
    for index, graph in enumerate(graphs):
        begin(graph, model, models, _prefix(index))
    return Joint(model, tuple(wiring.bindings), tuple(places), tuple(taken))


class _SharedWiring(Wiring):
    """Wires one graph after another; what an earlier one has computed already is taken from there."""

    def __init__(self, branches: Mapping[str, keras.Model], taken: Mapping[str, Use]) -> None:
        super().__init__(branches, taken)
        self.prefix = ""
        self.bindings: list[str] = []
        self._known: dict[tuple[Any, ...], Any] = {}

    def _take(self, node: InputNode) -> Any:
        key = (node.binding, node.shape, node.dtype)
        if key not in self._known:
            self._known[key] = super()._take(node.model_copy(update={"id": f"{self.prefix}{node.id}"}))
            self.bindings.append(node.binding)
        return self._known[key]

    def _operate(self, node: OperatorNode | AdapterNode, feed: Sequence[Any]) -> Any:
        key = (node.operator, json.dumps(node.options, sort_keys=True), *map(id, feed))
        if key in self._known:
            return self._known[key]
        made = super()._operate(node.model_copy(update={"id": f"{self.prefix}{node.id}"}), feed)
        if not _keeps_a_state(made, feed):
            self._known[key] = made
        return made


def _keeps_a_state(tensor: Any, feed: Sequence[Any]) -> bool:
    """Whether anything between `feed` and a tensor has variables: weights, or the state of a random generator."""
    if any(tensor is each for each in feed):
        return False
    operation, index, _ = tensor._keras_history
    # A layer's own variables may be made by its call alone, which has been.
    own = operation.variables if isinstance(operation, keras.Layer) else ()
    return bool(own) or any(_keeps_a_state(each, feed) for each in operation._inbound_nodes[index].input_tensors)


def _prefix(index: int) -> str:
    return f"{index}."


def _graph(recipe: Recipe) -> FusionGraph:
    if recipe.graph is None:
        raise Refusal("A recipe has no fusion graph yet. Pick a layout on the Fuse page.")
    return recipe.graph
