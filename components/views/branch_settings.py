"""How a member flows into a fusion: where it is cut, how its inputs are scaled, and what of it is frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from components.models.facts import MemberFacts
from components.recipe import Member
from components.recipe.wording import shown
from components.views.draft import Draft, edited
from components.views.member_card import member_line
from components.views.recipe_words import frozen_note
from components.views.scalings import SCALINGS


def branch_settings(draft: Draft, member: Member, facts: MemberFacts, index: int) -> None:
    """A member's line with a button that opens its settings; closed, they draw nothing."""
    member_line(facts, index, name=member.name, note=frozen_note(member))
    popover = st.popover("Cut, scale, freeze", key=f"settings-{member.name}", on_change="rerun")
    if popover.open:
        with popover:
            _settings(draft, member, facts)


def _settings(draft: Draft, member: Member, facts: MemberFacts) -> None:
    def change(field: str) -> Callable[[Any], None]:
        return lambda value: draft.edit_member(member.name, **{field: value})

    cuts = [row.name for row in facts.cut_layers]
    edited(
        st.selectbox,
        "Cut layer: where its features are taken",
        member.cut_layer or facts.cut_layer,
        change("cut_layer"),
        key=f"cut-{member.name}",
        options=cuts,
        format_func=shown,
        disabled=not cuts,
    )
    edited(
        st.selectbox,
        "Its inputs come to it",
        member.scaling,
        change("scaling"),
        key=f"scaling-{member.name}",
        options=list(SCALINGS),
        format_func=SCALINGS.__getitem__,
    )
    edited(
        st.toggle,
        "Frozen: keeps its weights, statistics and no dropout",
        member.frozen,
        change("frozen"),
        key=f"frozen-{member.name}",
    )
    edited(
        st.number_input,
        "Its learning rate, as a share of the run's",
        member.rate,
        change("rate"),
        key=f"rate-{member.name}",
        min_value=1e-6,
        max_value=100.0,
        step=0.1,
        format="%.6g",
        disabled=member.frozen,
    )
    layers = [row.name for row in facts.layers if row.parameters]
    edited(
        st.multiselect,
        "Or freeze single layers",
        [name for name in member.frozen_layers if name in layers],
        lambda names: draft.edit_member(member.name, frozen_layers=tuple(names)),
        key=f"frozen-layers-{member.name}",
        options=layers,
        format_func=shown,
        disabled=member.frozen,
        placeholder="All are trained" if not member.frozen else "The whole member is frozen",
    )
    st.button(
        "Freeze all but the head",
        key=f"freeze-body-{member.name}",
        on_click=draft.edit_member,
        args=(member.name,),
        kwargs={"frozen": False, "frozen_layers": tuple(layers[:-1])},
        disabled=len(layers) < 2,
        help="Freezes every layer with weights but the last.",
        type="tertiary",
    )
