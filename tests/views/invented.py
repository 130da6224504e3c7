"""Invented values for every view, with a hostile name wherever a name from a file can stand."""

from __future__ import annotations

from pathlib import Path

from components.gradients.report import GradientReport, LayerGradient
from components.models.facts import LayerRow, MemberFacts
from components.recipe import Tensor
from components.training.events import Point
from components.views.curves import Baseline
from components.views.graph_view import GraphNode
from components.views.layout_cards import LayoutCard

GALLERY = Path(__file__).with_name("gallery.py")
"""The script that shows them all."""

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
ROWS = (LayerRow(name=HOSTILE, kind="Dense", shape=(64,), parameters=4160, trainable=True),)
FACTS = MemberFacts(
    sha256="0" * 64,
    file_name=HOSTILE,
    size=1000,
    format=HOSTILE,
    keras_version="2.15",
    inputs=(Tensor(name="x", shape=(8, None, 1)),),
    outputs=(Tensor(name="y", shape=(10,)),),
    head="softmax",
    parameters=4160,
    layers=ROWS,
    notes=(f"Left out {HOSTILE}.",),
)
RIVER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 56"><script>document.title="owned"</script>'
    '<path d="M9 4V50" stroke="#0072B2" onclick="document.title=\'owned\'"/><image href="x"/></svg>'
)
CARDS = (
    LayoutCard(name="average", title="Average", svg=RIVER),
    LayoutCard(name="concatenate", title="Concatenate", svg=RIVER),
    LayoutCard(name="soup", title=HOSTILE, svg=RIVER, disabled_reason=f"needs members of one architecture, not {HOSTILE}."),
)
DOT = (
    'digraph fusion { node [shape=box style="rounded,filled" fontname="Inter, sans-serif"]\n'
    'image [class="input" label="image\\n8 × 8 × 1"]\n'
    'subgraph "cluster_mlp" { class="member member-0" label="mlp" "mlp/dense" [class="member member-0" label="dense\\n64"] }\n'
    f'hostile [class="member member-1" label="{HOSTILE.replace(chr(34), chr(92) + chr(34))}" URL="javascript:0"]\n'
    'join [class="operator" label="Average"] image -> "mlp/dense" [class="member member-0"] "mlp/dense" -> join\n'
    "image -> hostile -> join }"
)
NODES = (
    GraphNode(id="image", title="image", text="8 × 8 × 1"),
    GraphNode(id="hostile", title=HOSTILE, text="![x](https://example.invalid/x.png)"),
)
BASELINES = (Baseline(name=HOSTILE, index=0, loss=0.4, metric=0.9), Baseline(name="average", index=None, loss=0.3, metric=0.95))
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


def points(count: int) -> list[Point]:
    return [
        Point(step=step, epoch=step / 10, split=split, loss=1 / (1 + step), metric=step / (1 + step))
        for step in range(count)
        for split in ("training", "validation")
    ]


def layer(name: str, member: str | None, norm: float | None) -> LayerGradient:
    return LayerGradient(layer=name, member=member, kind="Dense", variables=2, norm=norm, weight=1.0, verdict="healthy")


def report(layout: str, *layers: LayerGradient) -> GradientReport:
    return GradientReport(
        layout=layout, title=layout.title(), samples=256, loss=0.5, layers=layers, verdict="healthy", summary=HOSTILE
    )
