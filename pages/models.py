"""Which trained models flow together."""

import streamlit as st

from components.engine.recipes import is_recipe, take_recipe
from components.engine.uploads import take_example, take_member, take_shelf_member
from components.models.settings import MemberSettings
from components.models.shelf import first_pair
from components.recipe import Refusal
from components.views.draft import Draft
from components.views.go_to import go_to
from components.views.member_actions import member_actions
from components.views.member_card import member_card
from components.views.member_comparison import comparison_panel
from components.views.page import empty_state, next_step, page_header, panel, refusal
from components.views.services import card, engine, store
from components.views.shelf_view import shelf_panel
from components.views.upload import upload

draft = Draft()


def take(stream, file_name, beside):
    if is_recipe(stream):
        opened = take_recipe(engine(), store(), stream, file_name)
        draft.edit(**dict(opened))
        return f"{file_name} was opened. Undo on the Fuse page brings back what was there before."
    member = take_member(engine(), store(), stream, file_name, beside)
    return draft.add_member(member)


def try_digits():
    """Two demo members, their dataset and a layout at once: what is left is to look and to train."""
    for shelved in first_pair():
        draft.add_member(take_shelf_member(engine(), store(), shelved), scaling=shelved.scaling)
    draft.choose_data(take_example(engine(), store(), "digits"), try_scalings=False)
    draft.edit(layout="concatenate")


page_header("Models", "Which trained models should flow together? Bring two or more; each becomes a member.")

if not draft.recipe.members:
    with empty_state(
        "No members yet",
        "Upload trained Keras models below, or start with two small ones that read handwritten digits. With data alone, train "
        "two on them.",
    ):
        if st.button("Try it with the digits members", type="primary", key="try-digits"):
            with st.spinner("Opening the two members (a few seconds while TensorFlow warms up) …", show_time=True):
                try_digits()
            go_to("fuse.py")
        if st.button("Begin with your data", key="begin-with-data"):
            go_to("data.py")

settings = store().member_settings()


def show_member(member, index):
    """A member's card and what can be done with it; of one that was deleted, a sentence."""
    with panel(key=f"member-{index}"):
        try:
            facts = card(member.sha256)
        except Refusal as no:
            refusal(no.sentence, title=f"{member.name} is missing")
            st.button("Remove", key=f"remove-{member.name}", on_click=draft.remove_member, args=(member.name,))
            return
        by_hand = settings.get(member.sha256, MemberSettings())
        note = "frozen" if member.frozen else "trained"
        member_card(facts, index, name=member.name, note=note, title=by_hand.title)
        member_actions(draft, facts, member.name, by_hand)


if draft.recipe.members:
    with panel("In this fusion"):
        columns = st.columns(2, gap="medium")
        for index, member in enumerate(draft.recipe.members):
            with columns[index % 2]:
                show_member(member, index)
    count = len(draft.recipe.members)
    missing = "" if count >= 2 else f"A fusion takes 2 members or more; {count} chosen."
    label, page = ("Choose a layout", "fuse.py") if draft.recipe.data else ("Choose the data", "data.py")
    next_step(label, page, disabled=missing)

with panel("Upload models"):
    upload(
        "Keras models: .keras, .h5, a SavedModel's .zip, or an architecture's .json with its weights; several at once. "
        "A recipe (.json), or the .zip with its members, opens again",
        take,
        key="upload-models",
        several=True,
        doing="being checked, translated and opened in a process of its own …",
    )

if draft.recipe.members:
    comparison_panel([member.sha256 for member in draft.recipe.members])

shelf_panel(draft)
