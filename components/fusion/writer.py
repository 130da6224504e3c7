"""Writing a fusion graph node by node, with the adapters that make it fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from components.data.facts import Bound
from components.fusion.adapt_heads import to_classes, to_target
from components.fusion.adapt_inputs import choose_input, to_input
from components.fusion.inference import Branches, at, cut_row, outputs_of
from components.fusion.operators import OPERATORS
from components.fusion.predicted import predicted
from components.fusion.signals import Signal
from components.models.facts import MemberFacts
from components.recipe import (
    AdapterNode,
    Data,
    Document,
    FusionGraph,
    Input,
    InputNode,
    Member,
    MemberNode,
    Node,
    OperatorNode,
    OutputNode,
    Refusal,
    Target,
)
from components.recipe.names import slug
from components.recipe.wording import shown


class Note(Document):
    """One sentence on what a graph does, and the node that it speaks of."""

    node: str
    sentence: str


class GraphWriter:
    """What a layout writes with. References are node ids, or `id:k`; each call checks at once that the node can stand there.

    `members` stand in the order chosen; `data` is what the fused model is trained on, with the one target that is written for;
    `bound` holds the training split's statistics, None where they are not known yet.
    """

    def __init__(self, members: Sequence[tuple[Member, MemberFacts]], data: Data, bound: Bound | None) -> None:
        self.members = tuple(member for member, _ in members)
        self._whole, self.data = data, data.alone(data.target)
        self.bound = bound
        self.branches: Branches = {member.name: (member, facts) for member, facts in members}
        self.notes: list[Note] = []
        self._nodes: list[Node] = []
        self._signals: dict[str, tuple[Signal, ...]] = {}
        self._shared: list[Node] = []

    @property
    def targets(self) -> tuple[Target, ...]:
        """All targets of the data; `data` has the one that is written for."""
        return self._whole.targets

    def afresh(self) -> GraphWriter:
        """A writer with the same members, data and target, and nothing written yet."""
        fresh = GraphWriter(list(self.branches.values()), self._whole, self.bound)
        fresh.turn_to(self.data.target)
        return fresh

    def turn_to(self, target: Target) -> None:
        """Goes on with one of the data's targets.

        What was written for the targets before it is shared where it would be written again, but for what ends in an output:
        the targets have branches and features in common (Caruana, 1997), and heads of their own.
        """
        ends = {node.inputs[0] for node in self._nodes if isinstance(node, OutputNode)}
        self._shared = [node for node in self._nodes if not (isinstance(node, OperatorNode) and node.id in ends)]
        self.data = self._whole.alone(target)

    def predicts(self, member: Member) -> int | None:
        """The place of the member's output that predicts the target; None where there is none."""
        return predicted(member, self.facts(member), self.targets).get(self.data.target.name)

    @property
    def graph(self) -> FusionGraph:
        """The graph as it stands."""
        return FusionGraph(nodes=tuple(self._nodes))

    def signal(self, reference: str) -> Signal:
        """What flows along an edge from here."""
        return at(self._signals, reference)

    def facts(self, member: Member) -> MemberFacts:
        """What is known of a member."""
        return self.branches[member.name][1]

    def note(self, node: str, sentence: str) -> None:
        """Adds a sentence that a person reads beside the graph."""
        if (found := Note(node=node, sentence=sentence)) not in self.notes:
            self.notes.append(found)

    def input(self, input: Input, id: str | None = None) -> str:
        """The node that is fed one of the dataset's inputs: the one that stands already, unless it is to have an id."""
        for node in self._nodes:
            wanted = id is None or (node.id == id and node in self._shared)
            if wanted and isinstance(node, InputNode) and node.binding == input.name:
                return node.id
        name = self._free(id or input.name)
        data = input.name if name != input.name else None
        return self._add(InputNode(id=name, shape=input.shape, dtype=input.dtype, data=data))

    def adapt(self, operator: str, reference: str, reason: str, of: str, **options: Any) -> str:
        """Puts an adapter behind a reference and notes why. `of` is the node or member for whose sake it stands there."""
        id = self._add(
            AdapterNode(
                id=self._free(f"{operator}-{of}"), operator=operator, options=options, reason=reason, inputs=(reference,)
            )
        )
        self.note(id, f"{OPERATORS[operator].title}, since {reason}.")
        return id

    def operate(
        self, operator: str, references: Sequence[str], start: bool = False, id: str | None = None, **options: Any
    ) -> str:
        """Applies an operator to references in order; `start` begins it where it equals a known function."""
        return self._add(
            OperatorNode(
                id=self._free(id or operator), operator=operator, options=options, start=start, inputs=tuple(references)
            )
        )

    def inputs(self, member: Member, apart: bool = False) -> tuple[str, ...]:
        """The dataset's inputs as this member takes them; `apart` gives the member input nodes of its own."""
        references = []
        for index, wanted in enumerate(self.facts(member).inputs):
            chosen = choose_input(self, member, index)
            id = f"{chosen.name}-{member.name}" if apart else None
            references.append(to_input(self, member, wanted, self.input(chosen, id), chosen))
        return tuple(references)

    def prediction(self, member: Member, inputs: Sequence[str] | None = None) -> str:
        """The member's prediction in the form that the target has: probabilities of its classes, or one number.

        Raises:
            Refusal: when no adapter can turn what the member gives into it.
        """
        return to_target(self, member, self._single(member, inputs))

    def scores(self, member: Member) -> str:
        """As `prediction`, but of a yes/no target the probabilities of both classes, for a rule that compares classes.

        Raises:
            Refusal: when no adapter can turn what the member gives into it.
        """
        return to_classes(self, member, self._single(member, None))

    def opinion(self, member: Member, inputs: Sequence[str] | None = None) -> str:
        """The member's prediction as a vector, of whatever classes it knows, for another member to read."""
        reference = self.as_vector(self._single(member, inputs), member.name)
        if self.signal(reference).kind == "logits":
            return self.adapt("softmax", reference, f"{member.name} ends in logits", member.name)
        return reference

    def _single(self, member: Member, inputs: Sequence[str] | None) -> str:
        place = self.predicts(member)
        if place is not None:
            branch = self.branch(member, "prediction", inputs)
            return f"{branch}:{place}" if place else branch
        advice = "Say on the Data page what its outputs predict, or choose a layout that takes features, such as concatenate."
        outputs = len(self.facts(member).outputs)
        if len(self.targets) > 1:
            raise Refusal(f"{member.name} does not predict “{shown(self.data.target.name)}”. {advice}")
        raise Refusal(f"{member.name} has {outputs} outputs, and this layout needs one prediction from each member. {advice}")

    def features(self, member: Member, inputs: Sequence[str] | None = None) -> str:
        """The member's features at its cut layer as a vector, or its prediction where it has no cut layer."""
        if cut_row(member, self.facts(member)) is None:
            self.note(member.name, f"{member.name} has no dense layer to cut at, so its prediction is taken as its features.")
            return self.as_vector(self.branch(member, "prediction", inputs), member.name)
        return self.as_vector(self.branch(member, "features", inputs), member.name)

    def branch(
        self,
        member: Member,
        part: Literal["prediction", "features"],
        inputs: Sequence[str] | None = None,
        cut_layer: str | None = None,
    ) -> str:
        """A member's node, fed the dataset's inputs and cut at the member's own layer unless others are given."""
        feed = tuple(self.inputs(member) if inputs is None else inputs)
        taken = any(node.id == member.name for node in self._nodes)
        id = self._free(f"{member.name}-{part}") if taken else member.name
        row = cut_row(member, self.facts(member), cut_layer) if part == "features" else None
        return self._add(MemberNode(id=id, member=member.name, part=part, cut_layer=row and row.name, inputs=feed))

    def as_vector(self, reference: str, of: str) -> str:
        """The same tensor as a vector: feature maps and sequences are pooled."""
        signal = self.signal(reference)
        if signal.is_vector:
            return reference
        if len(signal.shape) in (2, 3, 4):
            kind = {2: "a sequence", 3: "a feature map", 4: "a volume"}[len(signal.shape)]
            return self.adapt("global-average-pooling", reference, f"{of} gives {kind} and a vector is needed", of)
        return self.adapt("flatten", reference, f"{of} gives a tensor of rank {len(signal.shape)} and a vector is needed", of)

    def output(self, reference: str, id: str | None = None, loss_weight: float = 1.0) -> str:
        """Ends the graph, or one of its outputs, here; with several targets its loss counts as the target's does."""
        target, name = self.data.target, id or "prediction"
        if len(self.targets) == 1:
            return self._add(OutputNode(id=self._free(name), loss_weight=loss_weight, inputs=(reference,)))
        weight = loss_weight * target.weight
        name = self._free(f"{name}-{slug(target.name)}")
        return self._add(OutputNode(id=name, loss_weight=weight, target=target.name, inputs=(reference,)))

    def _add(self, node: Node) -> str:
        for earlier in self._shared:
            if not isinstance(node, InputNode) and earlier == node.model_copy(update={"id": earlier.id}):
                return earlier.id
        self._signals[node.id] = outputs_of(node, [self.signal(reference) for reference in node.inputs], self.branches)
        self._nodes.append(node)
        return node.id

    def _free(self, id: str) -> str:
        """This id, shortened to what a name may be and numbered where it is taken by a node or a member."""
        taken = {node.id for node in self._nodes} | set(self.branches)
        for number in range(1, len(taken) + 2):
            suffix = "" if number == 1 else f"-{number}"
            free = id[: 63 - len(suffix)] + suffix
            if free not in taken:
                return free
        raise AssertionError("There are more numbers than names taken.")
