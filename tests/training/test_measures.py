"""Measures against scikit-learn, SciPy and numbers computed by hand."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import r2_score

from components.training import measures
from components.training.measures import (
    accuracy_interval,
    bootstrap_means,
    calibration_error,
    explained_variance,
    explained_variance_interval,
)


@pytest.mark.parametrize(("right", "count"), [(0, 12), (7, 10), (90, 100), (25, 25)])
def test_wilson_interval_by_its_formula(right, count):
    z, share = stats.norm.ppf(0.975), right / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    interval = accuracy_interval(np.arange(count) < right)
    assert interval == pytest.approx((max(middle - reach, 0), min(middle + reach, 1)), abs=1e-12)


def test_explained_variance_as_in_scikit_learn():
    random = np.random.default_rng(0)
    target = random.normal(size=200)
    prediction = target + random.normal(size=200) / 2
    assert explained_variance(prediction, target) == pytest.approx(r2_score(target, prediction))
    low, high = explained_variance_interval(prediction, target)
    bootstrap = stats.bootstrap(
        (target, prediction), r2_score, paired=True, vectorized=False, n_resamples=999, method="percentile", rng=1
    ).confidence_interval
    assert (low, high) == pytest.approx((bootstrap.low, bootstrap.high), abs=0.02)


def test_a_target_that_does_not_vary_explains_nothing():
    assert explained_variance(np.ones(4), np.full(4, 2.0)) is None
    assert explained_variance_interval(np.ones(4), np.full(4, 2.0)) is None


def test_calibration_error_bin_by_bin():
    random = np.random.default_rng(0)
    probabilities = random.dirichlet([0.6] * 4, size=300)
    target = random.integers(4, size=300)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == target
    expected = 0.0
    for number in range(15):
        inside = (confidence > number / 15) & (confidence <= (number + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    assert calibration_error(probabilities, target) == pytest.approx(expected)


def test_sure_and_right_is_calibrated_and_sure_and_wrong_is_not():
    sure = np.eye(3)[[0, 1, 2]]
    assert calibration_error(sure, np.array([0, 1, 2])) == 0
    assert calibration_error(sure, np.array([1, 2, 0])) == 1


def test_means_of_very_many_rows_are_drawn_as_if_they_were_resampled(monkeypatch):
    random = np.random.default_rng(0)
    right = random.random(3000) < 0.8
    values = np.stack([right, random.exponential(size=3000) * (2 - right)], axis=1)
    resampled = bootstrap_means(values)
    monkeypatch.setattr(measures, "MANY", 3000)
    drawn = bootstrap_means(values)
    assert drawn.shape == resampled.shape
    np.testing.assert_array_equal(drawn, bootstrap_means(values))
    # In units of their spread; 1,999 draws of a quantile this far out are some 6 % of it apart by chance.
    edges = [np.quantile(each, [0.025, 0.5, 0.975], axis=0) / resampled.std(axis=0) for each in (drawn, resampled)]
    np.testing.assert_allclose(*edges, atol=0.2)
    np.testing.assert_allclose(np.corrcoef(drawn.T), np.corrcoef(resampled.T), atol=0.06)
    assert bootstrap_means(values[:, :1]).std() == pytest.approx(resampled[:, 0].std(), rel=0.1)


def test_means_of_drawn_rows_are_those_of_the_rows_themselves():
    values = np.random.default_rng(0).normal(size=(40, 3))
    draw = np.random.default_rng(7)
    expected = [values[draw.integers(40, size=40)].mean(axis=0) for _ in range(5)]
    np.testing.assert_allclose(bootstrap_means(values, seed=7)[:5], expected)
