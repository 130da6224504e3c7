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
        prediction: Probabilities of shape (n, classes) or (n, labels); for a binary task also (n, 1), that of the second class;
            numbers of shape (n, 1) for a regression.
        target: Of shape (n,), or (n, labels), as in `Samples`.

    Returns:
        Cross-entropy in nats and accuracy, of several labels their means over the labels; for a regression mean squared and
        mean absolute error.
    """
    losses, metrics = sample_scores(task, prediction, target)
    return float(losses.mean()), float(metrics.mean())


def sample_scores(task: Task, prediction: Array, target: Array) -> tuple[Array, Array]:
    """Loss and metric of every sample, each of shape (n,); their means are those of `loss_and_metric`."""
    return _SCORES[task](prediction.astype(np.float64), target)


def class_shares(prediction: Array) -> Array:
    """Probabilities of shape (n, classes) that sum to 1, also of predictions of shape (n, 1): that of the second class."""
    if prediction.shape[1] == 1:
        prediction = np.concatenate([1 - prediction, prediction], axis=1)
    return prediction / prediction.sum(axis=1, keepdims=True)


def _classes(prediction: Array, target: Array) -> tuple[Array, Array]:
    numbers = target.astype(np.int64)
    shares = class_shares(prediction)
    right = np.clip(shares[np.arange(len(numbers)), numbers], SMALLEST, 1 - SMALLEST)
    return -np.log(right), (shares.argmax(axis=1) == numbers).astype(np.float64)


def _labels(prediction: Array, target: Array) -> tuple[Array, Array]:
    shares = np.clip(prediction, SMALLEST, 1 - SMALLEST)
    losses = -np.where(target > 0.5, np.log(shares), np.log(1 - shares))
    return losses.mean(axis=1), ((prediction > 0.5) == (target > 0.5)).mean(axis=1)


def _numbers(prediction: Array, target: Array) -> tuple[Array, Array]:
    error = prediction[:, 0] - target
    return error**2, np.abs(error)


_SCORES: dict[Task, Callable[[Array, Array], tuple[Array, Array]]] = {
    "multiclass": _classes,
    "binary": _classes,
    "multilabel": _labels,
    "regression": _numbers,
}
