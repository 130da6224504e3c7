"""Gradient norms along a run: one strip a layer, from the first step to the last, and the numbers at one step."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil, floor, isfinite, log10
from pathlib import Path

import numpy as np
import streamlit as st

from components.gradients.tones import tone
from components.gradients.trail import TRAIL, Trail, read_trail
from components.recipe.wording import shown
from components.store import Run
from components.views.downloads import Download, download_row
from components.views.gradient_bars import norm_text
from components.views.page import caption
from components.views.run_facts import layout_title
from components.views.services import store
from components.views.theme import member_colour
from components.views.tones import scale_html

COLUMNS = 60
"""Pieces of a strip at most."""


def show_gradient_trail(run: Run) -> None:
    """The strips of all layers, with a slider through the steps; a sentence where nothing was recorded."""
    trail = _trail_of(run)
    if trail is None:
        caption("No gradients were recorded in this run: nothing in it was trained, or it is of an earlier version.")
        return
    steps = trail.steps.tolist()
    chosen = steps[-1]
    if len(steps) > 1:
        chosen = st.select_slider("Step", steps, value=steps[-1], key=f"trail-step-{run.id}")
    places = {member.name: index for index, member in enumerate(run.recipe.members)}
    exponents = norm_range(trail.norms)
    st.html(strips_html(trail.layers, trail.members, steps, trail.norms, places, exponents, steps.index(chosen)))
    st.html(scale_html(exponents, "Norm of the gradient"))
    means = f" Numbers are means over {trail.width} steps each." if trail.width > 1 else ""
    caption(f"Left to right: steps 1 to {steps[-1]:,}, each on its own training batch.{means}")
    download_row(
        [Download(label="Gradients (.csv)", file_name=f"{run.name}-gradients.csv", data=trail.to_csv, mime="text/csv")],
        key="trail-downloads",
    )


def show_by_member(runs: Sequence[Run]) -> None:
    """A strip for each member and for what is fused, two runs a row and one scale for all; nothing before the first steps."""
    found = [(run, trail, *_by_member(run, trail)) for run in runs if (trail := _trail_of(run)) is not None]
    if not found:
        return
    exponents = norm_range(np.concatenate([norms.ravel() for *_, norms in found]))
    columns = st.columns(2) if len(found) > 1 else [st.container()]
    for place, (run, trail, names, norms) in enumerate(found):
        with columns[place % len(columns)]:
            if len(runs) > 1:
                st.html(f'<h3 class="panel-title">{escape(shown(run.name))} · {escape(layout_title(run))}</h3>')
            places = {member.name: index for index, member in enumerate(run.recipe.members)}
            titles = [name or "fused" for name in names]
            st.html(strips_html(titles, names, trail.steps.tolist(), norms, places, exponents, len(trail.steps) - 1))
    st.html(scale_html(exponents, "Norm of the gradient"))


def _by_member(run: Run, trail: Trail) -> tuple[list[str], np.ndarray]:
    """The members of a run with a gradient, and what is fused as an empty name; norms of the shape (bins, names)."""
    names = [*(member.name for member in run.recipe.members if member.name in trail.members), *({""} & set(trail.members))]
    squares = [trail.norms[:, [member == name for member in trail.members]] ** 2 for name in names]
    return names, np.sqrt(np.stack([_sum(each) for each in squares], axis=1))


def norm_range(norms: np.ndarray) -> tuple[int, int]:
    """The exponents of ten between which all norms lie that can be drawn."""
    drawn = norms[np.isfinite(norms) & (norms > 0)]
    if not drawn.size:
        return -3, 0
    low, high = floor(log10(drawn.min())), ceil(log10(drawn.max()))
    return low, max(high, low + 1)


def strips_html(
    names: Sequence[str],
    members: Sequence[str],
    steps: Sequence[int],
    norms: np.ndarray,
    places: dict[str, int],
    exponents: tuple[int, int],
    at: int,
) -> str:
    """A table with a line for each name: its norm at one step, and a strip of tones over all steps.

    Args:
        names: Of layers or members.
        members: The member that each belongs to, empty for what is fused.
        steps: The last step of each column.
        norms: Of the shape (steps, names), NaN where nothing was measured.
        places: Each member's place in the recipe.
        exponents: The scale.
        at: The column whose numbers are shown, and which is marked.
    """
    groups = np.array_split(np.arange(len(steps)), min(COLUMNS, len(steps)))
    marked = next(place for place, group in enumerate(groups) if at in group)
    lines = []
    for column, (name, member) in enumerate(zip(names, members, strict=True)):
        value = norms[at, column]
        text = "none" if np.isnan(value) else norm_text(value)
        colour = "var(--ink)" if not member else member_colour(places.get(member, 0))
        strip = _strip([norms[group, column] for group in groups], exponents)
        place = f"{100 * (marked + 0.5) / len(groups):.2f}%"
        lines.append(
            f'<tr><th scope="row" title="{escape(name[:200])}"><i style="background: {colour}"></i>{escape(shown(name))}</th>'
            f'<td>{text}</td><td class="strip"><div style="background: {strip}"><b style="left: {place}"></b></div></td></tr>'
        )
    head = f'<th scope="col">Gradient of</th><th scope="col">Step {steps[at]:,}</th><th scope="col">Along training</th>'
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="heat trail" role="region" tabindex="0" aria-label="Gradient norms along training">{table}</div>'


def _strip(pieces: Sequence[np.ndarray], exponents: tuple[int, int]) -> str:
    """A CSS gradient with hard edges: one tone for each piece, none where nothing was measured."""
    stops = []
    for place, piece in enumerate(pieces):
        known = piece[~np.isnan(piece)]
        value = float(np.sqrt(np.mean(known**2))) if known.size else 0.0
        colour = tone(value, exponents)[0] if value > 0 and isfinite(value) else "transparent"
        stops.append(f"{colour} {100 * place / len(pieces):.2f}% {100 * (place + 1) / len(pieces):.2f}%")
    return f"linear-gradient(to right, {', '.join(stops)})"


def _sum(squares: np.ndarray) -> np.ndarray:
    """The sum over layers; NaN where no layer was measured."""
    return np.where(np.isnan(squares).all(axis=1), np.nan, np.nansum(squares, axis=1))


def _trail_of(run: Run) -> Trail | None:
    trail = read_trail(Path(store().run_folder(run.id)) / TRAIL)
    return trail if trail is not None and len(trail.steps) else None
