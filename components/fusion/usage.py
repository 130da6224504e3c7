"""Questions about a fusion graph that building, drawing and writing a script share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.fusion.operators import OPERATORS
from components.recipe import FusionGraph, MemberNode, Node, OperatorNode, Recipe, Refusal, source


@dataclass(frozen=True)
class Use:
    """What a graph takes from a member: features at cut layers, in order, and whether its prediction."""

    cuts: tuple[str, ...] = ()
    predict: bool = False


def cut_of(recipe: Recipe, node: MemberNode) -> str | None:
    """The layer at which a node cuts its member; None where it takes the prediction.

    Raises:
        Refusal: when features are asked for and neither the node nor the recipe's member names a layer.
    """
    if node.part == "prediction":
        return None
    cut = node.cut_layer or recipe.member(node.member).cut_layer
    if cut is None:
        raise Refusal(f"{node.member} has no cut layer yet, and its features are asked for. Choose a cut layer.")
    return cut


def uses(recipe: Recipe, graph: FusionGraph) -> dict[str, Use]:
    """What a graph takes from each member, in the order in which they appear."""
    found: dict[str, Use] = {}
    for node in graph.nodes:
        if isinstance(node, MemberNode):
            use, cut = found.get(node.member, Use()), cut_of(recipe, node)
            cuts = use.cuts if cut is None or cut in use.cuts else (*use.cuts, cut)
            found[node.member] = Use(cuts, use.predict or cut is None)
    return found


def uses_of_all(recipes: Sequence[Recipe]) -> dict[str, Use]:
    """What several recipes' graphs together take of each member.

    Raises:
        Refusal: when a recipe has no graph, or asks for features without a cut layer.
    """
    taken: dict[str, Use] = {}
    for recipe in recipes:
        if recipe.graph is None:
            raise Refusal("A recipe has no fusion graph yet. Pick a layout on the Fuse page.")
        for name, use in uses(recipe, recipe.graph).items():
            before = taken.get(name, Use())
            cuts = (*before.cuts, *(cut for cut in use.cuts if cut not in before.cuts))
            taken[name] = Use(cuts, before.predict or use.predict)
    return taken


def behind(graph: FusionGraph, node: Node) -> list[str]:
    """The members that flow into a node without another member between, in the order of the inputs.

    Into an operator that starts at its first input, the members behind that one.
    """
    members = []
    first = isinstance(node, OperatorNode) and OPERATORS[node.operator].starts_at_first
    for reference in node.inputs[:1] if first else node.inputs:
        before = graph.node(source(reference)[0])
        members += [before.member] if isinstance(before, MemberNode) else behind(graph, before)
    return members
