"""How much each member counts in a fused model whose operators weigh them anew for each sample, measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np

from components.data.on_disk import Values
from components.fusion.branch import one_or_all
from components.fusion.operators import OPERATORS
from components.fusion.usage import behind
from components.models.inspection import layers
from components.recipe import FusionGraph, MemberNode, OperatorNode, Recipe, source

CHUNK = 256
SETTLED = 0.95
"""A gate has settled on a member that counts as much as this on average."""


@dataclass(frozen=True)
class GateUse:
    """How much the members count at one node, over some samples.

    `shares` are the mean weights of what flows into the node, by name. `entropy` is the mean entropy of a sample's weights,
    as a part of that of equal weights: 0 where one member decides alone, 1 where all count the same. `operations` is the part
    of the members' operations that is needed where they are asked in turn; None where all of them always run.
    """

    title: str
    shares: dict[str, float]
    entropy: float
    operations: float | None = None

    @property
    def sentence(self) -> str:
        """What a person reads."""
        if self.operations is not None:
            parts = ", ".join(f"{name} answers {share:.1%}" for name, share in self.shares.items())
            return (
                f"{self.title}: {parts} of the samples. Asked in turn and run apart, the members would need "
                f"{self.operations:.1%} of the operations that all of them together take."
            )
        parts = ", ".join(f"{name} {share:.3f}" for name, share in self.shares.items())
        said = (
            f"{self.title}: the members' mean weights are {parts}. A sample's weights have {self.entropy:.2f} of the entropy "
            "of equal ones (0: one member decides alone; 1: all count the same)."
        )
        most = max(self.shares, key=lambda name: self.shares[name])
        return f"{said} The gate has settled on {most}; the others hardly learn." if self.shares[most] >= SETTLED else said


def gate_use(
    recipe: Recipe, model: keras.Model, models: Mapping[str, keras.Model], inputs: Sequence[Values]
) -> tuple[GateUse, ...]:
    """Measures every gate of a fused model, in the order of the graph.

    Args:
        recipe: The recipe that the model was built from.
        model: The fused model, trained or not.
        models: The members' models by the members' names; their operations are counted.
        inputs: Samples, one array for each input of the model, in memory or on disk.
    """
    nodes = recipe.graph.nodes if recipe.graph else ()
    return tuple(
        _measure(recipe.graph, node, model, models, inputs)
        for node in nodes
        if recipe.graph and isinstance(node, OperatorNode) and OPERATORS[node.operator].gate
    )


def _measure(
    graph: FusionGraph, node: OperatorNode, model: keras.Model, models: Mapping[str, keras.Model], inputs: Sequence[Values]
) -> GateUse:
    operator = OPERATORS[node.operator]
    assert operator.gate is not None
    part = f"{node.id}.{operator.gate.part}"
    parts = [f"{part}-{number}" for number in range(1, len(node.inputs))] if operator.gate.in_turn else [part]
    gate = keras.Model(one_or_all(model.inputs), [model.get_layer(each).output for each in parts])
    starts = range(0, len(inputs[0]), CHUNK)
    weights = np.concatenate([_called(gate, [array[at : at + CHUNK] for array in inputs]) for at in starts])
    if operator.gate.in_turn:
        weights = _first_sure(weights)
    shares = weights.mean(axis=0)
    members = [_members(graph, reference) for reference in node.inputs[-weights.shape[1] :]]
    logs = np.log(weights, where=weights > 0, out=np.zeros_like(weights))
    return GateUse(
        operator.title,
        dict(zip((" and ".join(each) for each in members), shares.tolist(), strict=True)),
        float(-(weights * logs).sum(axis=1).mean() / np.log(weights.shape[1])),
        _operations(members, shares, models) if operator.gate.in_turn else None,
    )


def _called(gate: keras.Model, chunk: Sequence[np.ndarray]) -> np.ndarray:
    """What the gate's layers give for these samples, side by side: of the shape (samples, numbers)."""
    given = keras.tree.flatten(gate(one_or_all(chunk), training=False))
    return np.concatenate([np.asarray(each, np.float64).reshape(len(chunk[0]), -1) for each in given], axis=1)


def _first_sure(sure: np.ndarray) -> np.ndarray:
    """1 for the first member that is sure, for the last one where none before is; (samples, members) from one column less."""
    candidates = np.concatenate([sure, np.ones((len(sure), 1))], axis=1)
    return np.eye(candidates.shape[1])[candidates.argmax(axis=1)]


def _members(graph: FusionGraph, reference: str) -> list[str]:
    """The members that a reference leads to."""
    node = graph.node(source(reference)[0])
    return [node.member] if isinstance(node, MemberNode) else behind(graph, node)


def _operations(members: Sequence[Sequence[str]], shares: np.ndarray, models: Mapping[str, keras.Model]) -> float | None:
    """The part of all operations that is needed where a member is asked only when none before it has answered."""
    counts = np.array([sum(row.operations for name in each for row in layers(models[name])) for each in members], np.float64)
    asked = 1.0 - np.concatenate([[0.0], np.cumsum(shares)[:-1]])
    return float(asked @ counts / counts.sum()) if counts.sum() else None
