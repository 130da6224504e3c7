"""How well each of several labels is found."""

from __future__ import annotations

import numpy as np
from sklearn import metrics

from components.training.analysis.findings import ClassScore, Labels
from components.training.analysis.registry import analysis
from components.training.tested import Tested


@analysis("multilabel")
def labels(tested: Tested, calibration: Tested | None) -> Labels:
    """Precision, recall and F1 of each label, said where its probability is above one half; what is not defined counts as 0."""
    truth, said = tested.truth > 0.5, tested.prediction > 0.5
    figures = metrics.precision_recall_fscore_support(truth, said, zero_division=0.0)
    every = [
        ClassScore(name=name, precision=float(p), recall=float(r), f1=float(f), samples=int(n))
        for name, p, r, f, n in zip(tested.target.classes, *figures, strict=True)
    ]
    return Labels(all_right=float((truth == said).all(axis=1).mean()), f1=float(np.mean(figures[2])), labels=tuple(every))
