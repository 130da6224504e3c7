"""Settings that no constructor of the installed Keras takes: another version wrote them."""

from __future__ import annotations

import inspect

BY_KEYWORDS = frozenset({"rms_scaling", "vocabulary_size"})
"""Settings that Keras writes for `LayerNormalization` and for lookups, and takes back without naming them."""


def is_unknown(named: type, key: str) -> bool:
    """Whether neither the constructor of a class nor those of its bases name a setting."""
    if key in BY_KEYWORDS:
        return False
    for base in named.__mro__[:-1]:
        initialise = base.__dict__.get("__init__")
        if initialise is None:
            continue
        parameters = inspect.signature(initialise).parameters
        if key in parameters:
            return False
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
            return True
    return True
