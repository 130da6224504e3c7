"""Two members side by side: which layers stand for each other, and in what they differ. Told from their cards alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher

from components.models.facts import LayerRow
from components.recipe import Document

COMPARED = ("name", "kind", "shape", "parameters", "activation", "settings")
"""The fields of a layer that are held against each other."""

ARCHITECTURE = frozenset(COMPARED) - {"name"}
"""Those that make two architectures differ: a name does not."""


class Pair(Document):
    """Two layers that stand for each other, and the fields in which they differ; None where only one member has the layer."""

    first: LayerRow | None
    second: LayerRow | None
    differs: tuple[str, ...] = ()


class Distance(Document):
    """How far the weights of a pair's layers are apart: the cosine between them as vectors, and |a − b| / |a|.

    Both are None where the layers have no weights, not the same shapes, or weights that are no numbers.
    """

    cosine: float | None = None
    distance: float | None = None


_LIKENESS: tuple[Callable[[LayerRow], object], ...] = (
    lambda row: (row.name, row.kind, row.shape, row.parameters),
    lambda row: (row.kind, row.shape, row.parameters),
    lambda row: row.kind,
)
"""By what layers are matched: first the whole, then what lies between the matches by less and less."""


def align(first: Sequence[LayerRow], second: Sequence[LayerRow]) -> tuple[Pair, ...]:
    """The layers of two members in the order of the flow, those beside each other that are most alike."""
    return tuple(_pairs(first, second, _LIKENESS))


def same_architecture(pairs: Sequence[Pair]) -> bool:
    """Whether the two are built alike, whatever their layers are called, and whatever flows where is alike too."""
    names = {pair.first.name: pair.second.name for pair in pairs if pair.first and pair.second}
    return all(
        pair.first is not None
        and pair.second is not None
        and not ARCHITECTURE & set(pair.differs)
        and [names[each] for each in pair.first.inputs if each in names]
        == [e for e in pair.second.inputs if e in names.values()]
        for pair in pairs
    )


def _pairs(
    first: Sequence[LayerRow], second: Sequence[LayerRow], keys: Sequence[Callable[[LayerRow], object]]
) -> Iterator[Pair]:
    if not keys:
        yield from (Pair(first=row, second=None) for row in first)
        yield from (Pair(first=None, second=row) for row in second)
        return
    one, two = ([keys[0](row) for row in rows] for rows in (first, second))
    head = _alike(one, two)
    tail = _alike(one[head:][::-1], two[head:][::-1])
    middle = SequenceMatcher(None, one[head : len(one) - tail], two[head : len(two) - tail], autojunk=False)
    yield from map(_pair, first[:head], second[:head])
    for tag, a, b, c, d in middle.get_opcodes():
        left, right = first[head + a : head + b], second[head + c : head + d]
        yield from map(_pair, left, right) if tag == "equal" else _pairs(left, right, keys[1:])
    yield from map(_pair, first[len(first) - tail :], second[len(second) - tail :])


def _alike(one: Sequence[object], two: Sequence[object]) -> int:
    """With how many equal entries both begin. The matcher alone would align layers that repeat by their longest run."""
    return next((place for place, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def _pair(first: LayerRow, second: LayerRow) -> Pair:
    differs = tuple(field for field in COMPARED if getattr(first, field) != getattr(second, field))
    return Pair(first=first, second=second, differs=differs)
