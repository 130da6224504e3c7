"""The operators. Importing this package registers them all."""

from components.fusion.operator import OPERATORS, Operator
from components.fusion.operators import (  # noqa: F401  (each registers itself)
    average,
    cast,
    concatenate,
    dense,
    heads,
    images,
    normalization,
    pooling,
    rescale,
    shapes,
    weighted_average,
)

__all__ = ["OPERATORS", "Operator"]
