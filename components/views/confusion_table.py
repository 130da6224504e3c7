"""The confusion matrix as a table whose cells are the deeper toned, the larger their share of the row."""

from __future__ import annotations

from html import escape

from components.recipe.wording import shown
from components.training.analysis.findings import Confusion
from components.views.html_table import table_html

MOST_CLASSES = 30
"""More classes are told as the pairs that are confused most."""

PAIRS = 20
DEEPEST = 45
"""Percent of a colour in a cell that holds its whole row: as deep as ink can be read on, in both themes."""


def confusion_html(confusion: Confusion) -> str:
    """Counts with the share of the row below; right ones in the accent's tone, wrong ones in that of what is bad."""
    names = [shown(each.name) for each in confusion.classes]
    if len(names) > MOST_CLASSES:
        return _pairs_html(confusion, names)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{escape(names[place])}</th>{_cells(row, place, names)}</tr>'
        for place, row in enumerate(confusion.counts)
    )
    corner = '<th scope="col">is \\ taken for</th>'
    table = f"<table><thead><tr>{corner}{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="heat confusion" role="region" tabindex="0" aria-label="Confusion matrix">{table}</div>'


def _cells(row: tuple[int, ...], place: int, names: list[str]) -> str:
    total = sum(row)
    return "".join(
        _cell(count, count / total if total else 0.0, column == place, f"{names[place]} taken for {names[column]}")
        for column, count in enumerate(row)
    )


def _cell(count: int, share: float, right: bool, title: str) -> str:
    if not count:
        return f'<td class="none" title="{escape(title)}">0</td>'
    colour, least = ("var(--accent)", 4) if right else ("var(--bad)", 12)
    ground = f"color-mix(in srgb, {colour} {max(least, round(DEEPEST * share))}%, transparent)"
    return f'<td style="background: {ground}" title="{escape(title)}">{count:,}<small>{share:.0%}</small></td>'


def _pairs_html(confusion: Confusion, names: list[str]) -> str:
    pairs = [
        (count, row, column)
        for row, counts in enumerate(confusion.counts)
        for column, count in enumerate(counts)
        if count and row != column
    ]
    rows = [
        [names[row], names[column], f"{count:,}", f"{count / sum(confusion.counts[row]):.0%}"]
        for count, row, column in sorted(pairs, reverse=True)[:PAIRS]
    ]
    return table_html(["Class", "Taken for", "Samples", "Share of the class"], rows, "The pairs that are confused most")
