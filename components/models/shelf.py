"""The members on the shelf: small trained models that come with the app, for those who bring none."""

from __future__ import annotations

import hashlib
import json
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from components.recipe import Document, Name, Scaling

_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "members"
_FIRST_PAIR = ("digits-mlp", "digits-cnn")


class ShelfMember(Document):
    """One member of the shelf.

    `dataset` is the example that it was trained on, `score` what its metric reached on the test split. `classes` are those
    that a specialist was trained on, and that its score is of; empty where it was trained on all. With `own_head` its output
    has a unit for each of these alone, in their order.
    """

    file: str
    name: Name
    title: str
    dataset: str
    sentence: str
    scaling: Scaling
    metric: Literal["accuracy", "mean_absolute_error"]
    score: float
    classes: tuple[str, ...] = ()
    own_head: bool = False

    @property
    def path(self) -> Path:
        """Where its file lies."""
        return _FOLDER / self.file

    @cached_property
    def sha256(self) -> str:
        """The checksum of its file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


@cache
def _all() -> tuple[ShelfMember, ...]:
    entries = json.loads((_FOLDER / "members.json").read_text(encoding="utf-8"))
    return tuple(ShelfMember.model_validate(entry) for entry in entries)


def shelf(dataset: str | None = None) -> tuple[ShelfMember, ...]:
    """The members on the shelf; with `dataset` only those that were trained on it, such as `example:digits`."""
    return tuple(member for member in _all() if dataset in (None, member.dataset))


def first_pair() -> tuple[ShelfMember, ...]:
    """The two with which a newcomer begins: one dense and one convolutional, both for the digits."""
    return tuple(member for member in _all() if member.name in _FIRST_PAIR)


def training_scripts() -> dict[str, str]:
    """What trained the members on the shelf: the text of each script by its name."""
    return {name: (_FOLDER / name).read_text(encoding="utf-8") for name in ("train_members.py", "networks.py")}
