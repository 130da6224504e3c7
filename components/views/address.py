"""The id of the draft, which stands in the address of every page as `?draft=`.

A page that wrote it there after it had opened would leave two entries in the browser's history, and going back would first lead
to the same page. So an unseen field is bound to that part of the address: as it is drawn with the navigation and not by a page,
the browser takes its value along when a page's name is clicked.
"""

from __future__ import annotations

import re
import secrets
from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

_ID = re.compile("[A-Za-z0-9_-]{1,64}")


def draft_id() -> str:
    """The id in the address; where there is none that can be used, that of this session, or a new one."""
    named = st.query_params.get("draft", "")
    return named if _ID.fullmatch(named) else st.session_state.get("draft_id") or secrets.token_urlsafe(9)


def keep_draft_in_address() -> None:
    """Draws the field that carries the draft's id from page to page."""
    id = st.session_state.draft = draft_id()
    if st.query_params.get("draft") != id:
        # The address of a new session, or of a page left before the browser had drawn the field. A field that is bound already
        # allows nobody else to write there, and does it below.
        with suppress(StreamlitAPIException):
            st.query_params["draft"] = id
    st.text_input("Draft", None, key="draft", bind="query-params")
    if "draft" not in st.query_params:
        # The browser went back to an address that named no draft, which empties the field in this one run.
        st.rerun()
