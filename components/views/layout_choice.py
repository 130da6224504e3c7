"""Layouts are chosen by picture, or from a table of what fits these members and what does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby

import pandas as pd

from components.fusion.layouts import LAYOUTS
from components.fusion.plan import Fitness
from components.fusion.river import layout_river
from components.views.layout_cards import LayoutCard, choose_layout
from components.views.page import caption, panel
from components.views.row_choice import choose_rows, choosing

Choose = Callable[[str], None]


def layout_choice(fitness: Mapping[str, Fitness], selected: str, choose: Choose) -> None:
    """The picture cards by family; a layout that cannot be used says why."""
    with panel("Layout"):
        for family, group in groupby(LAYOUTS.values(), key=lambda layout: layout.family):
            caption(family.capitalize())
            cards = [
                LayoutCard(
                    name=layout.name,
                    title=layout.title,
                    svg=layout_river(layout.name),
                    disabled_reason=fitness[layout.name].refusal or "",
                )
                for layout in group
            ]
            choose_layout(cards, selected, choose, key=f"layouts-{family.replace(' ', '-')}")


def layout_table(fitness: Mapping[str, Fitness], choose: Choose) -> None:
    """A line for each layout: whether it can be used, with adapters or not at all, and why. A chosen line is handed on."""
    names = list(fitness)

    def chosen(row: int) -> None:
        if fitness[names[row]].refusal is None:
            choose(names[row])

    lines = [
        {
            "Layout": LAYOUTS[name].title,
            "Family": LAYOUTS[name].family,
            "Can be used": _answer(fit),
            "Why": fit.refusal or "; ".join(dict.fromkeys(fit.adapters)),
        }
        for name, fit in fitness.items()
    ]
    choose_rows(pd.DataFrame(lines), key="layout-rows", on_choice=chosen)
    caption(choosing("a row", "use that layout; its adapters are put in and shown in the graph"))


def _answer(fit: Fitness) -> str:
    if fit.refusal is not None:
        return "no"
    return "with adapters" if fit.adapters else "yes"
