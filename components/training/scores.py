"""Loss and metric of predictions, in NumPy: the same for a fused model, a member, and an average of members."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from components.data.columns import Array
from components.recipe import Task

SMALLEST = 1e-7
"""Probabilities are kept this far from 0 and 1, as in Keras."""


def loss_and_metric(task: Task, prediction: Array, target: Array) -> tuple[float, float]:
    """Loss and metric over samples.

    Args:
        task: Of the target.
        prediction: Probabilities of shape (n, classes); for a binary task also (n, 1), that of the second class; numbers of
            shape (n, 1) for a regression.
        target: Of shape (n,), as in `Samples`.

    Returns:
        Cross-entropy in nats and accuracy; for a regression mean squared and mean absolute error.
    """
    return _SCORES[task](prediction.astype(np.float64), target)


def _classes(prediction: Array, target: Array) -> tuple[float, float]:
    numbers = target.astype(np.int64)
    shares = np.clip(prediction / prediction.sum(axis=1, keepdims=True), SMALLEST, 1 - SMALLEST)
    loss = -np.log(shares[np.arange(len(numbers)), numbers]).mean()
    return float(loss), float((prediction.argmax(axis=1) == numbers).mean())


def _yes_or_no(prediction: Array, target: Array) -> tuple[float, float]:
    if prediction.shape[1] == 1:
        prediction = np.concatenate([1 - prediction, prediction], axis=1)
    return _classes(prediction, target)


def _numbers(prediction: Array, target: Array) -> tuple[float, float]:
    error = prediction[:, 0] - target
    return float((error**2).mean()), float(np.abs(error).mean())


_SCORES: dict[Task, Callable[[Array, Array], tuple[float, float]]] = {
    "multiclass": _classes,
    "binary": _yes_or_no,
    "regression": _numbers,
}
