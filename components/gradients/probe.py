"""The gradients of one model on a probe batch, by tape; the model is left as it was."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.gradients.branch_ends import branch_ends
from components.gradients.owners import Owner, owners
from components.recipe import InputNode, MemberNode, OperatorNode, Recipe, Refusal

Loss = Callable[[Any, Any], Any]
"""Takes target and prediction, gives the mean loss over the samples: a Keras loss or a function."""

Target = np.ndarray | Sequence[np.ndarray]
"""One target for every output, or one for each output in order, as its loss wants it."""

PROBE_SAMPLES = 256


def probe_rows(rows: int, seed: int = 0, samples: int = PROBE_SAMPLES) -> np.ndarray:
    """Which rows of the training split are the probe batch: the same for the same seed, in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:samples])


@dataclass(frozen=True)
class Measured:
    """What a probe found. Norms are Euclidean, in float64; None where no gradient exists.

    `variables` has, for each owner, one norm for each of its trainable variables. `ends` has the norm of the gradient with
    respect to what leaves each member's branch, where it exists; `output` that with respect to what leaves the model, which is
    None for a softmax or sigmoid right before its cross-entropy, since Keras derives the two as one.
    """

    loss: float
    variables: tuple[tuple[float | None, ...], ...]
    ends: dict[str, float]
    output: float | None


class Probe:
    """Measures a model again and again, tracing it once.

    The loss is that of the outputs plus the model's own (regularisers, `add_loss`), not scaled for mixed precision, with
    `training=True` as in a training step. Moving statistics and random seeds are put back after each call.

    Args:
        recipe: Names the members, the operators, and what each input is bound to.
        model: The functional model built from it.
        loss: One loss for every output, or one for each output in order; they are summed.
    """

    def __init__(self, recipe: Recipe, model: keras.Model, loss: Loss | Sequence[Loss]) -> None:
        members = [member.name for member in recipe.members]
        nodes = recipe.graph.nodes if recipe.graph else ()
        bound = {node.id: node.binding for node in nodes if isinstance(node, InputNode)}
        self.model = model
        self.owners: tuple[Owner, ...] = owners(
            model, members, [node.member if isinstance(node, MemberNode) else node.id for node in nodes]
        )
        self._variables = [variable for owner in self.owners for variable in owner.trainable]
        self._ends = branch_ends(model, members, [node.id for node in nodes if isinstance(node, OperatorNode)])
        self._inputs = [bound.get(tensor.name, tensor.name) for tensor in model.inputs]
        self._losses = self._for_each_output(loss)
        self._watched = keras.Model(model.inputs, [*model.outputs, *(tensor for _, tensor in self._ends)])
        self._missing: frozenset[int] = frozenset()
        self._traced: Any = None

    def __call__(self, inputs: dict[str, np.ndarray], target: Target) -> Measured:
        """Measures on one batch.

        Args:
            inputs: An array for each input of the data, by its name; the first axis is the samples.
            target: What is predicted.

        Raises:
            Refusal: when an input of the model is missing.
        """
        missing = [name for name in self._inputs if name not in inputs]
        if missing:
            raise Refusal(
                f"The probe batch has no input {missing[0][:60]!r}, which the model takes. Bind the data to every input.",
                f"The model takes {self._inputs}; received {sorted(inputs)}.",
            )
        with _left_as_it_was(self.model):
            loss, by_variable, by_output, by_end = self._pass(
                [tf.convert_to_tensor(inputs[name], x.dtype) for name, x in zip(self._inputs, self.model.inputs, strict=True)],
                [tf.convert_to_tensor(each) for each in self._for_each_output(target)],
            )
        norms = iter(np.sqrt(by_variable.numpy()).tolist())
        flat = iter([None if index in self._missing else next(norms) for index in range(len(self._variables))])
        ends: dict[str, float] = {}
        for (member, _), square in zip(self._ends, by_end.numpy().tolist(), strict=True):
            ends[member] = math.hypot(ends.get(member, 0.0), math.sqrt(square))
        output = float(np.sqrt(np.sum(by_output)))
        return Measured(
            loss=float(loss),
            variables=tuple(tuple(next(flat) for _ in owner.trainable) for owner in self.owners),
            ends={member: norm for member, norm in ends.items() if math.isfinite(norm)},
            output=output if math.isfinite(output) else None,
        )

    def _for_each_output(self, given: Any) -> list[Any]:
        return list(given) if isinstance(given, list | tuple) else [given] * len(self.model.outputs)

    def _pass(self, inputs: list[tf.Tensor], targets: list[tf.Tensor]) -> Any:
        if self._traced is None:
            # A concrete function, since TensorFlow warns of frequent retracing where many probes each trace this one method.
            batches = [[tf.TensorSpec([None, *x.shape[1:]], x.dtype) for x in arrays] for arrays in (inputs, targets)]
            self._traced = tf.function(self._trace).get_concrete_function(*batches)
        return self._traced(inputs, targets)

    def _trace(self, inputs: list[tf.Tensor], targets: list[tf.Tensor]) -> tuple[tf.Tensor, ...]:
        """The loss, and the squared norms by variable (those alone that have a gradient), by output, and by branch end."""
        values = [variable.value for variable in self._variables]
        with tf.GradientTape() as tape:
            flowing = keras.tree.flatten(self._watched(inputs, training=True))
            outputs, ends = flowing[: len(self._losses)], flowing[len(self._losses) :]
            losses = [loss(target, y) for loss, target, y in zip(self._losses, targets, outputs, strict=True)]
            total = tf.add_n([tf.cast(tf.reduce_mean(each), tf.float64) for each in (*losses, *self._watched.losses)])
        by_variable, by_output, by_end = tape.gradient(total, (values, outputs, ends))
        self._missing = frozenset(index for index, gradient in enumerate(by_variable) if gradient is None)
        by_variable = [gradient for gradient in by_variable if gradient is not None]
        return total, _squares(by_variable), _squares(by_output), _squares(by_end)


@contextlib.contextmanager
def _left_as_it_was(model: keras.Model) -> Iterator[None]:
    """Puts back all that a pass through the model moves: moving statistics and random seeds."""
    values = [variable.value for variable in model.non_trainable_variables]
    kept = [tf.identity(value) for value in values]
    try:
        yield
    finally:
        for value, was in zip(values, kept, strict=True):
            value.assign(was)


def _squares(gradients: Sequence[Any]) -> tf.Tensor:
    """The sum of each gradient's squares; NaN where there is none."""
    return tf.stack([_square(gradient) for gradient in gradients]) if gradients else tf.zeros([0], tf.float64)


def _square(gradient: Any) -> tf.Tensor:
    """In float64, so that the square of a small gradient does not become zero."""
    if gradient is None:
        return tf.constant(math.nan, tf.float64)
    if isinstance(gradient, tf.IndexedSlices):
        rows, places = tf.unique(gradient.indices)
        gradient = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.reduce_sum(tf.square(tf.cast(gradient, tf.float64)))
