"""Values and calls as lines of Python that a person can read."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 110


def literal(value: Any, indent: int = 4) -> str:
    """A value as Python writes it; long lists are wrapped and indented."""
    text = repr(value)
    if len(text) <= WIDTH or not isinstance(value, list | tuple):
        return text
    opening, closing = "()" if isinstance(value, tuple) else "[]"
    lines: list[str] = []
    for part in map(repr, value):
        if lines and len(lines[-1]) + len(part) + 2 <= WIDTH - indent:
            lines[-1] += f" {part},"
        else:
            lines.append(f"{part},")
    inside = textwrap.indent("\n".join(lines), " " * indent)
    return f"{opening}\n{inside}\n{' ' * (indent - 4)}{closing}"


def call(function: str, arguments: Sequence[str], options: Mapping[str, Any]) -> str:
    """A call; its options are values."""
    return f"{function}({', '.join([*arguments, *(f'{name}={literal(value)}' for name, value in options.items())])})"
