"""The operators. Importing this package registers them all."""

from components.fusion.operator import OPERATORS, Operator
from components.fusion.operators import (  # noqa: F401  (each registers itself)
    average,
    cast,
    concatenate,
    dense,
    feature_weights,
    gates,
    heads,
    images,
    interactions,
    log_pools,
    normalization,
    order_statistics,
    pooling,
    projections,
    rescale,
    shapes,
    votes,
    weighted_average,
)

__all__ = ["OPERATORS", "Operator"]
