"""A fused model in which a member can be switched off or disturbed: how its other parts answer shows what they rely on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from components.data.columns import Array
from components.training.alone import predict


class Intervened:
    """A copy of a fused model's wiring, with the model's own layers, in which members can be left out or fed noise.

    A member that is left out gives the mean of what it gives on some samples, whatever flows in; noise on a member's input is
    Gaussian, in standard deviations of each of its features (or channels) over the same samples, so that columns in different
    units are disturbed alike, and the same in every batch and for every model with the same seed.

    Args:
        model: Functional; its members are layers of their names.
        members: Those names.
        inputs: The samples over which means and deviations are taken: an array for each of the model's inputs.
        seed: Of the noise.
    """

    def __init__(self, model: keras.Model, members: Sequence[str], inputs: Sequence[Array], seed: int) -> None:
        self._members = list(members)
        calls = [
            node for layer in model.layers if layer.name in members for node in layer._inbound_nodes if _is_within(model, node)
        ]
        measured = [tensor for node in calls for tensor in (*node.input_tensors, *node.output_tensors)]
        values = predict(keras.Model(model.inputs, measured), inputs) if measured else []
        known = {id(tensor): value for tensor, value in zip(measured, values, strict=True)}
        self.can_be_disturbed = {
            name: all("float" in tensor.dtype for node in calls if node.operation.name == name for tensor in node.input_tensors)
            for name in members
        }
        fresh = [keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype) for tensor in model.inputs]
        self._present, self._noise = keras.Input((len(members),)), keras.Input((len(members),))
        tensors = {id(old): new for old, new in zip(model.inputs, fresh, strict=True)}

        def call(tensor: Any) -> Any:
            if id(tensor) not in tensors:
                operation, index, _ = tensor._keras_history
                node = operation._inbound_nodes[index]
                given = {id(each): call(each) for each in node.input_tensors}
                place = self._members.index(operation.name) if operation.name in members else None
                if place is not None and self.can_be_disturbed[operation.name]:
                    given = {key: self._disturbed(new, place, known[key], seed) for key, new in given.items()}
                args, kwargs = node.arguments.fill_in(given)
                made = keras.tree.flatten(operation(*args, **kwargs))
                if place is not None:
                    pairs = zip(node.output_tensors, made, strict=True)
                    made = [_Replaced(known[id(old)].mean(axis=0), place)([new, self._present]) for old, new in pairs]
                tensors.update({id(old): new for old, new in zip(node.output_tensors, made, strict=True)})
            return tensors[id(tensor)]

        outputs = [call(tensor) for tensor in model.outputs]
        self._model = keras.Model([*fresh, self._present, self._noise], outputs)

    def predict(
        self, inputs: Sequence[Array], absent: Sequence[int] = (), noise: tuple[int, float] | None = None
    ) -> list[Array]:
        """What the outputs give with some members left out, or with noise on one member's input.

        Args:
            inputs: An array for each input of the model.
            absent: The places of members that are left out.
            noise: The place of a member, and the noise's standard deviation in those of its input's features.
        """
        shape = (len(inputs[0]), len(self._members))
        present, level = np.ones(shape, np.float32), np.zeros(shape, np.float32)
        present[:, list(absent)] = 0
        if noise is not None:
            level[:, noise[0]] = noise[1]
        return predict(self._model, [*inputs, present, level])

    def _disturbed(self, tensor: Any, place: int, values: Array, seed: int) -> Any:
        deviations = values.std(axis=tuple(range(values.ndim - 1)))
        return _Disturbed(deviations, place, seed + place)([tensor, self._noise])


def _is_within(model: keras.Model, node: Any) -> bool:
    """Whether a call of a layer is part of a model: a layer may be called by others too."""
    return any(node is each for nodes in model._nodes_by_depth.values() for each in nodes)


class _Replaced(keras.Layer):
    """Gives a constant for samples of which the member at `place` is not present."""

    def __init__(self, constant: Array, place: int) -> None:
        super().__init__(trainable=False)
        self._constant, self._place = constant, place

    def call(self, tensors: Sequence[Any]) -> Any:
        tensor, present = tensors
        return keras.ops.where(_spread(present[:, self._place], tensor) > 0, tensor, self._constant)


class _Disturbed(keras.Layer):
    """Adds noise of so many standard deviations; each value of the last axis has its own."""

    def __init__(self, deviations: Array, place: int, seed: int) -> None:
        super().__init__(trainable=False)
        self._deviations, self._place, self._seed = deviations, place, seed

    def call(self, tensors: Sequence[Any]) -> Any:
        tensor, level = tensors
        noise = keras.random.normal(keras.ops.shape(tensor), seed=self._seed)
        return tensor + _spread(level[:, self._place], tensor) * self._deviations * noise


def _spread(values: Any, tensor: Any) -> Any:
    """One value a sample, along all axes of a tensor."""
    return keras.ops.reshape(values, (-1, *(1 for _ in tensor.shape[1:])))
