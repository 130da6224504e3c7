"""Models as Keras serialises them: nested dictionaries and lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def models_within(value: Any) -> Iterator[dict[str, Any]]:
    """The outermost serialised models within a serialised value, itself included."""
    if isinstance(value, dict):
        if "layers" in (value.get("config") or {}):
            yield value
        else:
            for part in value.values():
                yield from models_within(part)
    elif isinstance(value, list):
        for part in value:
            yield from models_within(part)
