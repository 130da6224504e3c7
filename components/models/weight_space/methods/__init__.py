"""The merges. Importing this package registers them all, in the order in which a person reads them."""

# isort: off
from components.models.weight_space.registry import MERGES, Merge
from components.models.weight_space.methods import (  # noqa: F401
    average,
    soup,
    spherical,
    task_arithmetic,
    ties,
    sparse,
    model_stock,
    fisher,
    regmean,
)

__all__ = ["MERGES", "Merge"]
