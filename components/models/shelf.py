"""The members on the shelf: small trained models that come with the app, for those who bring none."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from components.recipe import Document, Name, Scaling

_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "members"


class ShelfMember(Document):
    """One member of the shelf: `dataset` is the example that it was trained on, `score` what it reached on its test split."""

    file: str
    name: Name
    title: str
    dataset: str
    sentence: str
    scaling: Scaling
    score: float

    @property
    def path(self) -> Path:
        """Where its file lies."""
        return _FOLDER / self.file

    @property
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
