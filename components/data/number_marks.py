"""Which marks a table's numbers bear: before the fraction, and between thousands."""

from __future__ import annotations

import re
from collections.abc import Sequence

from components.recipe.reading import MARKS, Decimal, Separator, Thousands

NUMBER = re.compile(
    r"[+-]?(\d{1,3}([ ,.']\d{3})+([.,]\d*)?|\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?|[+-]?(nan|inf)", re.IGNORECASE
)
"""A number under any of the marks."""


def number_marks(cells: Sequence[str], separator: Separator) -> tuple[Decimal, Thousands]:
    """The marks that the cells of a table's first rows show.

    A mark stands before the fraction where some number bears it in a place in which none between thousands can stand. What
    could be read either way, such as `1,234`, has a decimal comma unless commas separate the values.
    """
    cells = [cell.strip() for cell in cells]
    comma, point = _is_decimal(",", cells), _is_decimal(".", cells)
    unclear = separator != "comma" and not point and _any(r"[+-]?\d{1,3}(,\d{3})+", cells) and not _any(r".*\..*", cells)
    decimal: Decimal = "comma" if (comma and not point) or unclear else "point"
    fraction = re.escape(MARKS[decimal])
    candidates: tuple[Thousands, ...] = ("comma", "point", "space", "apostrophe")
    for thousands in candidates:
        mark = re.escape(MARKS[thousands])
        if thousands != decimal and _any(rf"[+-]?\d{{1,3}}({mark}\d{{3}})+({fraction}\d+)?", cells):
            return decimal, thousands
    return decimal, "none"


def _is_decimal(mark: str, cells: Sequence[str]) -> bool:
    other = re.escape(",.".replace(mark, "") + " '")
    grouped = re.compile(rf"[+-]?[1-9]\d{{0,2}}({re.escape(mark)}\d{{3}})+")
    number = re.compile(rf"[+-]?(\d*|\d{{1,3}}([{other}]\d{{3}})+){re.escape(mark)}\d+([eE][+-]?\d+)?")
    return any(number.fullmatch(cell) and not grouped.fullmatch(cell) for cell in cells)


def _any(pattern: str, cells: Sequence[str]) -> bool:
    compiled = re.compile(pattern)
    return any(compiled.fullmatch(cell) for cell in cells)
