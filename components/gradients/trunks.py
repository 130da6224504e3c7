"""Whether the paths that lead on from one tensor of a member pull it in one direction.

A member's branch is a shared trunk where several operations read what it gives: the gradient that comes up to it is the sum of
what each of them sends, and below a cosine of 0 one undoes some of what the other asks for (Yu et al., “Gradient Surgery for
Multi-Task Learning”, 2020).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from components.gradients.agreement import cosine
from components.gradients.passage import Passage
from components.gradients.squares import stacked
from components.recipe import AdapterNode, MemberNode, Recipe, source

Fork = tuple[str, str, str, str]
"""The member of a trunk, the operation that gives the tensor, and two paths that lead on from it."""


def branches(recipe: Recipe) -> dict[str, str]:
    """The member of each branch, by the names that the branch's operations begin with: the member's own and its adapters'."""
    found = {member.name: member.name for member in recipe.members}
    behind: dict[str, str] = {}
    for node in recipe.graph.nodes if recipe.graph else ():
        before = {behind.get(source(reference)[0]) for reference in node.inputs}
        if isinstance(node, MemberNode):
            behind[node.id] = node.member
        elif isinstance(node, AdapterNode) and len(before) == 1 and None not in before:
            [member] = before
            found[node.id] = behind[node.id] = str(member)
    return found


def forks(passage: Passage, gradients: Sequence[Any], branches: Mapping[str, str]) -> tuple[list[Fork], tf.Tensor]:
    """Where paths part, and the cosine between what each two of them send up, in float64; NaN where one of them sends 0.

    A path is called as the operation that reads the tensor; a member's own rest, and an adapter, are one path each. Where all
    paths stay within the member, or within one of its adapters, nothing is said: that is the member's own matter.

    Args:
        passage: What a pass saw.
        gradients: What comes up through each of its edges, None where nothing does.
        branches: See `branches`.
    """
    trunks: dict[int, tuple[str, dict[str, list[Any]]]] = {}
    for (giver, taker, copy), gradient in zip(passage.edges, gradients, strict=True):
        if gradient is not None and _node(giver) in branches:
            _, paths = trunks.setdefault(id(passage.originals[id(copy)]), (giver, {}))
            path = _node(taker) if _node(taker) in branches else taker
            paths.setdefault(path, []).append(tf.convert_to_tensor(gradient))
    found: list[Fork] = []
    cosines = []
    for giver, paths in trunks.values():
        for one, other in itertools.combinations(paths, 2):
            found.append((branches[_node(giver)], giver, one, other))
            cosines.append(cosine([(tf.add_n(paths[one]), tf.add_n(paths[other]))]))
    return found, stacked(cosines)


def _node(operation: str) -> str:
    """The member or the node whose operation it is: they are called `<node>` or `<node>.<part>`."""
    return operation.partition(".")[0]
