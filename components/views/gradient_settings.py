"""What of the gradients is shown, and how they are measured."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from components.gradients.measures import MEASURES
from components.gradients.probing import Probing
from components.gradients.verdicts import DEFAULT, Thresholds
from components.views.page import caption

STEPS = get_args(Probing.model_fields["steps"].annotation)

_RANGES = {"vanishing": (1e-6, 0.9, 0.01), "exploding": (2.0, 1e6, 10.0), "dead": (0.01, 1.0, 0.1)}
"""The least and the most that a threshold may be, and the step of its field's buttons."""


def choose_measure(place: str) -> str:
    """A small switch between the measures, kept for all places; gives the measure's name."""
    names = list(MEASURES)
    key = f"measure-{place}"
    st.session_state.setdefault("measure", names[0])
    st.session_state[key] = st.session_state.measure

    def keep() -> None:
        # Nothing is chosen where a person clicks on what was chosen already.
        st.session_state.measure = st.session_state[key] or st.session_state.measure

    st.segmented_control(
        "Measure",
        names,
        format_func=lambda name: MEASURES[name].title,
        key=key,
        on_change=keep,
        label_visibility="collapsed",
    )
    measure: str = st.session_state.measure
    caption(MEASURES[measure].sentence)
    return measure


def choose_probing() -> Probing:
    """After how many steps of training is measured."""
    steps = st.selectbox(
        "Measured",
        STEPS,
        format_func=lambda count: "before training" if count == 0 else f"after {count} step{'s' if count > 1 else ''}",
        key="probing-steps",
        persist_state="session",
        width=170,
    )
    return Probing(steps=steps)


def choose_thresholds() -> Thresholds:
    """In a popover, from where on a verdict is bad."""
    with st.popover("Thresholds"):
        values = {name: _threshold(name) for name in Thresholds.model_fields}
        st.button("Back to the usual ones", on_click=_usual, disabled=Thresholds(**values) == DEFAULT)
    return Thresholds(**values)


def _threshold(name: str) -> float:
    lowest, highest, step = _RANGES[name]
    key = f"threshold-{name}"
    st.session_state.setdefault(key, getattr(DEFAULT, name))
    return st.number_input(
        Thresholds.model_fields[name].description or name,
        min_value=lowest,
        max_value=highest,
        step=step,
        format="%.6g",
        key=key,
        persist_state="session",
    )


def _usual() -> None:
    st.session_state.update({f"threshold-{name}": getattr(DEFAULT, name) for name in Thresholds.model_fields})
