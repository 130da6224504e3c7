"""To another page, after a button has done its work.

`st.switch_page` begins the other page on the server, while the browser still shows the first one and still asks for its timed
fragments. Such a request then runs after the other page was drawn, in the name of the first one, and leaves the window empty
(Streamlit 1.67). A page that is asked for by the browser ends its timers first, so that nothing of the kind can come.
"""

from __future__ import annotations

import secrets
from typing import NoReturn

import streamlit as st

_LINK = "go-to-link"

_FOLLOW = st.components.v2.component(
    "tributary_go_to",
    html="<i hidden></i>",
    js=f"""export default function follow() {{
    const link = document.querySelector(".st-key-{_LINK} a");
    if (link) link.click(); else requestAnimationFrame(follow);
}}""",
)


def go_to(page: str, **query_params: str) -> NoReturn:
    """Ends this run of the page and opens another one, for example `train.py`, as a click on its name would."""
    st.session_state.going_to = page, query_params
    st.rerun()


def follow(here: str) -> None:
    """Before a page is drawn: where `go_to` named another one, the browser is sent on and nothing else is drawn.

    Args:
        here: The page that would be drawn, for example `fuse.py`.
    """
    page, query_params = st.session_state.get("going_to", (here, {}))
    if page == here:
        # Only now, since a run that was to send the browser on may have been stopped for another one.
        st.session_state.pop("going_to", None)
        return
    with st.container(key=_LINK):
        st.page_link(page, label="Go on", query_params=query_params)
        _FOLLOW(key=f"go-to-{secrets.token_hex(4)}")
    st.stop()
