"""Predictions of classes or labels in the two forms in which analyses take them."""

from __future__ import annotations

import numpy as np

from components.data.columns import Array
from components.recipe import Target
from components.training.scores import class_shares


def one_against_rest(target: Target, prediction: Array, truth: Array) -> tuple[Array, Array]:
    """The probability of each class or label, and whether it is the sample's, both of shape (n, classes).

    Args:
        target: Of a classification, of one class or of several labels.
        prediction: As in `Candidate`.
        truth: As in `Samples`.
    """
    if target.task == "multilabel":
        return prediction.astype(np.float64), truth > 0.5
    return class_shares(prediction.astype(np.float64)), np.eye(len(target.classes), dtype=bool)[truth.astype(np.int64)]


def single_choices(target: Target, prediction: Array, truth: Array) -> tuple[Array, Array]:
    """Probabilities of shape (m, choices), and the number of the right one: each label is a yes or no of its own.

    Args:
        target: Of a classification, of one class or of several labels.
        prediction: As in `Candidate`.
        truth: As in `Samples`.
    """
    if target.task == "multilabel":
        return class_shares(prediction.astype(np.float64).reshape(-1, 1)), (truth.ravel() > 0.5).astype(np.int64)
    return class_shares(prediction.astype(np.float64)), truth.astype(np.int64)
