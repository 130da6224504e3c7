"""The first lines of a text table: which separator splits them, and how many of them stand above the table."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from components.data.number_marks import NUMBER
from components.recipe.reading import MARKS, Separator


class Head(NamedTuple):
    """The first rows of a table under one separator, without empty lines and without the `title_lines` above it."""

    separator: Separator = "comma"
    title_lines: int = 0
    rows: tuple[list[str], ...] = ()

    @property
    def width(self) -> int:
        """How many cells the first row has."""
        return len(self.rows[0]) if self.rows else 0

    @property
    def alike(self) -> float:
        """The share of rows that have as many cells as the first."""
        return sum(len(row) == self.width for row in self.rows) / max(1, len(self.rows)) if self.width > 1 else 0.0

    @property
    def is_table(self) -> bool:
        """Whether there are several columns, and no row has more cells than the first."""
        return self.width > 1 and all(len(row) <= self.width for row in self.rows)

    @property
    def has_plain_names(self) -> bool:
        """Whether every cell of the first row is a word, and numbers alone stand below one of them."""
        below = [
            [cell.strip() for cell in column if cell.strip()] for column in itertools.zip_longest(*self.rows[1:], fillvalue="")
        ]
        names = self.rows[0] if self.rows else [""]
        return not any(not cell.strip() or _is_number(cell) for cell in names) and any(
            column and all(map(_is_number, column)) for column in below
        )


def split_head(lines: Sequence[str], separators: Iterable[Separator]) -> Head:
    """By the separator that splits most lines into as many cells as the first, and of those the one with most cells.

    There are no rows where every line is empty, or where cells are longer than `csv` reads.
    """
    heads = [Head(each, 0, tuple(row for _, row in _rows(lines, each))) for each in separators]
    best = max(heads, key=lambda head: (head.alike, head.width))
    return best if best.rows else Head()


def find_head(lines: Sequence[str], separators: Iterable[Separator]) -> Head:
    """As `split_head`, but lines above the table are left out.

    They are looked for where the first line cannot begin a table. Where it can, they are believed only if plain names follow
    and the rows below are more alike, or if the first line has the cells of the table, most of them empty.
    """
    separators = tuple(separators)
    head = split_head(lines, separators)
    below = [_below_title(lines, each) for each in separators]
    best = max(below, key=lambda each: (each.alike, each.width))
    if not (best.title_lines and best.is_table):
        return head
    if not head.is_table:
        return best
    padded = (best.separator, best.width) == (head.separator, head.width)
    return best if best.has_plain_names and (padded or best.alike > head.alike) else head


def _below_title(lines: Sequence[str], separator: Separator) -> Head:
    """The table below rows of another length where plain names follow, or of one cell, or with less than half as many filled.

    There are no rows in it where the first line is of the table.
    """
    rows = _rows(lines, separator)
    width = Counter(len(row) for _, row in rows).most_common(1)[0][0] if rows else 0
    filled = max((_filled(row) for _, row in rows), default=0)

    def is_sparse(row: list[str]) -> bool:
        return len(row) == 1 < width or 2 * _filled(row) < filled

    named = _below(separator, rows, lambda row: len(row) != width or is_sparse(row))
    return named if named.has_plain_names else _below(separator, rows, is_sparse)


def _below(separator: Separator, rows: list[tuple[int, list[str]]], is_title: Callable[[list[str]], bool]) -> Head:
    """The rows below those that are a title or have no value; numbers alone are no title."""
    above = list(itertools.takewhile(lambda each: is_title(each[1]) and not _is_numbers(each[1]), rows))
    below = rows[len(above) :]
    if not below or not any(_filled(row) for _, row in above):
        return Head()
    return Head(separator, below[0][0], tuple(row for _, row in below))


def _rows(lines: Sequence[str], separator: Separator) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with how many lines stand above it."""
    reader = csv.reader(lines, delimiter=MARKS[separator], skipinitialspace=True)
    rows, above = [], 0
    try:
        for row in reader:
            rows += [(above, row)] if row else []
            above = reader.line_num
    except csv.Error:
        return []
    return rows


def _filled(row: list[str]) -> int:
    return sum(bool(cell.strip()) for cell in row)


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell.strip()) is not None


def _is_numbers(row: list[str]) -> bool:
    return _filled(row) > 0 and all(_is_number(cell) for cell in row if cell.strip())
