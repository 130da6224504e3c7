"""Measures of predictions beside loss and metric: intervals, explained variance, calibration. NumPy and SciPy, no Keras."""

from __future__ import annotations

import numpy as np
from scipy import stats

from components.data.columns import Array

LEVEL = 0.95
"""How much of the time an interval is to hold the true value."""

BINS = 15
RESAMPLES = 1999
MANY = 50_000
"""Rows from which on means of resampled rows are drawn from the normal distribution that they follow."""

Interval = tuple[float, float]


def accuracy_interval(correct: Array) -> Interval:
    """Wilson's interval of an accuracy; `correct` is one yes or no for each sample (Wilson, 1927)."""
    interval = stats.binomtest(int(correct.sum()), len(correct)).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def mean_interval(values: Array) -> Interval | None:
    """Student's interval of a mean, of values of shape (n,); None for a single one (Student, 1908)."""
    if len(values) < 2:
        return None
    mean, reach = values.mean(), stats.sem(values) * stats.t.ppf((1 + LEVEL) / 2, len(values) - 1)
    return float(mean - reach), float(mean + reach)


def explained_variance(prediction: Array, target: Array) -> float | None:
    """R², of two vectors of one length; None where the target does not vary."""
    spread = ((target - target.mean()) ** 2).sum()
    return None if spread == 0 else float(1 - ((target - prediction) ** 2).sum() / spread)


def explained_variance_interval(prediction: Array, target: Array, seed: int = 0) -> Interval | None:
    """The percentile interval of R² over resampled samples (Efron, 1979); None where a resample's target does not vary."""
    centred = target - target.mean()
    error, mean, square = bootstrap_means(np.stack([(target - prediction) ** 2, centred, centred**2], axis=1), seed).T
    spread = square - mean**2
    if (spread <= 1e-12 * (centred**2).mean()).any():
        return None
    low, high = np.quantile(1 - error / spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def bootstrap_means(values: Array, seed: int = 0) -> Array:
    """Means of resampled rows (Efron, 1979).

    Those of very many rows are normal, with the covariance of the rows over their number (Bickel & Freedman, 1981), and drawn
    as such: to resample a million rows would take minutes.

    Args:
        values: Of shape (n, columns); a row is drawn as a whole, so that what belongs together stays together.
        seed: Of the draws.

    Returns:
        Of shape (1999, columns).
    """
    draw, count = np.random.default_rng(seed), len(values)
    if count >= MANY:
        covariance = np.atleast_2d(np.cov(values, rowvar=False, bias=True)) / count
        return draw.multivariate_normal(values.mean(axis=0), covariance, RESAMPLES, check_valid="ignore", method="eigh")
    columns = np.ascontiguousarray(values.T)

    def once() -> Array:
        times = np.bincount(draw.integers(count, size=count), minlength=count)
        # Not a product of matrices: of ones as thin as these, the threads of BLAS cost many times what they save.
        return np.asarray(np.einsum("n,kn->k", times.astype(np.float64), columns)) / count

    return np.stack([once() for _ in range(RESAMPLES)])


def calibration_error(probabilities: Array, target: Array) -> float:
    """The expected calibration error over 15 bins of equal width (Naeini et al., 2015; Guo et al., 2017).

    Args:
        probabilities: Of shape (n, classes).
        target: The class of each sample, of shape (n,).
    """
    gaps = [samples * abs(accuracy - confidence) for confidence, accuracy, samples in confidence_bins(probabilities, target)]
    return sum(gaps) / len(target)


def confidence_bins(probabilities: Array, target: Array) -> list[tuple[float, float, int]]:
    """Mean confidence, accuracy and number of the samples of each of the 15 bins that hold any, the least confident first.

    Args:
        probabilities: Of shape (n, classes).
        target: The class of each sample, of shape (n,).
    """
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == target
    # A bin holds its upper edge, as in the paper; a confidence of 0 goes to the first.
    bins = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    sums = [np.bincount(bins, weights=values, minlength=BINS) for values in (confidence, correct)]
    return [(float(sums[0][bin] / n), float(sums[1][bin] / n), int(n)) for bin, n in enumerate(counts) if n]
