"""A member's card."""

from __future__ import annotations

from html import escape

import streamlit as st

from components.models.facts import MemberFacts
from components.recipe import Shape, Tensor
from components.recipe.wording import shown
from components.views.page import caption, panel
from components.views.theme import member_colour


def shape_text(shape: Shape) -> str:
    """A shape as a person writes it: `8 × 8 × 1`; `?` for an axis of any length, `1` for a single number."""
    return " × ".join("?" if length is None else str(length) for length in shape) or "1"


def _flow(tensors: tuple[Tensor, ...]) -> str:
    return " + ".join(shape_text(tensor.shape) for tensor in tensors)


def summary(facts: MemberFacts) -> str:
    """What goes in and comes out, and where it came from: `64 → 10 softmax · 4,160 weights · Keras 2.15.0 h5`."""
    keras = f"Keras {facts.keras_version} " if facts.keras_version else ""
    return f"{_flow(facts.inputs)} → {_flow(facts.outputs)} {facts.head} · {facts.parameters:,} weights · {keras}{facts.format}"


def member_line(facts: MemberFacts, index: int, *, name: str, note: str = "") -> None:
    """A member named on a page: the mark in its colour, its name, what it takes and gives, and `note` on the right."""
    st.html(
        f'<div class="member"><span class="stream" style="background:{member_colour(index)}"></span>'
        f"<div><h3>{escape(shown(name))}</h3><p>{escape(summary(facts))}</p></div><small>{escape(note)}</small></div>"
    )


def member_card(facts: MemberFacts, index: int, *, name: str, note: str = "") -> None:
    """A member's card: the line of `member_line`, what was translated or dropped on opening, and its layers.

    `index` is its place in the recipe (its colour), `note` a word on the right such as `frozen`.
    """
    with panel(key=f"member-{index}"):
        member_line(facts, index, name=name, note=note)
        for sentence in facts.notes:
            caption(sentence)
        with st.expander(f"{len(facts.layers)} layers"):
            st.dataframe(
                {
                    "layer": [shown(layer.name) for layer in facts.layers],
                    "kind": [shown(layer.kind) for layer in facts.layers],
                    "shape": [shape_text(layer.shape) for layer in facts.layers],
                    "weights": [layer.parameters for layer in facts.layers],
                    "activation": [layer.activation or "" for layer in facts.layers],
                    "trainable": [layer.trainable for layer in facts.layers],
                },
                hide_index=True,
            )
