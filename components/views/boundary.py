"""Where a page's errors end: a person reads a sentence, never a traceback."""

from __future__ import annotations

import logging
from typing import Any

from components.recipe import Refusal
from components.views.page import refusal

_log = logging.getLogger(__name__)


def run_page(page: Any) -> None:
    """Runs a page of `st.navigation`. What it raises becomes a sentence on the page; a fault of ours is logged too."""
    try:
        page.run()
    except Refusal as no:
        refusal(no.sentence, no.detail)
    except Exception as fault:
        _log.exception("A page failed")
        refusal(
            "This page could not be drawn; your members, data and runs are safe. Reload it, and report it if it happens again.",
            f"{type(fault).__name__}: {fault}",
            title="Something went wrong here",
        )
