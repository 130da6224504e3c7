"""The fusion graph: which tensors flow through which members, operators and adapters.

Nodes stand in an order in which each comes after its inputs. An input reference is a node's id, or `id:k` for the k-th
output of a member with several outputs.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from components.recipe.document import Document, Name, Shape

Options = dict[str, Any]


class InputNode(Document):
    """A tensor that a person feeds: one input of the dataset's binding.

    `data` names that input where the node itself is called otherwise, as when several nodes are fed the same input.
    """

    kind: Literal["input"] = "input"
    id: Name
    shape: Shape
    dtype: str = "float32"
    data: Name | None = None

    @property
    def binding(self) -> str:
        """The name of the dataset's input that is fed here."""
        return self.data or self.id

    @property
    def inputs(self) -> tuple[str, ...]:
        """Nothing flows into an input."""
        return ()


class MemberNode(Document):
    """A branch: one member, up to its prediction or up to its cut layer's features.

    `cut_layer` is that layer; None is the one that the recipe's member names. Several nodes of one member share its weights.
    """

    kind: Literal["member"] = "member"
    id: Name
    member: Name
    part: Literal["prediction", "features"] = "prediction"
    cut_layer: str | None = None
    inputs: tuple[str, ...]


class OperatorNode(Document):
    """A fusion operator from the registry, applied to its inputs in order.

    `start` begins its weights where the fused model equals a function that is known, for operators that name such a point.
    """

    kind: Literal["operator"] = "operator"
    id: Name
    operator: Name
    options: Options = {}
    start: bool = False
    inputs: tuple[str, ...]


class AdapterNode(Document):
    """An operator that only makes shapes, scales or head types meet, with the reason a person reads."""

    kind: Literal["adapter"] = "adapter"
    id: Name
    operator: Name
    options: Options = {}
    reason: str
    inputs: tuple[str, ...]


class OutputNode(Document):
    """A result of the fused model, bound to the target of this name, or to the first. Its loss counts `loss_weight` times."""

    kind: Literal["output"] = "output"
    id: Name
    loss_weight: float = Field(1.0, gt=0, allow_inf_nan=False)
    target: str | None = None
    inputs: tuple[str]


Node = Annotated[InputNode | MemberNode | OperatorNode | AdapterNode | OutputNode, Field(discriminator="kind")]


def source(reference: str) -> tuple[str, int]:
    """Splits an input reference into the node's id and the number of its output."""
    node, _, port = reference.partition(":")
    return node, int(port or 0)


class FusionGraph(Document):
    """The nodes of a fused model, each after its inputs.

    Raises:
        ValueError: when two nodes share an id, or a node names an input that does not stand before it.
    """

    nodes: tuple[Node, ...]

    @model_validator(mode="after")
    def _each_after_its_inputs(self) -> FusionGraph:
        seen: set[str] = set()
        for node in self.nodes:
            if node.id in seen:
                raise ValueError(f"Two nodes of the fusion graph are named {node.id!r}; each needs a name of its own.")
            for reference in node.inputs:
                if source(reference)[0] not in seen:
                    raise ValueError(f"Node {node.id!r} takes {reference!r}, which does not stand before it.")
            seen.add(node.id)
        return self

    def node(self, id: str) -> Node:
        """The node of this id.

        Raises:
            KeyError: when there is none.
        """
        for node in self.nodes:
            if node.id == id:
                return node
        raise KeyError(id)
