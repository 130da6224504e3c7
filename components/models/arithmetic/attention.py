"""Attention: each query with each key."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from components.models.arithmetic.rule import Shape, numbers_in, rule


def _attended(queries: int, keys: int, width: int, value: int) -> int:
    """Scores, their softmax, and the mean of the values under it."""
    return queries * keys * (2 * width + 5 + 2 * value)


@rule("Attention")
def _dot_product(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    (queries, width), (keys, value) = ([axis or 1 for axis in shape] for shape in inputs[:2])
    return _attended(queries, keys, width, value)


@rule("AdditiveAttention")
def _additive(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """For each pair: sum, tanh, scale and sum over the width, then as with other scores."""
    (queries, width), (keys, value) = ([axis or 1 for axis in shape] for shape in inputs[:2])
    return queries * keys * (4 * width + 5 + 2 * value)


@rule("MultiHeadAttention GroupQueryAttention GroupedQueryAttention")
def _heads(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """Projections of query, key, value and output, the scaling of the queries, and the attention of each head."""
    queries, keys = numbers_in(inputs[0][:-1]), numbers_in(inputs[1][:-1])
    laid_on = {
        "_query_dense": queries,
        "_key_dense": keys,
        "_value_dense": keys,
        "_gate_dense": queries,
        "_output_dense": queries,
    }
    projections = sum(
        positions * sum((1 if weight.name == "bias" else 2) * math.prod(weight.shape) for weight in layer.weights)
        for name, positions in laid_on.items()
        if (layer := getattr(operation, name, None)) is not None
    )
    heads, width, value = _sizes(operation)
    return projections + heads * (queries * width + _attended(queries, keys, width, value))


def _sizes(operation: Any) -> tuple[int, int, int]:
    """The number of heads, and how many numbers each has for a query and for a value."""
    if hasattr(operation, "num_query_heads"):
        return operation.num_query_heads, operation.head_dim, operation.head_dim
    return operation.num_heads, operation.key_dim, operation.value_dim
