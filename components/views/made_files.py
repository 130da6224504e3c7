"""Files made for a download that stay until the browser has fetched them.

Streamlit (1.67) makes a download's file when its button is clicked and sends the browser its address. The file belongs to no
page, so the second run that ends afterwards removes it, whoever's run that is. Where several people watch runs in training,
pages run many times a second, and the file is gone before the browser asks for it.
"""

from __future__ import annotations

import threading
import time

from streamlit.runtime import runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorage

KEPT_SECONDS = 10.0
"""How long a file that was made stays at least."""


class MadeFiles(MediaFileManager):
    """The files that pages show and offer. What no page needs is looked for once in `KEPT_SECONDS`, not after every run."""

    def __init__(self, storage: MediaFileStorage) -> None:
        super().__init__(storage)
        self._looked = float("-inf")
        self._looking = threading.Lock()

    def remove_orphaned_files(self) -> None:
        """Removes what no page needs; a file made for a download when it is found so for the second time."""
        with self._looking:
            now = time.monotonic()
            if now - self._looked >= KEPT_SECONDS:
                self._looked = now
                super().remove_orphaned_files()


def keep_made_files() -> None:
    """Gives the server such a manager of files; to be called before it starts."""
    runtime.MediaFileManager = MadeFiles  # type: ignore[misc]
