"""Which classes are taken for which."""

from __future__ import annotations

import numpy as np
from sklearn import metrics

from components.training.analysis.findings import ClassScore, Confusion
from components.training.analysis.registry import analysis
from components.training.scores import class_shares
from components.training.tested import Tested


@analysis("binary", "multiclass")
def confusion(tested: Tested, calibration: Tested | None) -> Confusion:
    """Counts, and precision, recall and F1 of each class; what has no samples, or was never said, counts as 0."""
    names, truth = tested.target.classes, tested.truth.astype(np.int64)
    said, numbers = class_shares(tested.prediction).argmax(axis=1), np.arange(len(names))
    counts = metrics.confusion_matrix(truth, said, labels=numbers)
    figures = metrics.precision_recall_fscore_support(truth, said, labels=numbers, zero_division=0.0)
    classes = [
        ClassScore(name=name, precision=float(p), recall=float(r), f1=float(f), samples=int(n))
        for name, p, r, f, n in zip(names, *figures, strict=True)
    ]
    return Confusion(counts=tuple(tuple(row) for row in counts.tolist()), classes=tuple(classes))
