"""The learning-rate finder: a range test as a figure, and its suggestion to be taken."""

from __future__ import annotations

from math import ceil, log10

import streamlit as st

from components.recipe import Refusal, Training
from components.training.rate_test import CALM, RateTest
from components.views.draft import Draft
from components.views.figure_view import ACCENT, INK, SOFT_INK, Figure, show_figures
from components.views.page import caption, notice, refusal
from components.views.services import rate_test


def find_rate(draft: Draft) -> None:
    """A button that tries learning rates in a worker, and shows over the page what came of it."""
    if st.button("Find a learning rate", key="rate-finder", type="tertiary"):
        _finder(draft)


# With the run of the page that follows its end, a dialog that is closed ends what it waits for.
@st.dialog("Find a learning rate", width="large", on_dismiss="rerun")
def _finder(draft: Draft) -> None:
    caption(
        "A copy is trained on the run's own batches, with a rate that grows from step to step until the loss explodes. "
        "Nothing is kept of it."
    )
    try:
        with st.spinner("Trying learning rates in a worker …", show_time=True):
            test = rate_test(draft.planned()[0], waiting=st.empty().empty)
    except Refusal as no:
        refusal(no.sentence, no.detail)
        return
    if test.losses:
        show_figures([rate_figure(test)], key="rate-test")
        caption(
            "points: the loss of each batch · line: their moving mean · "
            "the mark: a tenth of the last rate under which the loss is about its least"
        )
    for note in test.notes:
        notice(note)
    if test.suggestion is not None and st.button(f"Use {test.suggestion:g}", key="use-rate", type="primary"):
        draft.edit(training=Training(**{**dict(draft.recipe.training), "learning_rate": test.suggestion}))
        st.rerun()


def rate_figure(test: RateTest) -> Figure:
    """Losses over the rate, on a logarithmic axis, with the suggestion as an upright line.

    The axis of the loss ends a little above where it stood at first: the explosion itself would press all else flat.
    """
    calm = test.losses[:CALM]
    low = min(test.losses)
    high = max(calm) + 0.5 * (max(calm) - low)
    exponents = range(round(log10(test.rates[0])), ceil(log10(test.rates[-1])) + 1)
    marked = test.suggestion
    return {
        "data": [
            {
                "mode": "markers",
                "x": list(test.rates),
                "y": [float(f"{loss:.4g}") for loss in test.losses],
                "marker": {"color": SOFT_INK, "size": 3},
                "hoverinfo": "skip",
            },
            {
                "x": list(test.rates),
                "y": [float(f"{loss:.4g}") for loss in test.smoothed],
                "line": {"color": INK, "width": 2.4},
                "hovertemplate": "rate %{x:.2g}: loss %{y:.4g}<extra></extra>",
            },
        ],
        "layout": {
            "height": 280,
            "margin": {"l": 44, "r": 16, "t": 24, "b": 44},
            "xaxis": {
                "type": "log",
                "title": {"text": "learning rate", "font": {"size": 12}},
                "tickvals": [10.0**exponent for exponent in exponents],
                "ticktext": [f"1e{exponent}" for exponent in exponents],
                "showgrid": False,
            },
            "yaxis": {"range": [low - 0.05 * (high - low), high], "title": {"text": "loss", "font": {"size": 12}}, "nticks": 5},
            "shapes": []
            if marked is None
            else [
                {
                    "type": "line",
                    "x0": marked,
                    "x1": marked,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": ACCENT, "width": 2, "dash": "dash"},
                }
            ],
            "annotations": []
            if marked is None
            else [
                {
                    "text": f"<b>{marked:g}</b>",
                    "x": log10(marked),
                    "y": 1,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "xanchor": "center",
                    "font": {"color": ACCENT, "size": 13},
                }
            ],
        },
        "alt": _said(test),
    }


def _said(test: RateTest) -> str:
    least = min(range(len(test.smoothed)), key=test.smoothed.__getitem__)
    first, last = test.rates[0], test.rates[-1]
    suggested = "Nothing is suggested." if test.suggestion is None else f"The suggestion is {test.suggestion:g}."
    return (
        f"Loss under learning rates from {first:.1g} to {last:.1g}: {test.smoothed[0]:.3g} at first, "
        f"least {test.smoothed[least]:.3g} at {test.rates[least]:.1g}. {suggested}"
    )
