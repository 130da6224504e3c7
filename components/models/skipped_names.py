"""The names that Keras passes over when it walks through a model to save or load it, worked out once instead of every time.

Keras 3.15 keeps them under another key than that under which it looks them up, and so makes a layer anew for every object
that it walks through: a sixth of the time that a model of many layers takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from keras.src.backend.common import global_state
from keras.src.saving import saving_lib

_KINDS = ("Operation", "Layer", "Functional", "Sequential")


@contextmanager
def skipped_names_kept() -> Iterator[None]:
    """Keeps them for a while, and leaves Keras' state as it was."""
    for key, names in _skipped().items():
        global_state.set_global_attribute(key, names)
    try:
        yield
    finally:
        for key in _skipped():
            global_state.set_global_attribute(key, None)


@cache
def _skipped() -> dict[str, set[str]]:
    return {f"saving_attr_skiplist_{kind}": saving_lib.get_attr_skipset(kind) for kind in _KINDS}
