"""The probe batch: which samples the gradient is measured on."""

from __future__ import annotations

import math
from collections.abc import Iterable

import keras
import numpy as np

from components.gradients.flow import functional_graph

PROBE_SAMPLES = 256
FEWEST_SAMPLES = 8
MOST_NUMBERS = 1 << 27
"""Numbers between all operations of all members, over the whole batch, above which fewer samples do: half a gigabyte."""


def probe_rows(rows: int, seed: int = 0, samples: int = PROBE_SAMPLES) -> np.ndarray:
    """Which rows of the training split are the probe batch: the same for the same seed, in ascending order."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:samples])


def probe_samples(members: Iterable[keras.Model]) -> int:
    """How many samples the members' gradients are measured on: 256, and down to 8 where members keep much for each sample.

    A backward pass needs what every operation gave. Two MobileNetV2 over 96×96 pixels keep 7 million numbers a sample, and
    are measured on 16 samples. It depends on the members alone, so that all layouts have the same batch.
    """
    each = sum(_numbers(member) for member in members)
    fit = MOST_NUMBERS // max(each, 1)
    return PROBE_SAMPLES if fit >= PROBE_SAMPLES else max(FEWEST_SAMPLES, 1 << max(fit.bit_length() - 1, 0))


def _numbers(model: keras.Model) -> int:
    """How many numbers flow between a model's operations for one sample; an open length counts as 1."""
    graph = functional_graph(model)
    if graph is None:
        return 0
    nodes = [node for depth in graph._nodes_by_depth.values() for node in depth if not node.is_input]
    return sum(
        _numbers(node.operation)
        if functional_graph(node.operation) is not None
        else sum(math.prod(size or 1 for size in tensor.shape[1:]) for tensor in node.outputs)
        for node in nodes
    )
