"""The shelf: members that come with the app, and those that were brought or made before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from itertools import groupby

import streamlit as st

from components.data.examples import EXAMPLES, PREFIX
from components.engine.small_members import is_taken, trained_here
from components.engine.uploads import take_shelf_member
from components.models.facts import MemberFacts
from components.models.settings import MemberSettings
from components.models.shelf import ShelfMember, shelf, training_scripts
from components.recipe.wording import shown
from components.store import Run
from components.training.metrics import SHOWN
from components.views.architecture_view import architecture_form
from components.views.boundary import attempt
from components.views.draft import Draft
from components.views.go_to import go_to
from components.views.member_actions import deletion
from components.views.member_words import summary
from components.views.page import caption, on_demand, panel
from components.views.services import engine, store
from components.views.small_member_view import is_training, offer_pair, show_trainings, small_member_form, take_trained

SEARCHED_FROM = 8
"""With so many members or more there is a field to search them."""


def shelf_panel(draft: Draft) -> None:
    """The members that are not in this fusion yet, each with a button that adds it, and the ways to make further ones."""
    chosen = {member.sha256 for member in draft.recipe.members}
    runs = trained_here(store())
    elsewhere = chosen | {member.sha256 for member in shelf()} | {run.recipe.members[0].sha256 for run in runs}
    ours = [member for member in shelf() if member.sha256 not in chosen]
    settings = store().member_settings()
    brought = [
        (settings.get(card.sha256, MemberSettings()).title or shown(card.file_name), card)
        for card in store().members()
        if card.sha256 not in elsewhere
    ]
    with panel("On the shelf"):
        show_trainings(draft)
        _ways_to_make(draft)
        wanted = ""
        if len(ours) + len(brought) >= SEARCHED_FROM:
            wanted = st.text_input("Search the shelf", key="shelf-search", placeholder="digits, recurrent, softmax …")
        found = [member for member in ours if _matches(wanted, member.title, member.sentence, member.file)]
        cards = [(title, card) for title, card in brought if _matches(wanted, title, card.file_name, summary(card))]
        waiting = [
            run for run in runs if run.state == "done" and not is_taken(store(), run) and _matches(wanted, run.recipe.name)
        ]
        if not found and not cards and not waiting:
            caption("Nothing on the shelf matches." if wanted else "Everything on the shelf is in this fusion.")
        _brought(draft, cards, waiting)
        _by_dataset(draft, found, everything=bool(wanted))
        _how_they_were_made()


def _brought(draft: Draft, cards: Sequence[tuple[str, MemberFacts]], waiting: Sequence[Run]) -> None:
    """What was brought or made before, and what was trained for someone who left before it was done."""
    if not cards and not waiting:
        return
    with st.expander(f"Brought or made here · {len(cards) + len(waiting)}", expanded=True):
        for title, card in cards:
            with _row(title, summary(card)):
                deletion(draft, card)
                st.button("Add", key=f"add-{card.sha256}", on_click=attempt, args=(draft.add_member, card))
        for run in waiting:
            with _row(run.recipe.name, "A small member that was trained here."):
                st.button("Add", key=f"add-{run.id}", on_click=attempt, args=(take_trained, draft, run))


def _by_dataset(draft: Draft, members: Sequence[ShelfMember], *, everything: bool) -> None:
    """The members that come with the app: those for the current data open, or all."""
    current = draft.recipe.data.sha256 if draft.recipe.data else members[0].dataset if members else ""
    for dataset, group in groupby(members, key=lambda member: member.dataset):
        alike = list(group)
        title = f"{EXAMPLES[dataset.removeprefix(PREFIX)].title} · {len(alike)}"
        with st.expander(title, expanded=everything or dataset == current):
            for member in alike:
                _shelf_row(draft, member)


def _ways_to_make(draft: Draft) -> None:
    """Members that are made here instead of brought: small ones that learn the current data, and untrained architectures."""
    if small := on_demand("Train a small member here", key="train-small-member"):
        with small:
            _small_members(draft)
    if architecture := on_demand("Make an untrained architecture", key="make-untrained"):
        with architecture:
            architecture_form(draft)


def _small_members(draft: Draft) -> None:
    if draft.recipe.data is None:
        caption("Small members are trained on your data, so the data come first.")
        if st.button("Choose the data first", key="data-first"):
            go_to("data.py")
        return
    if is_training():
        caption("One moment: what is being trained stands above.")
        return
    offer_pair(draft, draft.recipe.data, primary=False)
    caption("Or one as you want it:")
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
    if made := on_demand("How the members that come with the app were trained", key="shelf-script"):
        with made:
            caption("Plain Keras, seeded; run it to train them again. Scores are those on the test split, which none has seen.")
            for name, text in training_scripts().items():
                st.markdown(f"`{name}`")
                st.code(text, language="python", height=420)
