"""The layouts. Importing this package registers them all, in the order in which a person reads them."""

# isort: off
from components.fusion.layout import LAYOUTS, Layout
from components.fusion.layouts import (  # noqa: F401
    average,
    weighted_average,
    log_pools,
    order_statistics,
    votes,
    concatenate,
    projections,
    feature_weights,
    gates,
    interactions,
    series,
    cascade,
    joint,
)

__all__ = ["LAYOUTS", "Layout"]
