"""The app: its server, and the worker processes that start beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from components.views.services import engine


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Starts the engine with the server, so that TensorFlow warms up while the first page is drawn."""
    engine()
    yield


# The script lies beside the pages: beside a folder named `pages` Streamlit would serve that folder's files by itself, and an
# address such as /train?run=… opened first after a start would show the bare page.
app = st.App(Path(__file__).parent / "pages" / "navigation.py", lifespan=lifespan)

if __name__ == "__main__":
    app.run()
