"""The layouts. Importing this package registers them all, in the order in which a person reads them."""

# isort: off
from components.fusion.layout import LAYOUTS, Layout
from components.fusion.layouts import average, weighted_average, concatenate, series, cascade, joint  # noqa: F401

__all__ = ["LAYOUTS", "Layout"]
