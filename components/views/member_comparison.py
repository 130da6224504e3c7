"""Two members side by side: their facts, and their layers with what differs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components.models.comparison import Distance, Pair, align, same_architecture
from components.models.facts import LayerRow, MemberFacts
from components.models.settings import MemberSettings
from components.recipe.wording import shown
from components.views.downloads import Download, download_row
from components.views.member_words import fact_table, shape_text
from components.views.page import notice, on_demand
from components.views.services import compared, store


def comparison_panel(first: Sequence[str] = ()) -> None:
    """An expander that compares any two members that were brought; closed, it draws nothing.

    `first` are the checksums of those it begins with.
    """
    expander = on_demand("Compare two members", key="comparison")
    if expander is None:
        return
    known = {card.sha256: card for card in store().members()}
    settings = store().member_settings()
    names = {sha256: _name(card, settings) for sha256, card in known.items()}
    order = [*(sha256 for sha256 in first if sha256 in known), *(sha256 for sha256 in known if sha256 not in first)]
    with expander:
        chosen = []
        for column, place in zip(st.columns(2), (0, 1), strict=True):
            label = ("One member", "The other")[place]
            with column:
                chosen.append(
                    st.selectbox(
                        label, order, index=min(place, len(order) - 1), format_func=names.__getitem__, key=f"compare-{place}"
                    )
                )
        one, two = (known[sha256] for sha256 in chosen)
        _comparison(one, two, [names[one.sha256], names[two.sha256]])


def _comparison(one: MemberFacts, two: MemberFacts, names: list[str]) -> None:
    pairs = align(one.layers, two.layers)
    with st.spinner("Reading both members' weights in a worker …", show_time=True):
        distances = compared(one, two)
    notice(verdict(pairs, distances))
    tables = [fact_table(card) for card in (one, two)]
    labels = dict.fromkeys([*tables[0], *tables[1]])
    facts = pd.DataFrame(
        {
            "fact": list(labels),
            names[0]: [tables[0].get(label, "") for label in labels],
            f"{names[1]} ": [tables[1].get(label, "") for label in labels],
        }
    )
    st.dataframe(facts, hide_index=True)
    layers = layer_table(pairs, distances)
    st.dataframe(layers, hide_index=True, column_config={"cosine": st.column_config.NumberColumn(format="%.6f")})
    csv = Download("Layers as CSV", "comparison.csv", lambda: safe_csv(layers), "text/csv")
    download_row([csv], key="comparison")


def verdict(pairs: Sequence[Pair], distances: Sequence[Distance]) -> str:
    """Whether the architecture is the same, and the weights, in a sentence or two."""
    alone = sum(pair.first is None or pair.second is None for pair in pairs)
    changed = sum(bool(pair.differs) for pair in pairs) - sum(pair.differs == ("name",) for pair in pairs)
    built = "**The same architecture.**" if same_architecture(pairs) else "**Different architectures.**"
    if alone or changed:
        built += f" Of {len(pairs)} layers {alone} stand in one member alone and {changed} differ."
    found = [each.distance for each in distances if each.distance is not None]
    if not found:
        return f"{built} No layers have weights that could be compared."
    same = sum(distance == 0 for distance in found)
    if same == len(found) and not alone:
        return f"{built} **The same weights** in all {len(found)} layers that have any."
    return f"{built} {same} of {len(found)} comparable layers have the same weights."


def layer_table(pairs: Sequence[Pair], distances: Sequence[Distance]) -> pd.DataFrame:
    """One row for each pair of layers: both sides' values, what differs, and how far the weights are apart."""

    def side(row: LayerRow | None, number: int) -> dict[str, object]:
        values: dict[str, object] = {}
        for label, value in (
            ("layer", shown(row.name) if row else ""),
            ("kind", shown(row.kind) if row else ""),
            ("shape", shape_text(row.shape) if row else ""),
            ("weights", row.parameters if row else None),
            ("activation", (row.activation or "") if row else ""),
            ("settings", shown(row.settings, 200) if row else ""),
        ):
            values[f"{label} {number}"] = value
        return values

    rows = []
    for pair, distance in zip(pairs, distances, strict=True):
        only = (
            "only in the first"
            if pair.second is None
            else "only in the second"
            if pair.first is None
            else ", ".join(pair.differs)
        )
        first, second = side(pair.first, 1), side(pair.second, 2)
        beside = {label: value for both in zip(first.items(), second.items(), strict=True) for label, value in both}
        rows.append({"differs": only, "cosine": distance.cosine, "relative distance": distance.distance, **beside})
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def safe_csv(table: pd.DataFrame) -> str:
    """A table as CSV; text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return table.map(lambda cell: f"'{cell}" if isinstance(cell, str) and cell[:1] in "=+-@\t" and cell else cell).to_csv(
        index=False
    )


def _name(card: MemberFacts, settings: dict[str, MemberSettings]) -> str:
    title = settings[card.sha256].title if card.sha256 in settings else ""
    return shown(title or card.file_name)
