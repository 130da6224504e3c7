"""Layouts side by side as tables: a heat map of layer by layout, how the gradient divides, and where paths pull a member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite

import streamlit as st

from components.gradients.measures import MEASURES
from components.gradients.predicted import measured_route, prediction
from components.gradients.report import GradientReport, LayerGradient
from components.gradients.sentences import direction, paths
from components.gradients.tones import tone
from components.recipe import Recipe
from components.recipe.wording import shown
from components.views.gradient_bars import gradient_range, label, norm_text
from components.views.page import caption
from components.views.theme import member_colour
from components.views.tones import scale_html


def show_side_by_side(
    recipes: Sequence[Recipe], reports: Sequence[GradientReport], places: Mapping[str, int], measure: str = "norm"
) -> None:
    """The heat map with its scale, a line for each layout and member, and one for each two paths from a shared trunk."""
    exponents = gradient_range(reports, measure)
    st.html(heat_html(reports, places, measure))
    st.html(scale_html(exponents, MEASURES[measure].title))
    st.html(shares_html(recipes, reports))
    if any(report.forks for report in reports):
        caption("Where several operations read what a member gives, what they send up adds, or cancels.")
        st.html(forks_html(reports))


def heat_html(reports: Sequence[GradientReport], places: Mapping[str, int], measure: str = "norm") -> str:
    """A table of layers by layouts, each cell on its tone; members first, then what is fused; nothing where a layer is not."""
    exponents = gradient_range(reports, measure)
    known: dict[tuple[str | None, str], None] = {}
    for report in reports:
        known.update(dict.fromkeys((layer.member, layer.layer) for layer in report.layers))
    rows = sorted(known, key=lambda row: len(places) if row[0] is None else places.get(row[0], len(places)))
    found = [{(layer.member, layer.layer): layer for layer in report.layers} for report in reports]
    lines = [
        f'<tr><th scope="row" title="{escape(row[1][:200])}">{_mark(row[0], places)}{escape(shown(row[1]))}</th>'
        f"{''.join(_cell(layers.get(row), measure, exponents) for layers in found)}</tr>"
        for row in rows
    ]
    columns = ("Layer", *(report.title for report in reports))
    return _table(columns, lines, f"{MEASURES[measure].title} of each layer under each layout")


def shares_html(recipes: Sequence[Recipe], reports: Sequence[GradientReport]) -> str:
    """A table with a line for each layout and member: its share of the gradient, and its route, predicted and measured."""
    lines = []
    for recipe, report in zip(recipes, reports, strict=True):
        theory = prediction(recipe).routes
        for member in recipe.members:
            route = measured_route(report, member.name)
            numbers = (
                _percent(report.shares.get(member.name)),
                _part(theory.get(member.name)),
                "none" if route is None and theory.get(member.name) == 0 else _part(route),
            )
            lines.append(_line(f"{report.title} · {shown(member.name)}", numbers))
    columns = ("Layout and member", "Share of the gradient", "Of the output’s: predicted", "Of the output’s: measured")
    return _table(columns, lines, "How the gradient divides among the members")


def forks_html(reports: Sequence[GradientReport]) -> str:
    """A table with a line for each two paths that read what a member gives: their cosine, and what it means."""
    lines = []
    for report in reports:
        for fork in report.forks:
            cosine = "–" if fork.cosine is None else f"{fork.cosine:+.3f}"
            lines.append(_line(f"{report.title} · {shown(fork.member)}", (paths(fork), cosine, direction(fork.cosine))))
    columns = ("Layout and member", "Read by", "Cosine", "They pull it")
    return _table(columns, lines, "Whether the paths from a member pull it in one direction", look="heat words")


def _line(name: str, cells: Sequence[str]) -> str:
    return f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def _table(columns: Sequence[str], lines: Sequence[str], name: str, look: str = "heat") -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<div class="{look}" role="region" tabindex="0" aria-label="{escape(name)}">{table}</div>'


def _mark(member: str | None, places: Mapping[str, int]) -> str:
    colour = "var(--ink)" if member is None else member_colour(places.get(member, 0))
    return f'<i style="background: {colour}"></i>'


def _cell(layer: LayerGradient | None, measure: str, exponents: tuple[int, int]) -> str:
    if layer is None:
        return "<td></td>"
    value = MEASURES[measure].value(layer)
    text = label(layer, value)
    if value is None or not isfinite(value) or value <= 0:
        return f"<td>{text}</td>"
    ground, ink = tone(value, exponents)
    return f'<td style="background: {ground}; color: {ink}">{text}</td>'


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _part(part: float | None) -> str:
    if part is None:
        return "–"
    return f"{part:.3f}" if part >= 0.001 or not part else norm_text(part)
