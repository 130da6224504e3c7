"""The small picture on a layout's card, drawn from its fusion graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from components.fusion.dot import MEMBER_COLOURS
from components.fusion.layouts import LAYOUTS
from components.fusion.operators import OPERATORS
from components.fusion.plan import plan
from components.models.facts import LayerRow, MemberFacts
from components.recipe import (
    AdapterNode,
    Data,
    FusionGraph,
    Input,
    InputNode,
    Member,
    MemberNode,
    OperatorNode,
    Target,
    Tensor,
    source,
)

WIDTH, HEIGHT = 72, 56
_MARGIN = 6
_INK = "currentColor"
_GREY = "#8A949C"
_UNEVEN = {"weighted-average", "fixed-weighted-average", "weighted-vote"}
_PLAIN = {"average", *_UNEVEN}
"""Operators that are nothing but streams meeting; others have a sign beside the meeting, or a bar across the streams."""


@dataclass
class _Spot:
    """A place on the card: a node of the graph, a stream's source, or a stream on its way past other nodes."""

    id: str
    rank: int
    before: list[_Spot] = field(default_factory=list)
    colour: str = _INK
    mark: str = ""
    sign: str = ""
    x: float = WIDTH / 2
    width: float = 3.0

    def widen(self, width: float) -> None:
        """Gives the whole stream that flows through here one width."""
        self.width = width
        for spot in self.before:
            spot.widen(width)


def river(graph: FusionGraph) -> str:
    """An SVG of 72 × 56: each member's stream in its colour, what is fused in the text's colour, trained adapters grey."""
    spots = list(_spots(graph))
    deepest = max(spot.rank for spot in spots)
    _spread(spots)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'fill="none" stroke-linecap="round" aria-hidden="true">{"".join(_strokes(spots, deepest))}</svg>'
    )


@cache
def layout_river(layout: str, members: int = 2) -> str:
    """The river of a layout for members that stand for any: 64 numbers in, 10 classes out; never for fewer than it takes.

    Between, a layer of several tokens and one of a single feature, so that no layout finds them too short or too wide.
    """
    members = max(members, LAYOUTS[layout].fewest)
    rows = (
        LayerRow(name="tokens", kind="Reshape", shape=(16, 4), parameters=0, trainable=True),
        LayerRow(name="dense", kind="Dense", shape=(1,), parameters=65, trainable=True),
        LayerRow(name="head", kind="Dense", shape=(10,), parameters=20, trainable=True),
    )
    facts = MemberFacts(
        sha256="",
        file_name="",
        size=0,
        format="keras",
        keras_version=None,
        inputs=(Tensor(name="input", shape=(64,)),),
        outputs=(Tensor(name="head", shape=(10,)),),
        head="softmax",
        parameters=85,
        layers=rows,
        cut_layers=rows,
        cut_layer="dense",
    )
    chosen = [(Member(name=f"member-{number}", sha256="", file_name=""), facts) for number in range(1, members + 1)]
    target = Target(name="target", task="multiclass", classes=tuple("0123456789"))
    data = Data(sha256="", file_name="", inputs=(Input(name="x", shape=(64,)),), target=target)
    return river(plan(layout, {}, chosen, data, None).graph)


def _spots(graph: FusionGraph) -> Iterator[_Spot]:
    """The spots from top to bottom; adapters without weights are left out, and each stream has a source of its own."""
    places = {name: place for place, name in enumerate(_members(graph))}
    spots: dict[str, _Spot] = {}
    for node in graph.nodes:
        before = [spots[source(reference)[0]] for reference in node.inputs]
        colour, mark, sign = _INK, "", ""
        match node:
            case InputNode():
                spots[node.id] = _Spot(node.id, 0)
                continue
            case AdapterNode() if node.operator != "dense-projection":
                spots[node.id] = before[0]
                continue
            case AdapterNode():
                colour, mark = _GREY, "dot"
            case MemberNode():
                colour = MEMBER_COLOURS[places[node.member] % len(MEMBER_COLOURS)]
            case OperatorNode():
                sign = OPERATORS[node.operator].sign
                mark = "uneven" if node.operator in _UNEVEN else "" if sign or node.operator in _PLAIN else "bar"
        spots[node.id] = spot = _Spot(node.id, 1 + max(each.rank for each in before), colour=colour, mark=mark, sign=sign)
        for each in before:
            yield from _stream(spot, each)
        if mark == "uneven":
            for place, each in enumerate(spot.before):
                each.widen((5.0, 1.5)[place % 2])
        yield spot


def _stream(spot: _Spot, before: _Spot) -> Iterator[_Spot]:
    """Joins two spots through one passing spot on every rank between; a source at the top is made anew for each stream."""
    if before.rank == 0:
        before = _Spot(f"{before.id}>{spot.id}", 0, width=3.0 if spot.colour in MEMBER_COLOURS else 1.5)
        yield before
    for rank in range(before.rank + 1, spot.rank):
        before = _Spot(f"{before.id}-{rank}", rank, [before], before.colour, width=before.width)
        yield before
    spot.before.append(before)


def _members(graph: FusionGraph) -> list[str]:
    return list(dict.fromkeys(node.member for node in graph.nodes if isinstance(node, MemberNode)))


def _spread(spots: list[_Spot]) -> None:
    """Gives every spot its x: spots of one rank side by side, one alone below those that flow into it."""
    for rank in range(max(spot.rank for spot in spots) + 1):
        beside = [spot for spot in spots if spot.rank == rank]
        step = (WIDTH - 2 * _MARGIN) / max(len(beside), 3)
        for place, spot in enumerate(beside):
            spot.x = WIDTH / 2 + (place - (len(beside) - 1) / 2) * step
    for spot in spots:
        for before in spot.before:
            if before.rank == 0 and not before.before:
                before.x = spot.x if len(spot.before) == 1 else before.x


def _strokes(spots: list[_Spot], deepest: int) -> Iterator[str]:
    def y(rank: int) -> float:
        return _MARGIN + rank * (HEIGHT - 2 * _MARGIN) / deepest

    for spot in spots:
        for before in spot.before:
            top, bottom = y(before.rank), y(spot.rank)
            middle = (top + bottom) / 2
            colour = spot.colour if spot.colour in MEMBER_COLOURS else before.colour
            yield (
                f'<path d="M{before.x:.1f} {top:.1f}C{before.x:.1f} {middle:.1f} {spot.x:.1f} {middle:.1f} '
                f'{spot.x:.1f} {bottom:.1f}" stroke="{colour}" stroke-width="{before.width:g}"/>'
            )
    for spot in spots:
        if spot.sign:
            yield f'<text x="{spot.x + 7:.1f}" y="{y(spot.rank) + 6:.1f}" font-size="11" fill="{_INK}">{spot.sign}</text>'
        if spot.mark == "bar":
            half = 4 + 3 * min(len(spot.before), 4)
            yield f'<path d="M{spot.x - half:.1f} {y(spot.rank):.1f}h{2 * half}" stroke="{_INK}" stroke-width="5"/>'
        elif spot.mark == "dot":
            yield f'<circle cx="{spot.x:.1f}" cy="{y(spot.rank):.1f}" r="3.5" fill="{_GREY}"/>'
