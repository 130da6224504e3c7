"""The gradients of one model on a probe batch, by tape; the model is left as it was."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.gradients.agreement import Meeting, cosines
from components.gradients.branch_ends import branch_ends
from components.gradients.branch_passes import BranchPasses
from components.gradients.causes import operation
from components.gradients.feeds import feeds
from components.gradients.flow import Flow, functional_graph
from components.gradients.measured import Measured
from components.gradients.owners import owners_of
from components.gradients.passage import Passage
from components.gradients.squares import Squares, stacked
from components.gradients.tap import Tap
from components.gradients.trunks import Fork, branches, forks
from components.gradients.unchanged import left_as_it_was
from components.gradients.units import dead_units, rectified
from components.recipe import InputNode, OperatorNode, OutputNode, Recipe, Refusal

Loss = Callable[[Any, Any], Any]
"""Takes target and prediction, gives the mean loss over the samples: a Keras loss or a function."""

Target = np.ndarray | Sequence[np.ndarray]
"""One target for every output, or one for each output in order, as its loss wants it."""


@dataclass(frozen=True)
class Forward:
    """A pass that a tape has recorded: the loss, each output's own, and all that the gradient is taken with respect to."""

    loss: tf.Tensor
    of_outputs: list[tf.Tensor]
    outputs: list[tf.Tensor]
    ends: list[tf.Tensor]
    given: list[list[tf.Tensor]]
    seen: Passage
    dead: tf.Tensor


