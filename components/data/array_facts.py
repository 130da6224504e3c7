"""What is told of an array with several values for each sample: read once or twice, some samples at a time."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 32 << 20
"""Bytes that are read at once."""


def array_facts(values: npt.NDArray[Any]) -> dict[str, Any]:
    """Kind, missing values, and over all finite ones minimum, maximum, mean and deviation.

    Args:
        values: Numbers or truth values of shape (n, …); they may lie on disk.
    """
    missing = count = 0
    whole, total = True, 0.0
    lows, highs = [], []
    for present, gaps in _present(values):
        missing += gaps
        count += present.size
        if present.size and values.dtype.kind in "iuf":
            whole = whole and (values.dtype.kind != "f" or bool(np.all(present == np.floor(present))))
            lows.append(float(present.min()))
            highs.append(float(present.max()))
            total += float(present.sum(dtype=np.float64))
    if values.dtype.kind == "b":
        return {"kind": "boolean", "missing": 0}
    facts: dict[str, Any] = {"kind": "integer" if whole and count else "number", "missing": missing}
    if count:
        mean = total / count
        squares = sum(float(np.square(present - mean).sum()) for present, _ in _present(values))
        facts |= {"minimum": min(lows), "maximum": max(highs), "mean": mean, "deviation": (squares / count) ** 0.5}
    return facts


def _present(values: npt.NDArray[Any]) -> Iterator[tuple[npt.NDArray[Any], int]]:
    """The finite values of each block, and how many are none."""
    step = max(1, BLOCK // max(1, values.dtype.itemsize * prod(values.shape[1:])))
    for begin in range(0, len(values), step):
        block = values[begin : begin + step]
        if values.dtype.kind != "f":
            yield block.ravel(), 0
            continue
        finite = np.isfinite(block)
        yield block[finite], int(block.size - finite.sum())
