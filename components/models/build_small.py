"""Builds a small member, untrained, for the samples that it will be trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from components.models.small_member import Kind, SmallMember
from components.recipe import Refusal, Task

Samples = npt.NDArray[np.float32]


def build_small(order: SmallMember, inputs: Mapping[str, Samples], target: npt.NDArray[Any], task: Task, classes: int) -> Any:
    """A functional model with an input for each of the dataset's, and with the scaling of these samples inside.

    It ends in probabilities of classes or labels, in the probability of the second class, or for a regression in a number with
    the mean and the deviation of the target. Names of layers have a dot, which those of inputs never have.

    Args:
        order: What it is made of.
        inputs: Samples of the training split, of shape (n, *input shape), by the inputs' names.
        target: Their targets, of shape (n,), or (n, labels).
        task: What is predicted.
        classes: How many classes or labels there are; 0 for a regression.

    Raises:
        Refusal: when a convolutional one is asked for and no input is a picture.
    """
    keras.utils.set_random_seed(order.seed)
    fed = {name: keras.Input(array.shape[1:], name=name) for name, array in inputs.items()}
    scaled = [_normalization(f"{name}.scaling", inputs[name])(tensor) for name, tensor in fed.items()]
    features = _BODIES[order.kind](order, scaled)
    if task == "regression":
        last = keras.layers.Dense(1, name="head.number")(features)
        deviation = float(np.std(target, dtype=np.float64)) or 1.0
        mean = float(np.mean(target, dtype=np.float64))
        prediction = keras.layers.Rescaling(deviation, mean, name="head.unscaled")(last)
    elif task == "binary":
        prediction = keras.layers.Dense(1, activation="sigmoid", name="head.probability")(features)
    elif task == "multilabel":
        prediction = keras.layers.Dense(classes, activation="sigmoid", name="head.probabilities")(features)
    else:
        prediction = keras.layers.Dense(classes, activation="softmax", name="head.probabilities")(features)
    return keras.Model(list(fed.values()), prediction, name=order.name)


def folded(model: Any) -> Any:
    """A trained small member as it is handed on: of a regression, the scale of the target becomes part of its last dense layer.

    The member predicts the same, and ends in a dense layer, at whose function a fusion of features can start.
    """
    last = model.layers[-1]
    if not isinstance(last, keras.layers.Rescaling):
        return model
    dense = model.get_layer("head.number")
    kernel, bias = dense.get_weights()
    dense.set_weights([kernel * last.scale, bias * last.scale + last.offset])
    return keras.Model(model.inputs, dense.output, name=model.name)


def _normalization(name: str, array: Samples) -> Any:
    """Mean 0 and deviation 1 for each entry of the last axis; one that never changes is only shifted.

    Set and not adapted: float32 sums of large numbers would make a constant look as if it changed.
    """
    places = tuple(range(array.ndim - 1))
    mean, variance = array.mean(axis=places, dtype=np.float64), array.var(axis=places, dtype=np.float64)
    variance[array.min(axis=places) == array.max(axis=places)] = 1.0
    layer = keras.layers.Normalization(axis=-1, name=name)
    layer.build(array.shape)
    layer.set_weights([mean, variance, np.array(len(array))])
    layer.finalize_state()
    return layer


def _dense(order: SmallMember, tensors: list[Any]) -> Any:
    flow = _joined([_vector(tensor) for tensor in tensors])
    for number in range(1, order.depth + 1):
        flow = keras.layers.Dense(order.width, activation="relu", name=f"dense.{number}")(flow)
    return flow


def _convolutional(order: SmallMember, tensors: list[Any]) -> Any:
    """Convolutions over every picture, halved in size after each while there are pixels left; all else goes around them."""
    if not any(len(tensor.shape) == 4 for tensor in tensors):
        raise Refusal("A convolutional member needs a picture, and these data have none. Choose a dense one.")
    return _joined([_vector(_convolved(order, tensor) if len(tensor.shape) == 4 else tensor) for tensor in tensors])


def _convolved(order: SmallMember, flow: Any) -> Any:
    of = flow._keras_history.operation.name.removesuffix(".scaling")
    for number in range(1, order.depth + 1):
        width = order.width * 2 ** (number - 1)
        flow = keras.layers.Conv2D(width, 3, padding="same", activation="relu", name=f"{of}.convolution.{number}")(flow)
        if min(flow.shape[1:3]) >= 4:
            flow = keras.layers.MaxPooling2D(name=f"{of}.pooling.{number}")(flow)
    return flow


def _vector(tensor: Any) -> Any:
    return (
        tensor if len(tensor.shape) == 2 else keras.layers.Flatten(name=f"{tensor._keras_history.operation.name}.flat")(tensor)
    )


def _joined(tensors: list[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else keras.layers.Concatenate(name="inputs.joined")(tensors)


_BODIES: dict[Kind, Callable[[SmallMember, list[Any]], Any]] = {"dense": _dense, "convolutional": _convolutional}
"""From the scaled inputs to the features before the last layer."""
