"""Tables as CSV, with all digits."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def csv_text(names: Sequence[str], lines: Iterable[Iterable[object]]) -> str:
    """A line with the columns' names, then the lines; None is an empty cell."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(names)
    table.writerows(lines)
    return text.getvalue()
