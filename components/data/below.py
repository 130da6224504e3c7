"""Lines below a table, such as its source: they were read as rows, and are told."""

from __future__ import annotations

import numpy as np

from components.data.columns import Columns, missing
from components.data.number_marks import NUMBER
from components.recipe.wording import shown

LOOKED_AT = 30


def notes_below(columns: Columns) -> tuple[str, ...]:
    """A sentence on the last rows where they begin with text and have less than half of their cells, unlike those above."""
    arrays = list(columns.arrays.values())
    if arrays[0].dtype != object or any(values.ndim > 1 for values in arrays):
        return ()
    last = [values[-LOOKED_AT:] for values in arrays]
    filled = np.sum([~missing(values) for values in last], axis=0)
    sparse = [
        2 * cells < len(last) and text is not None and not NUMBER.fullmatch(text)
        for cells, text in zip(filled, last[0], strict=True)
    ]
    count = sum(sparse)
    if not 0 < count < len(sparse) or not all(sparse[-count:]):
        return ()
    text = shown(last[0][-count])
    if count == 1:
        return (f"The last row, {columns.rows:,}, has little more than “{text}”; delete it from the file if it is no sample.",)
    return (
        f"The last {count} rows, from row {columns.rows - count + 1:,} on, have little more than “{text}”; "
        "delete them from the file if they are no samples.",
    )
