"""Sums of squares against numpy's in float64, over all that a float32 can hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf

from components.gradients.squares import FEW, square
from components.gradients.weight_numbers import norm


@pytest.mark.parametrize("numbers", [FEW, FEW + 1])
@pytest.mark.parametrize("scale", [1e-40, 1e-30, 1e-20, 1e-14, 1.0, 1e14, 1e20, 1e30], ids=str)
def test_no_size_of_a_gradient_is_lost(scale: float, numbers: int) -> None:
    values = (np.random.default_rng(0).normal(size=numbers) * scale).astype("float32")
    whole = np.sum(values.astype(np.float64) ** 2)
    # TensorFlow may read what is below the smallest normal number as zero.
    least = np.sum(np.where(np.abs(values) < np.finfo("float32").tiny, 0.0, values).astype(np.float64) ** 2)
    assert least * (1 - 1e-6) <= float(square(tf.constant(values))) <= whole * (1 + 1e-6)
    assert norm(values) == pytest.approx(np.sqrt(whole), rel=1e-12, abs=0.0)


def test_millions_of_uneven_numbers_keep_six_digits() -> None:
    values = np.random.default_rng(0).standard_cauchy(4_000_000).astype("float32")
    assert float(square(tf.constant(values))) == pytest.approx(np.sum(values.astype(np.float64) ** 2), rel=1e-6)


def test_small_numbers_beside_one_that_counts_and_what_is_not_finite() -> None:
    mixed = np.full(FEW + 1, 1e-25, "float32")
    mixed[0] = 1e-19
    assert float(square(tf.constant(mixed))) == pytest.approx(np.sum(mixed.astype(np.float64) ** 2), rel=1e-6, abs=0.0)
    assert math.isnan(float(square(tf.constant([1.0, math.nan])))) and math.isinf(float(square(tf.constant([1.0, math.inf]))))
    assert float(square(tf.zeros([3]))) == 0.0 and math.isnan(float(square(None)))
