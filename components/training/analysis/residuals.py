"""How far a regression is off."""

from __future__ import annotations

import numpy as np

from components.training.analysis.findings import Residuals
from components.training.analysis.registry import analysis
from components.training.measures import explained_variance, explained_variance_interval, mean_interval
from components.training.tested import Tested

MOST_POINTS = 2000


@analysis("regression")
def residuals(tested: Tested, calibration: Tested | None) -> Residuals:
    """R², mean absolute error, and the samples' true and predicted values."""
    truth, prediction = tested.truth.astype(np.float64), tested.prediction[:, 0].astype(np.float64)
    errors = np.abs(prediction - truth)
    explained = explained_variance_interval(prediction, truth) or (None, None)
    around = mean_interval(errors) or (None, None)
    rows = np.arange(len(truth))
    if len(rows) > MOST_POINTS:
        rows = np.sort(np.random.default_rng(0).choice(len(rows), MOST_POINTS, replace=False))
    return Residuals(
        explained=explained_variance(prediction, truth),
        explained_low=explained[0],
        explained_high=explained[1],
        error=float(errors.mean()),
        error_low=around[0],
        error_high=around[1],
        truth=tuple(truth[rows].tolist()),
        prediction=tuple(prediction[rows].tolist()),
    )
