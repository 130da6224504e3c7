"""Small members that are trained here: what one is made of, known without Keras."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from components.recipe import Data, Document, Name

Kind = Literal["dense", "convolutional"]


@dataclass(frozen=True)
class KindShown:
    """A kind of small member as it is offered: `width` and `depth` are where a person begins."""

    title: str
    width: int
    depth: int
    needs_picture: bool = False


KINDS: dict[Kind, KindShown] = {
    "dense": KindShown("Dense", width=64, depth=2),
    "convolutional": KindShown("Convolutional", width=16, depth=2, needs_picture=True),
}


class SmallMember(Document):
    """What a small member is made of. `seed` draws its first weights and the order of its batches.

    `width` counts the units of a dense layer, or the filters of the first convolution; each further one has twice as many.
    """

    name: Name
    kind: Kind
    width: int = Field(ge=1, le=512)
    depth: int = Field(ge=1, le=6)
    seed: int = Field(0, ge=0)


def kinds_for(data: Data) -> tuple[Kind, ...]:
    """The kinds that can be trained on these data: convolutions need a picture."""
    pictured = any(len(each.shape) == 3 for each in data.inputs)
    return tuple(kind for kind, shown in KINDS.items() if pictured or not shown.needs_picture)


def pair_for(data: Data) -> tuple[SmallMember, SmallMember]:
    """Two that make different mistakes: dense and convolutional on pictures, wide and deep on columns; seeds differ."""
    if "convolutional" in kinds_for(data):
        return (
            SmallMember(name="dense", kind="dense", width=64, depth=2, seed=1),
            SmallMember(name="convolutional", kind="convolutional", width=16, depth=2, seed=2),
        )
    return (
        SmallMember(name="wide", kind="dense", width=96, depth=1, seed=1),
        SmallMember(name="deep", kind="dense", width=24, depth=3, seed=2),
    )
