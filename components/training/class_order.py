"""Members whose classes stand in another order than the data's: named in sorted order here, by hand there."""

from __future__ import annotations

import numpy as np

from components.data.columns import Array
from components.training.scores import loss_and_metric


def chance_level(numbers: Array) -> tuple[float, float]:
    """The share of the most frequent class among class numbers, and its standard error."""
    chance = np.bincount(numbers).max() / len(numbers)
    return float(chance), float(np.sqrt(chance * (1 - chance) / len(numbers)))


def is_above_chance(prediction: Array, numbers: Array) -> bool:
    """Whether a prediction is right more often than chance, by more than two standard errors.

    Args:
        prediction: Shares of the shape (samples, classes), or (samples, 1) of the second of two classes.
        numbers: The class of each sample.
    """
    chance, error = chance_level(numbers)
    return loss_and_metric("multiclass", prediction, numbers)[1] > chance + 2 * error


def in_best_order(prediction: Array, numbers: Array) -> Array | None:
    """The same prediction where each unit stands for the class that it finds most often; None where two would for one class.

    Arguments as those of `is_above_chance`.
    """
    single = prediction.shape[1] == 1
    said = (prediction[:, 0] > 0.5).astype(np.int64) if single else prediction.argmax(axis=1)
    classes = max(2, prediction.shape[1])
    counts = np.zeros((classes, classes))
    np.add.at(counts, (said, numbers), 1)
    order = counts.argmax(axis=1)
    if len(set(order.tolist())) < classes:
        return None
    if single:
        return prediction if order[0] == 0 else 1 - prediction
    return np.asarray(prediction[:, np.argsort(order)])
