"""The shelf: members that come with the app, and those that were brought or made before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from itertools import groupby

import streamlit as st

from components.data.examples import EXAMPLES, PREFIX
from components.engine.small_members import trained_here
from components.engine.uploads import take_shelf_member
from components.models.shelf import ShelfMember, shelf, training_script
from components.recipe.wording import shown
from components.training.metrics import SHOWN
from components.views.architecture_view import architecture_form
from components.views.boundary import attempt
from components.views.draft import Draft
from components.views.member_card import summary
from components.views.page import caption, panel
from components.views.services import engine, store
from components.views.small_member_view import offer_pair, show_trainings, small_member_form

SEARCHED_FROM = 8
"""With so many members or more there is a field to search them."""


def shelf_panel(draft: Draft) -> None:
    """The members that are not in this fusion yet, by their datasets, each with a button that adds it."""
    chosen = {member.sha256 for member in draft.recipe.members}
    ours = [member for member in shelf() if member.sha256 not in chosen]
    runs = trained_here(store())
    hidden = chosen | {member.sha256 for member in shelf()} | {run.recipe.members[0].sha256 for run in runs}
    brought = [card for card in store().members() if card.sha256 not in hidden]
    with panel("On the shelf"):
        show_trainings(draft)
        _ways_to_make(draft)
        wanted = ""
        if len(ours) + len(brought) >= SEARCHED_FROM:
            wanted = st.text_input("Search the shelf", key="shelf-search", placeholder="digits, recurrent, softmax …")
        cards = [card for card in brought if _matches(wanted, card.file_name, summary(card))]
        if cards:
            with st.expander(f"Brought or made here · {len(cards)}", expanded=True):
                for card in cards:
                    with _row(shown(card.file_name), summary(card)):
                        st.button("Add", key=f"add-{card.sha256}", on_click=attempt, args=(draft.add_member, card))
        found = [member for member in ours if _matches(wanted, member.title, member.sentence, member.file)]
        current = draft.recipe.data.sha256 if draft.recipe.data else found[0].dataset if found else ""
        for dataset, group in groupby(found, key=lambda member: member.dataset):
            members = list(group)
            title = f"{EXAMPLES[dataset.removeprefix(PREFIX)].title} · {len(members)}"
            with st.expander(title, expanded=bool(wanted) or dataset == current):
                for member in members:
                    _shelf_row(draft, member)
        if not found and not cards:
            caption("Nothing on the shelf matches." if wanted else "Everything on the shelf is in this fusion.")
        _how_they_were_made()


def _ways_to_make(draft: Draft) -> None:
    """Members that are made here instead of brought: small ones that learn the current data, and untrained architectures."""
    small = st.expander("Train a small member here", key="train-small-member", on_change="rerun")
    if small.open:
        with small:
            _small_members(draft)
    architecture = st.expander("Make an untrained architecture", key="make-untrained", on_change="rerun")
    if architecture.open:
        with architecture:
            architecture_form(draft)


def _small_members(draft: Draft) -> None:
    if draft.recipe.data is None:
        caption("Small members are trained on your data, so the data come first.")
        if st.button("Choose the data first", key="data-first"):
            st.switch_page("data.py")
        return
    offer_pair(draft, draft.recipe.data, primary=False)
    st.divider()
    small_member_form(draft, draft.recipe.data)


def score(member: ShelfMember) -> str:
    """What a member of the shelf reached on the test split, in words."""
    metric = SHOWN[member.metric]
    of = f" on {', '.join(member.classes)}" if member.classes else ""
    return f"{metric.title} {metric.text(member.score)}{of}"


def _matches(wanted: str, *texts: str) -> bool:
    """Whether every word that is searched for stands somewhere in the texts."""
    return all(word in " ".join(texts).lower() for word in wanted.lower().split())


@contextmanager
def _row(title: str, sentence: str, note: str = "") -> Iterator[None]:
    """A member in words, and its button beside it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = f"<div><h3>{escape(title)}</h3><p>{escape(sentence)}</p></div><small>{escape(note)}</small>"
        st.html(f'<div class="member shelved">{text}</div>', width="stretch")
        yield


def _shelf_row(draft: Draft, member: ShelfMember) -> None:
    with _row(member.title, member.sentence, score(member)):
        if st.button("Add", key=f"add-{member.name}", help=f"Adds {member.title} to this fusion."):
            with st.spinner(f"Opening {member.title} …", show_time=True):
                draft.add_member(take_shelf_member(engine(), store(), member), scaling=member.scaling)
            st.rerun()


def _how_they_were_made() -> None:
    """The script behind the members that come with the app; sent only when it is opened."""
    made = st.expander("How the members that come with the app were trained", key="shelf-script", on_change="rerun")
    if made.open:
        with made:
            caption("Plain Keras, seeded; run it to train them again. Scores are those on the test split, which none has seen.")
            st.code(training_script(), language="python", height=420)
