"""What one prediction of a fused model costs: weights, floating-point operations, milliseconds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from components.fusion.branch import one_or_all
from components.fusion.build import build
from components.fusion.usage import Use, uses
from components.models.arithmetic import floating_point_operations
from components.recipe import Recipe
from components.training.frozen import between

CALLS = 15
ANY_LENGTH = 16
"""What stands for an axis of any length."""


class Cost(NamedTuple):
    """Weights, floating-point operations for one sample, and the milliseconds in which one sample is predicted."""

    parameters: int
    operations: int
    latency: float


class Costs:
    """Measures fused models over the same members: each member is timed once for each use that is made of it.

    A latency is the sum of the members' and of what is around them, each compiled for itself and fed one sample.
    """

    def __init__(self, models: Mapping[str, keras.Model]) -> None:
        """Of `models` by the members' names."""
        self._models = models
        self._timed: dict[tuple[object, ...], float] = {}

    def of(self, recipe: Recipe) -> Cost:
        """The cost of a recipe's model.

        Raises:
            Refusal: when it cannot be built.
        """
        model = build(recipe, self._models)
        taken = uses(recipe, recipe.graph) if recipe.graph else {}
        nodes = [(name, node) for name in taken for node in model.get_layer(name)._inbound_nodes]
        given = {id(tensor): tensor for _, node in nodes for tensor in node.output_tensors}
        fed = {id(tensor): tensor for _, node in nodes for tensor in node.input_tensors}
        around = between([*model.inputs, *given.values()], [*model.outputs, *fed.values()])
        latency = _milliseconds(around) + sum(self._member(model.get_layer(name), (name, taken[name])) for name, _ in nodes)
        return Cost(model.count_params(), floating_point_operations(model, [], []), latency)

    def of_member(self, name: str) -> Cost:
        """The cost of one member's prediction."""
        model = self._models[name]
        use = (name, Use(predict=True))
        return Cost(model.count_params(), floating_point_operations(model, [], []), self._member(model, use))

    def _member(self, branch: keras.Model, use: tuple[object, ...]) -> float:
        if use not in self._timed:
            self._timed[use] = _milliseconds(branch)
        return self._timed[use]


def _milliseconds(model: keras.Model) -> float:
    """The median time of a call with one sample, once traced."""
    sample = [tf.constant(np.zeros((1, *(axis or ANY_LENGTH for axis in x.shape[1:]))), dtype=x.dtype) for x in model.inputs]
    call = tf.function(lambda: model(one_or_all(sample), training=False))
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    # The first call traces.
    return 1000 * statistics.median(times[1:])
