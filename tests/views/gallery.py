"""Every view with invented values on one page, for the tests in a script run and in a browser."""

from __future__ import annotations

import time

import streamlit as st

from components.views.dataset_views import show_class_counts, show_images
from components.views.downloads import Download, download_row
from components.views.gradient_bars import show_gradients
from components.views.graph_view import graph_view
from components.views.layout_cards import choose_layout
from components.views.live_chart import history_table, live_chart
from components.views.member_card import member_card
from components.views.page import (
    badge,
    choices_and_picture,
    empty_state,
    key_values,
    next_step,
    notice,
    page_header,
    panel,
    refusal,
    statistics,
    status_chip,
)
from components.views.theme import apply_style
from tests.views.invented import BASELINES, CARDS, DOT, FACTS, HOSTILE, NODES, PIXEL, layer, points, report

st.set_page_config(page_title="Gallery", layout="wide")
apply_style()
page_header("Gallery", f"What does {HOSTILE} look like?")
with empty_state("Nothing yet", "**Bring** something."):
    st.button("Show an example")
member_card(FACTS, 0, name=HOSTILE, note=HOSTILE)
refusal(f"{HOSTILE} is not a model.", HOSTILE)
notice(f"**flatten** was added, since {HOSTILE} takes 64 numbers.")
with st.container(horizontal=True):
    status_chip(HOSTILE, "busy")
    badge("vanishing")
statistics({"epoch": "13 / 20", HOSTILE: HOSTILE})
key_values({"Optimizer": "Adam", HOSTILE: HOSTILE})

choices, picture = choices_and_picture(key="gallery")
with choices, panel("Layout"):
    st.session_state.setdefault("layout", "average")
    choose_layout(CARDS, st.session_state.layout, lambda name: st.session_state.update(layout=name))
    st.text(f"chosen {st.session_state.layout}")
with picture, panel("Graph"):
    click = lambda id: st.session_state.update(clicked=id)  # noqa: E731
    graph_view(DOT, click, sentence="An image flows through two members.", nodes=NODES, height=400)
    st.text(f"clicked {st.session_state.get('clicked')}")

show_gradients(
    [report("average", layer("a_dense", "a", 0.02), layer("head", None, None)), report("series", layer("a_dense", "a", 3e-4))],
    {"a": 0},
)

started = st.session_state.setdefault("started", time.monotonic())


@st.fragment(run_every=0.5)
def live() -> None:
    grown = points(3 + int((time.monotonic() - started) * 8))
    live_chart(grown, run="calm-delta", metric="accuracy", epochs=20, baselines=BASELINES, key="live")


with panel("Curves"):
    live()
    history_table(points(5), metric="accuracy", file_name="history.csv")
with panel("Data"):
    show_class_counts(["0", HOSTILE], [3, 5])
    show_images([PIXEL, PIXEL], ["0", HOSTILE])
with panel("Take away"):
    download_row([Download("Model", "model.keras", lambda: b"x"), Download("Script", "script.py", lambda: "x")], key="files")
next_step("Train", "train.py", disabled="Choose **data** first.")
