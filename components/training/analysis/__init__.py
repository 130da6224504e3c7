"""What a person learns after training, from predictions on the test split: one module for each analysis, all in `ANALYSES`."""

from components.training.analysis import comparison, confusion, curves, mistakes, reliability, residuals
from components.training.analysis.registry import ANALYSES

__all__ = ["ANALYSES", "comparison", "confusion", "curves", "mistakes", "reliability", "residuals"]
