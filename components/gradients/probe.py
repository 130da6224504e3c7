"""The gradients of one model on a probe batch, by tape; the model is left as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from components.gradients.owners import Owner, owners
from components.recipe import Refusal

Loss = Callable[[Any, Any], Any]
"""Takes target and prediction, gives the mean loss over the samples: a Keras loss or a function."""

PROBE_SAMPLES = 256


def probe_rows(rows: int, seed: int = 0, samples: int = PROBE_SAMPLES) -> np.ndarray:
    """Which rows of the training split are the probe batch: the same for the same seed, in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:samples])


@dataclass(frozen=True)
class Measured:
    """What a probe found. Norms are Euclidean, in float64; None where no gradient exists.

    `variables` has, for each owner, one norm for each of its trainable variables; `routes` for each member the norm at its
    branch's end over that at the model's output, where both exist and the latter is not zero.
    """

    loss: float
    variables: tuple[tuple[float | None, ...], ...]
    routes: dict[str, float]


class Probe:
    """Measures a model again and again, tracing it once.

    The loss is that of the outputs plus the model's own (regularisers, `add_loss`), not scaled for mixed precision, with
    `training=True` as in a training step. Moving statistics and random seeds are put back after each call.

    Args:
        model: A functional model.
        loss: One loss for every output, or one for each output in order; they are summed.
        members: The names of the recipe's members, see `owners`.
    """

    def __init__(self, model: keras.Model, loss: Loss | Sequence[Loss], members: Iterable[str] = ()) -> None:
        members = tuple(members)
        self.model = model
        self.owners: tuple[Owner, ...] = owners(model, members)
        self._variables = [variable for owner in self.owners for variable in owner.trainable]
        self._ends = _branch_ends(model, members)
        self._losses = list(loss) if isinstance(loss, Sequence) else [loss] * len(model.outputs)
        self._watched = keras.Model(model.inputs, [*model.outputs, *(tensor for _, tensor in self._ends)])
        self._missing: frozenset[int] = frozenset()
        self._traced: Any = None

    def __call__(self, inputs: dict[str, np.ndarray], target: np.ndarray) -> Measured:
        """Measures on one batch.

        Args:
            inputs: An array for each input of the model, by its name; the first axis is the samples.
            target: What is predicted, as the loss wants it.

        Raises:
            Refusal: when an input of the model is missing.
        """
        missing = [tensor.name for tensor in self.model.inputs if tensor.name not in inputs]
        if missing:
            raise Refusal(
                f"The probe batch has no input {missing[0][:60]!r}, which the model takes. Bind the data to every input.",
                f"The model takes {[tensor.name for tensor in self.model.inputs]}; received {sorted(inputs)}.",
            )
        state = [variable.value for variable in self.model.non_trainable_variables]
        kept = [tf.identity(value) for value in state]
        try:
            arrays = [tf.convert_to_tensor(inputs[tensor.name], tensor.dtype) for tensor in self.model.inputs]
            loss, found, ends = self._squares(arrays, tf.convert_to_tensor(target))
        finally:
            for value, was in zip(state, kept, strict=True):
                value.assign(was)
        norms = iter([float(norm) for norm in np.sqrt(found.numpy())])
        flat = iter([None if index in self._missing else next(norms) for index in range(len(self._variables))])
        variables = tuple(tuple(next(flat) for _ in owner.trainable) for owner in self.owners)
        return Measured(float(loss), variables, self._routes(ends.numpy()))

    def _squares(self, inputs: list[tf.Tensor], target: tf.Tensor) -> Any:
        if self._traced is None:
            # A concrete function, since TensorFlow warns of frequent retracing where many probes each trace this one method.
            batch = [tf.TensorSpec([None, *array.shape[1:]], array.dtype) for array in (*inputs, target)]
            self._traced = tf.function(self._trace).get_concrete_function(batch[:-1], batch[-1])
        return self._traced(inputs, target)

    def _trace(self, inputs: list[tf.Tensor], target: Any) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The loss; the squared norm for each variable with a gradient; those for outputs and branch ends, NaN without one."""
        values = [variable.value for variable in self._variables]
        outputs = len(self.model.outputs)
        with tf.GradientTape() as tape:
            flowing = keras.tree.flatten(self._watched(inputs, training=True))
            losses = [loss(target, prediction) for loss, prediction in zip(self._losses, flowing[:outputs], strict=True)]
            total = tf.add_n([tf.cast(tf.reduce_mean(each), tf.float64) for each in (*losses, *self._watched.losses)])
        by_variable, by_tensor = tape.gradient(total, (values, flowing))
        self._missing = frozenset(index for index, gradient in enumerate(by_variable) if gradient is None)
        found = [_square(gradient) for gradient in by_variable if gradient is not None]
        ends = [tf.constant(np.nan, tf.float64) if gradient is None else _square(gradient) for gradient in by_tensor]
        return total, tf.stack(found) if found else tf.zeros([0], tf.float64), tf.stack(ends)

    def _routes(self, squares: np.ndarray) -> dict[str, float]:
        outputs = len(self.model.outputs)
        output = np.sum(squares[:outputs])
        routes: dict[str, float] = {}
        for (member, _), square in zip(self._ends, squares[outputs:], strict=True):
            routes[member] = routes.get(member, 0.0) + float(square)
        return {member: float(np.sqrt(square / output)) for member, square in routes.items() if output > 0 and square >= 0}


def _square(gradient: Any) -> tf.Tensor:
    """The sum of squares in float64, so that the square of a small gradient does not become zero."""
    if isinstance(gradient, tf.IndexedSlices):
        rows, places = tf.unique(gradient.indices)
        gradient = tf.math.unsorted_segment_sum(gradient.values, places, tf.size(rows))
    return tf.reduce_sum(tf.square(tf.cast(gradient, tf.float64)))


def _branch_ends(model: keras.Model, members: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Each member with the tensors that leave its branch, in the model's own graph."""
    nodes = [node for depth in sorted(model._nodes_by_depth, reverse=True) for node in model._nodes_by_depth[depth]]
    return [(node.operation.name, tensor) for node in nodes if node.operation.name in members for tensor in node.outputs]
