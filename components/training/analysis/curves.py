"""Receiver operating characteristic and precision over recall, one class against the rest."""

from __future__ import annotations

import numpy as np
from sklearn import metrics

from components.data.columns import Array
from components.training.analysis.decisions import one_against_rest
from components.training.analysis.findings import Curve, Curves
from components.training.analysis.registry import analysis
from components.training.tested import Tested

MOST_POINTS = 201
"""Of one curve: more than can be told apart on a screen."""

MOST_CLASSES = 50
"""With more classes, only the curves over all of them are kept."""


@analysis("binary", "multiclass", "multilabel")
def curves(tested: Tested, calibration: Tested | None) -> Curves:
    """Curves of each candidate over all decisions, and of the fused model for each class that both occurs and does not."""
    names, truth = tested.target.classes, tested.truth
    split = {name: one_against_rest(tested.target, prediction, truth) for name, (_, prediction) in tested.able.items()}
    shares, positive = split[tested.fused.name]
    # Of two classes, the second says it all.
    several = len(names) > 2 or tested.target.task == "multilabel"
    first = 0 if several else 1
    decisions, models = positive[:, first:], {name: each[:, first:] for name, (each, _) in split.items()}
    told = [place for place in range(len(names)) if several and positive[:, place].any() and not positive[:, place].all()]
    by_class = [(names[place], positive[:, place], shares[:, place]) for place in told] if len(names) <= MOST_CLASSES else []
    of_models = [roc_and_precision(name, decisions.ravel(), each.ravel()) for name, each in models.items()]
    of_classes = [roc_and_precision(*each) for each in by_class]
    return Curves(
        roc_by_model=tuple(roc for roc, _ in of_models),
        precision_by_model=tuple(precision for _, precision in of_models),
        roc_by_class=tuple(roc for roc, _ in of_classes),
        precision_by_class=tuple(precision for _, precision in of_classes),
        positive=float(decisions.mean()),
    )


def roc_and_precision(name: str, truth: Array, score: Array) -> tuple[Curve, Curve]:
    """Two curves of truth values and scores of shape (n,): the true over the false positive rate, with the area below it, and
    precision over recall, with the average precision."""
    # Both from one sort of the scores, which of millions is what takes the time.
    _, false, _, true, _ = metrics.confusion_matrix_at_thresholds(truth, score)
    recall, precise = true / max(true[-1], 1), true / (true + false)
    x, y = np.append(0, false / max(false[-1], 1)), np.append(0, recall)
    average = float(np.diff(y) @ precise)
    return _curve(name, x, y, float(metrics.auc(x, y))), _curve(name, y, np.append(1, precise), average)


def _curve(name: str, x: Array, y: Array, area: float) -> Curve:
    """The curve with at most 201 points, spread evenly along its length, so that steps of either direction are kept."""
    if len(x) > MOST_POINTS:
        length = np.concatenate([[0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
        kept = np.searchsorted(length, np.linspace(0, length[-1], MOST_POINTS))
        x, y = x[np.unique(kept)], y[np.unique(kept)]
    return Curve(name=name, x=_short(x), y=_short(y), area=area)


def _short(values: Array) -> tuple[float, ...]:
    return tuple(np.round(values, 5).tolist())
