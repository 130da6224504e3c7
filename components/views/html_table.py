"""A plain table as HTML with everything escaped, which scrolls sideways where it is wider than its place."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape


def table_html(head: Sequence[str], rows: Sequence[Sequence[str]], name: str) -> str:
    """The table; the first cell of each row is its heading, and `name` is read aloud before it."""
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in head)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'
        for first, *cells in rows
    )
    table = f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="heat plain" role="region" tabindex="0" aria-label="{escape(name)}">{table}</div>'
