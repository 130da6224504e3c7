"""Which samples train, which validate, and which are kept for the test: stratified and seeded, by scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import train_test_split

from components.data.samples import Samples
from components.recipe import Refusal, Split

Indices = npt.NDArray[np.int64]
FEWEST_SAMPLES = 6


@dataclass(frozen=True)
class Splits:
    """Sorted positions of the samples of each split; `notes` tells where a split could not be made as asked."""

    training: Indices
    validation: Indices
    test: Indices
    notes: tuple[str, ...] = ()


def split(samples: Samples, shares: Split) -> Splits:
    """Splits samples by their shares; a classification keeps the shares of its classes where `stratify`.

    Sizes are the shares of the samples, rounded. Where a class is too rare to be in every split, the samples are drawn
    without regard to classes, and a note says so. The test split is drawn first, so that the validation share does not move it.

    Raises:
        Refusal: when there are fewer than six samples, or the shares leave nothing for training.
    """
    count = len(samples.target)
    if count < FEWEST_SAMPLES:
        raise Refusal(
            f"The dataset has {count} usable samples; at least {FEWEST_SAMPLES} are needed to train and to judge a model."
        )
    validation, test = max(1, round(shares.validation * count)), max(1, round(shares.test * count))
    if validation + test >= count:
        raise Refusal(
            f"Validation ({shares.validation:.0%}) and test ({shares.test:.0%}) leave none for training; make them smaller."
        )
    everything = np.arange(count)
    classes = samples.target.astype(np.int64) if samples.task != "regression" and shares.stratify else None
    notes: tuple[str, ...] = ()
    if classes is not None and not _in_every_split(classes, validation, test):
        classes = None
        notes = ("At least one class is too rare to be in every split, so samples were drawn without regard to their class.",)
    rest, tested = train_test_split(everything, test_size=test, random_state=shares.seed, stratify=classes)
    of_rest = None if classes is None else classes[rest]
    trained, validated = train_test_split(rest, test_size=validation, random_state=shares.seed, stratify=of_rest)
    return Splits(np.sort(trained), np.sort(validated), np.sort(tested), notes)


def _in_every_split(classes: Indices, validation: int, test: int) -> bool:
    """Whether scikit-learn can stratify: three samples of each class, and room for each class in each split."""
    counts = np.unique(classes, return_counts=True)[1]
    fewest = min(validation, test, len(classes) - validation - test)
    return bool(counts.min() >= 3) and fewest >= len(counts)
