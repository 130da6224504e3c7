"""Untrained architectures of `keras.applications` as members."""

from __future__ import annotations

import streamlit as st

from components.engine.made import make_architecture
from components.models.architectures import ARCHITECTURES, ENDS, MOST_CHANNELS, MOST_SIDE, ArchitectureOrder
from components.recipe import Data, Refusal
from components.recipe.names import slug
from components.views.draft import Draft
from components.views.page import caption, refusal
from components.views.services import engine, store


def architecture_form(draft: Draft) -> None:
    """Which architecture, for which images and with which end; a button makes it and adds it to the fusion."""
    caption(
        "Architectures of **keras.applications** without their trained weights: random ones, which have learned nothing and "
        "**start from nothing**. Small images and a small width train fastest."
    )
    data = draft.recipe.data
    chosen = ARCHITECTURES[st.selectbox("Architecture", list(ARCHITECTURES), key="architecture", format_func=_title)]
    side, channels, units = _fitting(data)
    left, right = st.columns(2)
    order = ArchitectureOrder(
        name=slug(chosen.name),
        architecture=chosen.name,
        side=left.number_input(
            "Side of its images in pixels",
            min_value=1,
            max_value=MOST_SIDE,
            value=max(side, chosen.least),
            key=f"architecture-side-{chosen.name}-{side}",
            help=f"At least {chosen.least}, usually {chosen.usual}. Data of another size are resized.",
        ),
        channels=right.number_input("Channels", 1, MOST_CHANNELS, channels, key=f"architecture-channels-{channels}"),
        end=left.selectbox(
            "It ends in",
            list(ENDS),
            index=list(ENDS).index("logits" if units == 1 else "softmax"),
            format_func=ENDS.__getitem__,
            key=f"architecture-end-{units}",
        ),
        units=right.number_input("Classes, or numbers, at its end", 1, 10_000, units, key=f"architecture-units-{units}"),
        width=left.number_input("Width", 0.25, 2.0, 1.0, 0.25, key="architecture-width", disabled="alpha" not in chosen.takes),
        seed=right.number_input("Seed of its weights", min_value=0, value=0, step=1, key="architecture-seed"),
    )
    if st.button("Make it", key="make-architecture"):
        try:
            with st.spinner(f"Building {chosen.name} and opening it …", show_time=True):
                draft.add_member(make_architecture(engine(), store(), order))
        except Refusal as no:
            refusal(no.sentence, no.detail)
        else:
            st.rerun()


def _title(name: str) -> str:
    return f"{name} · {ARCHITECTURES[name].parameters / 1e6:.1f} million weights with 1,000 classes"


def _fitting(data: Data | None) -> tuple[int, int, int]:
    """Side and channels of the data's pictures and the units for their target; those of small colour images where unknown."""
    pictures = [each.shape for each in data.inputs if len(each.shape) == 3] if data else []
    height, width, channels = (axis or 1 for axis in pictures[0]) if pictures else (32, 32, 3)
    units = 10 if data is None else 1 if data.target.task == "regression" else len(data.target.classes)
    return min(max(height, width), MOST_SIDE), min(channels, MOST_CHANNELS), units