class Probe:
    """Measures a model again and again: at once the first time, and from the second on as a traced graph.

    The loss is that of the outputs plus the model's own (regularisers, `add_loss`), not scaled for mixed precision, with
    `training=True` as in a training step. Moving statistics and random seeds are put back after each call.

    Args:
        recipe: Names the members, the operators, and what each input is bound to.
        model: The functional model built from it.
        loss: One loss for every output, or one for each output in order; they are summed.
        passes: Of the layouts that `model` was built side by side with; None for a model of its own.
    """

    def __init__(
        self, recipe: Recipe, model: keras.Model, loss: Loss | Sequence[Loss], passes: BranchPasses | None = None
    ) -> None:
        members = [member.name for member in recipe.members]
        nodes = recipe.graph.nodes if recipe.graph else ()
        bound = {node.id: node.binding for node in nodes if isinstance(node, InputNode)}
        self.model, self.flow = model, Flow(model)
        self.owners = owners_of(recipe, model)
        graph: Any = functional_graph(model)
        self.outputs = [node.target or node.id for node in nodes if isinstance(node, OutputNode)] or list(graph.output_names)
        self.feeds = feeds(recipe, model) if passes is not None else {}
        self._variables = [variable for owner in self.owners for variable in owner.trainable]
        self._operations = [operation(owner, self.flow) for owner in self.owners]
        self._rectified = [rectified(each, self.flow) for each in self._operations]
        self._ends = branch_ends(model, members, [node.id for node in nodes if isinstance(node, OperatorNode)])
        self._inputs = [bound.get(tensor.name, tensor.name) for tensor in model.inputs]
        self._losses = self._for_each_output(loss)
        watched = keras.Model(model.inputs, [*model.outputs, *(tensor for _, tensor in self._ends)])
        self._tap = Tap(watched, members, passes, self.feeds)
        self._with_gradient: list[int] = []
        self._meetings: list[Meeting] = []
        self._branches = branches(recipe)
        self._forks: list[Fork] = []
        self._edges: list[tuple[str, str]] = []
        self._measure: Callable[..., Any] = self._run
        self._called = False

    def __call__(self, inputs: dict[str, np.ndarray], target: Target) -> Measured:
        """Measures on one batch.

        Args:
            inputs: An array for each input of the data, by its name; the first axis is the samples.
            target: What is predicted.

        Raises:
            Refusal: when an input of the model is missing.
        """
        arrays, targets = self._tensors(inputs, target)
        with left_as_it_was(self.model):
            if self._called and self._measure == self._run:
                # A concrete function, since TensorFlow warns of retracing where many probes each trace this one method.
                batches = [[tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in each] for each in (arrays, targets)]
                self._measure = tf.function(self._run).get_concrete_function(*batches)
            self._called = True
            found = self._measure(arrays, targets)
        return self._measured(*found)

    def watch(self, tape: tf.GradientTape) -> None:
        """Has a tape follow what is trained; before any pass under it, since a later one may take from an earlier one."""
        tape.watch([variable.value for variable in self._variables])

    def forward(self, inputs: dict[str, np.ndarray], target: Target, tape: tf.GradientTape) -> Forward:
        """Runs one batch forward under a tape that watches it, and may serve several probes; the caller puts the model back.

        Raises:
            Refusal: when an input of the model is missing.
        """
        return self._forward(*self._tensors(inputs, target), tape)

    def backward(self, forward: Forward, tape: tf.GradientTape) -> Measured:
        """Takes the gradients of a pass from its tape."""
        return self._measured(*self._backward(forward, tape))

    def _run(self, inputs: list[tf.Tensor], targets: list[tf.Tensor]) -> Any:
        # What is frozen is left out, as in training; a tape would watch its variables by itself.
        with tf.GradientTape(persistent=len(self._losses) > 1, watch_accessed_variables=False) as tape:
            self.watch(tape)
            forward = self._forward(inputs, targets, tape)
        return self._backward(forward, tape)

    def _forward(self, inputs: list[tf.Tensor], targets: list[tf.Tensor], tape: tf.GradientTape) -> Forward:
        flowing = self._tap.watched(inputs, tape)
        outputs, ends = flowing[: len(self._losses)], flowing[len(self._losses) :]
        losses = [
            tf.cast(tf.reduce_mean(loss(target, y)), tf.float64)
            for loss, target, y in zip(self._losses, targets, outputs, strict=True)
        ]
        added = [tf.cast(tf.reduce_mean(each), tf.float64) for each in self._tap.added_losses]
        seen = self._tap.passage
        # One gradient in place of two equal ones; what the loss reads itself has more takers than the copies show.
        read_once = seen.only_copies()
        for output in outputs:
            read_once.pop(id(output), None)
        given = [[read_once.get(id(each), each) for each in seen.given.get(id(at), [])] for at in self._operations]
        return Forward(
            loss=tf.add_n([*losses, *added]),
            of_outputs=losses,
            outputs=outputs,
            ends=[read_once.get(id(end), end) for end in ends],
            given=[[each for each in tensors if each.dtype.is_floating] for tensors in given],
            seen=seen,
            dead=stacked(dead_units(seen.silent[id(each)]) for each in self._rectified if each is not None),
        )

    def _backward(self, forward: Forward, tape: tf.GradientTape) -> Any:
        """The loss; the gradients of the variables that have one; squared norms of all; shares of dead units; cosines."""
        values = [variable.value for variable in self._variables]
        copies = [copy for _, _, copy in forward.seen.edges]
        sources = values, forward.outputs, forward.ends, forward.given, copies
        by_variable, by_output, by_end, by_operation, by_edge = tape.gradient(forward.loss, sources)
        self._with_gradient = [index for index, gradient in enumerate(by_variable) if gradient is not None]
        self._edges = [(tail, head) for tail, head, _ in forward.seen.edges]
        gradients = [by_variable[index] for index in self._with_gradient]
        squares = Squares()
        found = {
            "variables": squares.each(gradients),
            "outputs": squares.each(by_output),
            "ends": squares.each(by_end),
            "activations": stacked(map(squares.of_all, by_operation)),
            "edges": squares.each(by_edge),
        }
        pulls = [tape.gradient(loss, values) for loss in forward.of_outputs] if len(forward.of_outputs) > 1 else []
        self._meetings, agreement = cosines(pulls, [owner.member for owner in self.owners for _ in owner.trainable])
        self._forks, parting = forks(forward.seen, by_edge, self._branches)
        return forward.loss, gradients, found, forward.dead, agreement, parting

    def _measured(
        self,
        loss: tf.Tensor,
        gradients: list[Any],
        squares: dict[str, tf.Tensor],
        dead: tf.Tensor,
        agreement: tf.Tensor,
        parting: tf.Tensor,
    ) -> Measured:
        norms = {name: np.sqrt(values.numpy()).tolist() for name, values in squares.items()}
        ends: dict[str, float] = {}
        for (member, _), norm in zip(self._ends, norms["ends"], strict=True):
            ends[member] = math.hypot(ends.get(member, 0.0), norm)
        edges: dict[tuple[str, str], float] = {}
        for edge, norm in zip(self._edges, norms["edges"], strict=True):
            if math.isfinite(norm):
                edges[edge] = math.hypot(edges.get(edge, 0.0), norm)
        shares = iter(dead.numpy().tolist())
        output = math.hypot(*norms["outputs"])
        return Measured(
            loss=float(loss),
            variables=self._by_owner(norms["variables"]),
            gradients=tuple(zip((self._variables[index] for index in self._with_gradient), gradients, strict=True)),
            activations=tuple(norm if math.isfinite(norm) else None for norm in norms["activations"]),
            dead=tuple(None if each is None else next(shares) for each in self._rectified),
            edges=edges,
            ends={member: norm for member, norm in ends.items() if math.isfinite(norm)},
            output=output if math.isfinite(output) else None,
            agreement={
                at: cosine
                for at, cosine in zip(self._meetings, agreement.numpy().tolist(), strict=True)
                if math.isfinite(cosine)
            },
            forks={
                at: cosine if math.isfinite(cosine) else None
                for at, cosine in zip(self._forks, parting.numpy().tolist(), strict=True)
            },
        )

    def _by_owner(self, values: Sequence[float]) -> tuple[tuple[float | None, ...], ...]:
        """Values of the variables that have a gradient, as a tuple for each owner with None for those without."""
        known = dict(zip(self._with_gradient, values, strict=True))
        places = itertools.count()
        return tuple(tuple(known.get(next(places)) for _ in owner.trainable) for owner in self.owners)

    def _for_each_output(self, given: Any) -> list[Any]:
        return list(given) if isinstance(given, list | tuple) else [given] * len(self.model.outputs)

    def _tensors(self, inputs: dict[str, np.ndarray], target: Target) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        missing = [name for name in self._inputs if name not in inputs]
        if missing:
            raise Refusal(
                f"The probe batch has no input {missing[0][:60]!r}, which the model takes. Bind the data to every input.",
                f"The model takes {self._inputs}; received {sorted(inputs)}.",
            )
        arrays = [tf.convert_to_tensor(inputs[name], x.dtype) for name, x in zip(self._inputs, self.model.inputs, strict=True)]
        return arrays, [tf.convert_to_tensor(each) for each in self._for_each_output(target)]
