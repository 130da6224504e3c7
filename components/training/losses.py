"""Loss and metric of a fused model, from the task and from what its outputs are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.recipe import Recipe, Refusal, Task
from components.training.feed import data_of, output_nodes, target_places


@dataclass(frozen=True)
class Objective:
    """What one output is trained for. `target` turns values of its target into what the loss takes.

    `place` is that of its target among the data's.
    """

    loss: Any
    metric: Any
    target: Callable[[Array], Array]
    weight: float = 1.0
    place: int = 0

    def labels(self, samples: Samples, part: Array) -> Array:
        """What the loss takes for the samples at these positions."""
        return self.target(samples.targets[self.place][part])

    def weighted_loss(self, target: Any, prediction: Any) -> Any:
        """The loss as it counts in training, from tensors of target and prediction."""
        return self.weight * self.loss(target, prediction)


def _classes(units: int, logits: bool) -> Objective:
    return Objective(
        keras.losses.SparseCategoricalCrossentropy(from_logits=logits),
        keras.metrics.SparseCategoricalAccuracy(name="accuracy"),
        lambda target: target.astype(np.int32),
    )


def _yes_or_no(units: int, logits: bool) -> Objective:
    if units == 2:
        return _classes(units, logits)
    return Objective(
        keras.losses.BinaryCrossentropy(from_logits=logits),
        keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0 if logits else 0.5),
        lambda target: target.astype(np.float32)[:, None],
    )


def _labels(units: int, logits: bool) -> Objective:
    return Objective(
        keras.losses.BinaryCrossentropy(from_logits=logits),
        keras.metrics.BinaryAccuracy(name="label_accuracy", threshold=0.0 if logits else 0.5),
        lambda target: target.astype(np.float32),
    )


def _number(units: int, logits: bool) -> Objective:
    return Objective(
        keras.losses.MeanSquaredError(),
        keras.metrics.MeanAbsoluteError(name="mean_absolute_error"),
        lambda target: target.astype(np.float32)[:, None],
    )


_OBJECTIVES: dict[Task, Callable[[int, bool], Objective]] = {
    "multiclass": _classes,
    "binary": _yes_or_no,
    "multilabel": _labels,
    "regression": _number,
}


_UNITS: dict[Task, Callable[[int], tuple[int, ...]]] = {
    "multiclass": lambda classes: (classes,),
    "binary": lambda classes: (1, 2),
    "multilabel": lambda classes: (classes,),
    "regression": lambda classes: (1,),
}
"""How many units an output may have."""


def objectives(recipe: Recipe, model: keras.Model) -> list[Objective]:
    """An objective for each output of a model: that of the target that its node in the recipe's graph names, or of the first.

    Args:
        recipe: With data and the graph that the model was built from.
        model: A functional model whose outputs have the shape (batch, units).

    Raises:
        Refusal: when there are no data, or an output has not as many units as its target needs.
    """
    made = []
    for node, place, output in zip(output_nodes(recipe), target_places(recipe), model.outputs, strict=True):
        target, units = data_of(recipe).targets[place], output.shape[-1]
        needed = _UNITS[target.task](len(target.classes))
        if len(output.shape) != 2 or units not in needed:
            raise Refusal(
                f"The fused model gives the shape {tuple(output.shape[1:])} for each sample; this target needs "
                f"{' or '.join(map(str, needed))} units. Choose another layout or another target."
            )
        made.append(replace(_OBJECTIVES[target.task](units, gives_logits(output)), weight=node.loss_weight, place=place))
    return made


def gives_logits(output: Any) -> bool:
    """Whether an output's last activation is linear, so that for a classification it holds logits and not probabilities.

    Outputs of operations without an activation, such as an average, are taken for what flows into them: probabilities.
    """
    operation, call, index = output._keras_history
    if isinstance(operation, keras.Model) and hasattr(operation, "outputs"):
        return gives_logits(operation.outputs[index])
    linear = getattr(operation, "activation", None) is keras.activations.linear
    if linear and isinstance(operation, keras.layers.Activation):
        # It changes nothing; files of mixed precision end in one.
        return gives_logits(operation._inbound_nodes[call].input_tensors[0])
    return linear
