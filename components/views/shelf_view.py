"""The shelf: members that come with the app, and those that were uploaded before."""

from __future__ import annotations

import streamlit as st

from components.engine.uploads import take_shelf_member
from components.models.shelf import shelf
from components.views.boundary import attempt
from components.views.draft import Draft
from components.views.member_card import member_line
from components.views.page import panel
from components.views.services import engine, store


def shelf_panel(draft: Draft) -> None:
    """The members that are not in this fusion yet, each with a button that adds it."""
    chosen = {member.sha256 for member in draft.recipe.members}
    with panel("On the shelf"):
        for demo in shelf():
            if demo.sha256 in chosen:
                continue
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{demo.title}**  \n{demo.sentence}", width="stretch")
                if st.button("Add", key=f"add-{demo.name}", help=f"Adds {demo.title} to this fusion."):
                    with st.spinner(f"Opening {demo.title} …", show_time=True):
                        draft.add_member(take_shelf_member(engine(), store(), demo), scaling=demo.scaling)
                    st.rerun()
        uploaded = [card for card in store().members() if card.sha256 not in chosen | {demo.sha256 for demo in shelf()}]
        for index, card in enumerate(uploaded):
            with st.container(horizontal=True, vertical_alignment="center"):
                member_line(card, len(chosen) + index, name=card.file_name)
                st.button("Add", key=f"add-{card.sha256}", on_click=attempt, args=(draft.add_member, card))
