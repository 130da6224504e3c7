"""The app: its server, and the worker processes that start beside it."""

import contextlib
import gc
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import streamlit as st
from starlette.responses import RedirectResponse
from starlette.routing import Route

from components.engine.own_modules import check_address
from components.recipe import Refusal
from components.store import home_folder
from components.views.answer_queue import keep_answers
from components.views.boundary import say
from components.views.made_files import keep_made_files

HEAD_START_SECONDS = 2
"""The first page is drawn before TensorFlow takes the processor."""


def warm_up() -> None:
    """Loads what the first page needs while the browser still fetches its scripts; then starts the workers."""
    from components.views import draft  # noqa: F401
    from components.views.services import engine

    gc.freeze()
    gc.enable()
    while True:
        time.sleep(HEAD_START_SECONDS)
        # The pages say it when the database is away; the workers start once it is there.
        with contextlib.suppress(Refusal):
            engine().ensure_supervisor()
            return


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Warms up beside the server, which answers at once."""
    Thread(target=warm_up, daemon=True).start()
    yield


try:
    check_address(home_folder(), st.get_option("server.address"))
except Refusal as no:
    sys.exit(no.sentence)
keep_answers()
keep_made_files()

# The script lies beside the pages: beside a folder named `pages` Streamlit would serve that folder's files by itself, and an
# address such as /train?run=… opened first after a start would show the bare page.
app = st.App(
    Path(__file__).parent / "pages" / "navigation.py",
    lifespan=lifespan,
    # The first page has the app's own address; whoever asks for it by its name is led there.
    routes=[Route("/models", lambda request: RedirectResponse(f"/?{request.url.query}"))],
    on_script_error=say,
)

if __name__ == "__main__":
    app.run()
