"""Which samples train, which validate, and which are kept for the test: drawn by scikit-learn, by group, or in order."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from components.data.samples import Samples
from components.recipe import Refusal, Split

Indices = npt.NDArray[np.int64]
FEWEST_SAMPLES = 6


@dataclass(frozen=True)
class Splits:
    """Sorted positions of the samples of each split; `notes` tells where a split could not be made as asked.

    Those of `calibration` are in no other split.
    """

    training: Indices
    validation: Indices
    test: Indices
    notes: tuple[str, ...] = ()
    calibration: Indices = field(default_factory=lambda: np.array([], dtype=np.int64))


def split(samples: Samples, shares: Split) -> Splits:
    """Splits samples by their shares; a classification keeps the shares of its classes, or sets of labels, where `stratify`.

    Sizes are the shares of the samples, rounded; where groups stay together, the shares of the groups. Where a class is too
    rare to be in every split, the samples are drawn without regard to classes, and a note says so. The test split is drawn
    first, so that the validation share does not move it.

    Raises:
        Refusal: when there are fewer than six samples or groups, or the shares leave nothing for training.
    """
    if shares.group and shares.order:
        raise Refusal("A split keeps groups together or follows an order, not both. Choose one of them.")
    groups = samples.groups if samples.groups is not None else np.arange(len(samples.target))
    units = np.unique(groups)
    what = "usable samples" if samples.groups is None else "groups"
    if len(units) < FEWEST_SAMPLES:
        raise Refusal(
            f"The dataset has {len(units)} {what}; at least {FEWEST_SAMPLES} are needed to train and to judge a model."
        )
    test, validation, calibration = _sizes(len(units), shares)
    if samples.order is not None:
        ends = np.cumsum([len(units) - test - validation - calibration, calibration, validation])
        first, calibrated, validated, tested = map(np.sort, np.split(np.argsort(samples.order, kind="stable"), ends))
        return Splits(first, validated, tested, calibration=calibrated)
    by_class = samples.task != "regression" and shares.stratify and samples.groups is None
    classes = _classes(samples) if by_class else None
    notes: tuple[str, ...] = ()
    if classes is not None and not _in_every_split(classes, [each for each in (validation, test, calibration) if each]):
        classes = None
        notes = (_TOO_RARE[samples.target.ndim],)
    rest: Indices = units
    drawn: list[Indices] = []
    for size in filter(None, (test, validation, calibration)):
        stratify = None if classes is None else classes[rest]
        rest, taken = train_test_split(rest, test_size=size, random_state=shares.seed, stratify=stratify)
        drawn.append(taken)
    validated, tested, trained = (np.flatnonzero(np.isin(groups, each)) for each in (drawn[1], drawn[0], rest))
    calibrated = np.flatnonzero(np.isin(groups, np.concatenate([rest[:0], *drawn[2:]])))
    return Splits(trained, validated, tested, notes, calibrated)


def _sizes(count: int, shares: Split) -> tuple[int, int, int]:
    """How many samples or groups are for test, validation and calibration."""
    validation, test = max(1, round(shares.validation * count)), max(1, round(shares.test * count))
    calibration = max(1, round(shares.calibration * count)) if shares.calibration else 0
    if validation + test + calibration >= count:
        kept = f", calibration ({shares.calibration:.0%})" if calibration else ""
        raise Refusal(
            f"Validation ({shares.validation:.0%}){kept} and test ({shares.test:.0%}) leave none for training; "
            "make them smaller."
        )
    return test, validation, calibration


def _classes(samples: Samples) -> Indices:
    """The class of each sample; of several labels at once every set of labels is a class of its own."""
    if samples.target.ndim == 1:
        return samples.target.astype(np.int64)
    return np.unique(samples.target, axis=0, return_inverse=True)[1].ravel()


_TOO_RARE = {
    1: "At least one class is too rare to be in every split, so samples were drawn without regard to their class.",
    2: "At least one set of labels is too rare to be in every split, so samples were drawn without regard to their labels.",
}
"""By the number of axes of the target."""


def _in_every_split(classes: Indices, sizes: list[int]) -> bool:
    """Whether scikit-learn can stratify: a sample of each class, and room for each class, in each split."""
    counts = np.unique(classes, return_counts=True)[1]
    fewest = min(*sizes, len(classes) - sum(sizes))
    return bool(counts.min() > len(sizes)) and fewest >= len(counts)
