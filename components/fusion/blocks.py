"""The blocks of a long member, so that its graph can be drawn folded and read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from components.models.facts import LayerRow

FEW_LAYERS = 60
"""A member with no more layers than this is drawn layer by layer."""

STRETCH = 25
"""Of more blocks and layers side by side than `FEW_LAYERS`, so many are folded into one stretch."""

_BLOCK = re.compile(r"(.*?(?:block|stage|cell|mixed|unit)_?[0-9]+[a-z]?(?:_block_?[0-9]+)?)(?=_|$)")
"""The beginning of a layer's name that names its block, as `conv2_block1` in `conv2_block1_1_conv`."""


def paths(rows: Sequence[LayerRow]) -> dict[str, str]:
    """For each layer its name behind the nested models, stretches and block that hold it: `outer/first … last/layer`."""
    if len(rows) <= FEW_LAYERS:
        return {row.name: row.name for row in rows}
    blocks = {row.name: _block(row.name) for row in rows}
    sizes = Counter(blocks.values())
    held = {
        name: (f"{block}/{_leaf(name)}" if block and sizes[block] > 1 else name).split("/") for name, block in blocks.items()
    }
    inside: dict[tuple[str, ...], dict[str, None]] = {}
    for path in held.values():
        for depth, part in enumerate(path):
            inside.setdefault(tuple(path[:depth]), {})[part] = None
    stretches = {outer: _stretches(list(parts)) for outer, parts in inside.items() if len(parts) > FEW_LAYERS}
    return {name: "/".join(_with_stretches(path, stretches)) for name, path in held.items()}


def _stretches(parts: list[str]) -> dict[str, str]:
    """For each of many parts side by side the stretch that holds it, called after its first and its last."""
    found: dict[str, str] = {}
    for start in range(0, len(parts), STRETCH):
        stretch = parts[start : start + STRETCH]
        found.update(dict.fromkeys(stretch, f"{stretch[0]} … {stretch[-1]}"))
    return found


def _with_stretches(path: list[str], stretches: Mapping[tuple[str, ...], Mapping[str, str]]) -> Iterator[str]:
    for depth, part in enumerate(path):
        stretch = stretches.get(tuple(path[:depth]), {}).get(part)
        if stretch:
            yield stretch
        yield part


def _block(name: str) -> str:
    """The nested models and the block that hold a layer; empty where its name tells no block."""
    outer, _, leaf = name.rpartition("/")
    block = _BLOCK.match(leaf)
    return "/".join(filter(None, (outer, block[1]))) if block else ""


def _leaf(name: str) -> str:
    return name.rpartition("/")[2]
