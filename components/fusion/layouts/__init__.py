"""The layouts. Importing this package registers them all, in the order in which a person reads them."""

# isort: off
from components.fusion.layout import LAYOUTS, Layout
from components.fusion.layouts import (  # noqa: F401
    average,
    weighted_average,
    log_pools,
    temperature,
    order_statistics,
    votes,
    union,
    confidence_cascade,
    stacking,
    mixture_of_experts,
    concatenate,
    projections,
    feature_weights,
    gates,
    interactions,
    cross_attention,
    series,
    residual_series,
    cascade,
    boosting,
    joint,
)

__all__ = ["LAYOUTS", "Layout"]
