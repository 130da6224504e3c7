"""The blocks of a long member, so that its graph can be drawn folded and read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from components.models.facts import LayerRow

FEW_LAYERS = 60
"""A member with no more layers than this is drawn layer by layer."""

STRETCH = 25
"""How many layers that belong to no block are folded into one stretch."""

_BLOCK = re.compile(r"(.*?(?:block|stage|cell|mixed|unit)_?[0-9]+[a-z]?(?:_block_?[0-9]+)?)(?=_|$)")
"""The beginning of a layer's name that names its block, as `conv2_block1` in `conv2_block1_1_conv`."""


def paths(rows: Sequence[LayerRow]) -> dict[str, str]:
    """For each layer its name behind the nested models and the block that hold it: `outer/block/layer`.

    A layer whose name tells no block is part of a stretch, `first … last`, where more than `STRETCH` such stand in a row.
    """
    if len(rows) <= FEW_LAYERS:
        return {row.name: row.name for row in rows}
    held = {row.name: _block(row.name) for row in rows}
    sizes = Counter(held.values())
    found: dict[str, str] = {}
    for block, part in groupby(rows, key=lambda row: held[row.name] if sizes[held[row.name]] > 1 else ""):
        names = [row.name for row in part]
        if block:
            found.update((name, f"{block}/{_leaf(name)}") for name in names)
        else:
            found.update(_stretches(names))
    return found


def _stretches(names: list[str]) -> Iterator[tuple[str, str]]:
    """Whole stretches within one model; what is left of them stays as it is."""
    for outer, part in groupby(names, key=lambda name: name.rpartition("/")[0]):
        within = list(part)
        if len(within) <= STRETCH:
            yield from ((name, name) for name in within)
            continue
        for start in range(0, len(within), STRETCH):
            stretch = within[start : start + STRETCH]
            title = f"{_leaf(stretch[0])} … {_leaf(stretch[-1])}"
            yield from ((name, "/".join(filter(None, (outer, title, _leaf(name))))) for name in stretch)


def _block(name: str) -> str:
    """The nested models and the block that hold a layer; empty where its name tells no block."""
    outer, _, leaf = name.rpartition("/")
    block = _BLOCK.match(leaf)
    return "/".join(filter(None, (outer, block[1]))) if block else ""


def _leaf(name: str) -> str:
    return name.rpartition("/")[2]
