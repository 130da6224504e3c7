"""Which trained models flow together."""

import streamlit as st

from components.engine.uploads import take_example, take_member, take_shelf_member
from components.models.shelf import first_pair
from components.views.draft import Draft
from components.views.member_card import member_card
from components.views.page import empty_state, next_step, page_header, panel
from components.views.services import engine, facts, store
from components.views.shelf_view import shelf_panel
from components.views.upload import upload

draft = Draft()


def take(stream, file_name, beside):
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
        "Upload trained Keras models below, or start with two small ones that read handwritten digits.",
    ):
        if st.button("Try it with the digits members", type="primary", key="try-digits"):
            with st.spinner("Opening the two members (a few seconds while TensorFlow warms up) …", show_time=True):
                try_digits()
            st.switch_page("fuse.py")

known = facts(draft.recipe)
if draft.recipe.members:
    with panel("In this fusion"):
        columns = st.columns(2, gap="medium")
        for index, member in enumerate(draft.recipe.members):
            with columns[index % 2]:
                member_card(known[member.name], index, name=member.name, note="frozen" if member.frozen else "trained")
                st.button(
                    "Remove",
                    key=f"remove-{member.name}",
                    on_click=draft.remove_member,
                    args=(member.name,),
                    type="tertiary",
                    help=f"Takes {member.name} out of this fusion; the file stays on the shelf.",
                )
    count = len(draft.recipe.members)
    missing = "" if count >= 2 else f"A fusion takes 2 members or more; {count} chosen."
    next_step("Choose the data", "data.py", disabled=missing)

with panel("Upload models"):
    upload(
        "Keras models: .keras, .h5, a SavedModel's .zip, or an architecture's .json with its weights; several at once",
        take,
        key="upload-models",
        several=True,
        doing="being checked, translated and opened in a process of its own …",
    )

shelf_panel(draft)
