"""The operators. Importing this package imports every module in it, and each registers its operators."""

import importlib
import pkgutil

from components.fusion.operator import OPERATORS, Operator

for module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{module.name}")

__all__ = ["OPERATORS", "Operator"]
