"""Does fusion help, and is that more than luck? The fused model beside every member and their average, sample by sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from components.data.columns import Array
from components.training.analysis.findings import Compared, Comparison
from components.training.analysis.registry import analysis
from components.training.analysis.verdict import verdict
from components.training.measures import LEVEL, bootstrap_means
from components.training.scores import sample_scores
from components.training.tested import Tested


@analysis("binary", "multiclass", "multilabel", "regression")
def comparison(tested: Tested, calibration: Tested | None) -> Comparison | None:
    """Differences of metric and loss with paired intervals, tests, and one sentence; None where there is nothing beside it.

    A classification is judged by McNemar's test, in its exact form, of the samples that one of two models alone gets right
    (McNemar, 1947); a regression by a paired bootstrap of its absolute errors, several labels by one of each sample's share of
    right labels. All p-values are corrected together (Holm,
    1979). Intervals are percentiles of a paired bootstrap (Efron, 1979), always of the same draws.
    """
    task, truth = tested.target.task, tested.truth
    scored = {name: sample_scores(task, prediction, truth) for name, (_, prediction) in tested.able.items()}
    fused_losses, fused_values = scored.pop(tested.fused.name)
    if not scored:
        return None
    losses = np.stack([fused_losses - each for each, _ in scored.values()], axis=1)
    values = np.stack([fused_values - each for _, each in scored.values()], axis=1)
    drawn = bootstrap_means(np.concatenate([values, losses], axis=1))
    edges = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    counted = task in ("binary", "multiclass")
    tests = []
    for place, difference in enumerate(values.T):
        alone = int((difference > 0).sum()), int((difference < 0).sum())
        tests.append(mcnemar(*alone) if counted else bootstrap_p(drawn[:, place], float(difference.mean())))
    found = [
        Compared(
            name=name,
            kind="member" if tested.able[name][0].kind == "member" else "average",
            difference=float(values[:, place].mean()),
            low=float(edges[0, place]),
            high=float(edges[1, place]),
            loss_difference=float(losses[:, place].mean()),
            loss_low=float(edges[0, place + len(scored)]),
            loss_high=float(edges[1, place + len(scored)]),
            fused_alone=int((values[:, place] > 0).sum()) if counted else None,
            other_alone=int((values[:, place] < 0).sum()) if counted else None,
            test="McNemar's test" if counted else "paired bootstrap",
            p=tests[place],
            adjusted=adjusted,
        )
        for place, (name, adjusted) in enumerate(zip(scored, holm(tests), strict=True))
    ]
    reached = {name: float(each.mean()) for name, (_, each) in scored.items()}
    kind, sentence = verdict(task, float(fused_values.mean()), reached, found, len(truth))
    return Comparison(verdict=kind, sentence=sentence, against=tuple(found))


def mcnemar(first_alone: int, second_alone: int) -> float:
    """The two-sided p-value of McNemar's test: a fair coin for each sample that one of two models alone gets right."""
    both = first_alone + second_alone
    return float(stats.binomtest(first_alone, both).pvalue) if both else 1.0


def bootstrap_p(drawn: Array, difference: float) -> float:
    """The two-sided p-value of a difference of means: how often draws, moved to mean 0, are as large (Efron, Tibshirani, 1993).

    Args:
        drawn: Differences of resampled samples, of shape (draws,).
        difference: That of the samples themselves.
    """
    as_large = np.abs(drawn - difference) >= abs(difference) * (1 - 1e-12)
    return float((1 + as_large.sum()) / (1 + len(drawn)))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for being several (Holm, 1979): the smallest times their number, the next times one less, ….

    Each is at least as large as the one before it in that order, and at most 1.
    """
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        largest = max(largest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = largest
    return adjusted
