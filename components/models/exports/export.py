"""A model written in another format, and the file held against the model."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from components.models.exports.format import EXPORTS, Exported
from components.models.exports.signature import as_taken, made_up_samples
from components.recipe import Refusal

SAMPLES = 4
"""Made-up samples on which file and model are compared."""

ROUNDING = 1e-4
"""The largest difference that rounding explains, as a share of the largest output where that is above 1."""


def export_model(model: keras.Model, format: str, path: Path) -> Exported:
    """Writes a model in a format of `EXPORTS` and compares what both predict.

    Args:
        model: The model; it is not changed.
        format: The format's name.
        path: The file.

    Raises:
        Refusal: when there is no such format here, it cannot hold this model, or the file predicts something else.
    """
    if format not in EXPORTS:
        raise Refusal(f"There is no format {format!r:.60}. Choose one of {', '.join(EXPORTS)}.")
    chosen = EXPORTS[format]
    if chosen.missing:
        raise Refusal(chosen.missing)
    module = chosen.load()
    notes = tuple(module.write(model, path))
    samples = made_up_samples(model, SAMPLES)
    found = module.predict(path, samples)
    if found is None:
        return Exported(difference=None, notes=notes)
    expected = keras.tree.flatten(model.predict_on_batch(as_taken(list(samples.values()))))
    difference = max(_difference(*pair) for pair in zip(found, expected, strict=True))
    if chosen.exact and difference > ROUNDING * max(1.0, *(float(np.max(np.abs(each))) for each in expected)):
        raise Refusal(
            f"The {chosen.title} file does not predict what the model predicts, and was not kept. Choose another format.",
            f"largest difference {difference:.3g} on {SAMPLES} samples",
        )
    return Exported(difference=difference, notes=notes)


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference of two arrays; infinite where their shapes or what is no number in them differ."""
    if one.shape != other.shape or not np.array_equal(np.isnan(one), np.isnan(other)):
        return float("inf")
    return float(np.nanmax(np.abs(one.astype("float64") - other), initial=0.0))
