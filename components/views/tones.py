"""The scale of tones as it is drawn."""

from __future__ import annotations

from html import escape

from components.gradients.tones import TONES


def scale_html(exponents: tuple[int, int], name: str) -> str:
    """The scale as a row of tones between its ends, behind the name of what it measures."""
    low, high = exponents
    tones = "".join(f'<i style="background: {ground}"></i>' for ground in TONES)
    ends = f"<span>{escape(name)}</span><span>1e{low}</span>{tones}<span>1e{high}</span>"
    return f'<p class="tones" role="img" aria-label="{escape(name)}, from 1e{low} to 1e{high}">{ends}</p>'
