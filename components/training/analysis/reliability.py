"""Whether a model is right as often as it is sure, and the temperature that mends it."""

from __future__ import annotations

import numpy as np
from scipy import optimize, special

from components.data.columns import Array
from components.training.analysis.decisions import single_choices
from components.training.analysis.findings import Bin, Calibration, Reliability
from components.training.analysis.registry import analysis
from components.training.measures import confidence_bins
from components.training.scores import SMALLEST
from components.training.tested import Tested

COLDEST, HOTTEST = -4.0, 4.0
"""Between which the logarithm of a temperature is looked for."""


@analysis("binary", "multiclass", "multilabel")
def reliability(tested: Tested, calibration: Tested | None) -> Reliability:
    """The reliability curve and the expected calibration error, also after temperature scaling (Guo et al., 2017)."""
    shares, truth = single_choices(tested.target, tested.prediction, tested.truth)
    plain = calibrated(shares, truth)
    if calibration is None or not len(calibration.truth) or calibration.fused.name not in calibration.able:
        return Reliability(plain=plain)
    found = temperature(*single_choices(tested.target, calibration.prediction, calibration.truth))
    tempered = calibrated(divided(shares, found), truth)
    return Reliability(plain=plain, temperature=found, fitted_on=len(calibration.truth), tempered=tempered)


def temperature(shares: Array, truth: Array) -> float:
    """The temperature with the least cross-entropy, found between e⁻⁴ and e⁴.

    Args:
        shares: Probabilities of shape (n, classes).
        truth: The class of each sample, of shape (n,).
    """
    logits, rows = np.log(np.clip(shares, SMALLEST, 1)), np.arange(len(truth))

    def loss(exponent: float) -> float:
        scaled = logits / np.exp(exponent)
        return float((special.logsumexp(scaled, axis=1) - scaled[rows, truth]).mean())

    found = optimize.minimize_scalar(loss, bounds=(COLDEST, HOTTEST), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))


def divided(shares: Array, by: float) -> Array:
    """Probabilities of shape (n, classes) whose logits were divided by a temperature; above 1 they come closer together."""
    return np.asarray(special.softmax(np.log(np.clip(shares, SMALLEST, 1)) / by, axis=1))


def calibrated(shares: Array, truth: Array) -> Calibration:
    """The bins that hold samples, from the least to the most confident, and the error over all of them."""
    bins = [
        Bin(confidence=confidence, accuracy=accuracy, samples=samples)
        for confidence, accuracy, samples in confidence_bins(shares, truth)
    ]
    count = sum(each.samples for each in bins)
    error = sum(each.samples * abs(each.accuracy - each.confidence) for each in bins) / count
    return Calibration(error=error, bins=tuple(bins))
