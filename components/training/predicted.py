"""What predictions for new samples tell: plain values, no Keras."""

from __future__ import annotations

from components.recipe import Document


class Predicted(Document):
    """What was predicted of a file: the number of samples, the first lines of the table, and what is to be told."""

    samples: int
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
