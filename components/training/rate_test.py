"""What a learning-rate range test says, and what it suggests: plain values, no Keras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from components.data.columns import Array
from components.recipe import Document

FIRST, LAST = 1e-7, 10.0
"""The rates between which a test goes."""
STEPS_PER_DECADE = 20
CALM = STEPS_PER_DECADE
"""The first steps, whose rates are too small to change a loss: they show how much it differs from batch to batch."""
SMOOTHING = 0.9
"""How much of the mean so far stays in the smoothed loss at each step."""
EXPLODED = 4.0
"""A test ends where the smoothed loss is so many times the largest of the calm ones."""
SHARE = 0.1
"""The suggestion, as a share of the rate at which the loss begins to rise."""


class RateTest(Document):
    """A learning-rate range test: the loss of each step's batch under a rate that grows from step to step.

    `losses` are those before the step that is made with the rate of the same place, `smoothed` their exponential mean.
    `suggestion` is a learning rate, None where the test did not get far enough to say; `notes` say what to know of it.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    suggestion: float | None
    notes: tuple[str, ...] = ()


def growing_rates() -> Array:
    """The rates of a test, each the one before times 10^(1/20)."""
    decades = round(np.log10(LAST / FIRST))
    return np.geomspace(FIRST, LAST, decades * STEPS_PER_DECADE + 1)


def smooth(losses: Sequence[float]) -> Array:
    """The exponential mean of the losses so far, corrected for its start at 0 as in Adam (Kingma & Ba, 2015)."""
    mean, smoothed = 0.0, []
    for step, loss in enumerate(losses, start=1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smoothed.append(mean / (1 - SMOOTHING**step))
    return np.array(smoothed)


def exploded(losses: Sequence[float]) -> bool:
    """Whether the loss is lost: no number any more, or smoothed four times the largest of the calm ones.

    Measured by the calm losses and not by the least so far: that of a trained model is close to 0, and one unusual batch is
    many times as much.
    """
    if not losses:
        return False
    if not np.isfinite(losses[-1]):
        return True
    return len(losses) > CALM and bool(smooth(losses)[-1] > EXPLODED * max(losses[:CALM]))


def suggest(rates: Sequence[float], losses: Sequence[float]) -> float | None:
    """A tenth of the last rate under which the smoothed loss is still about its least.

    The range test is Smith's (2017). Of the two usual readings, the steepest descent and a tenth of the rate of the least loss
    (both in fastai, Howard & Gugger, 2020), this is the second: the slope of a curve that is noisy, or that does not fall
    since the members are trained already, is largest by chance (tried on digits with trained networks, it was so among the
    first steps in each of 12 tests). For the same reason the place is not that of the least value itself, but the last one
    that is at most a standard deviation of the calm losses above it.

    Returns:
        The rate with two digits; None where the test has no step beyond the calm ones.
    """
    if len(losses) <= CALM:
        return None
    # A mean over the first few batches is not settled, and may be the least of all by chance.
    settled = smooth(losses)[CALM:]
    about_least = np.flatnonzero(settled <= settled.min() + np.std(losses[:CALM]))
    return float(f"{SHARE * rates[CALM + about_least[-1]]:.1e}")


def rate_test(rates: Sequence[float], losses: Sequence[float], notes: tuple[str, ...] = ()) -> RateTest:
    """What a test says that came to these losses; a last one that is no number is left out, since JSON has none."""
    kept = [loss for loss in losses if np.isfinite(loss)]
    suggestion = suggest(rates, kept)
    if suggestion is None and len(kept) < len(losses):
        notes = (
            *notes,
            f"The loss was lost within the first {CALM} steps, so that no rate can be suggested. Scale the inputs.",
        )
    return RateTest(
        rates=tuple(float(rate) for rate in rates[: len(kept)]),
        losses=tuple(kept),
        smoothed=tuple(smooth(kept).tolist()),
        suggestion=suggestion,
        notes=notes,
    )
