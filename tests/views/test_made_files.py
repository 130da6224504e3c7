from __future__ import annotations

import pytest
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from components.views import made_files
from components.views.made_files import MadeFiles


@pytest.fixture
def files() -> MadeFiles:
    return MadeFiles(MemoryMediaFileStorage("/media"))


def made(files: MadeFiles) -> str:
    """Makes the file of a download as a click on its button does; the name under which the browser asks for it."""
    download = files.add_deferred(lambda: b"the model", "application/octet-stream", "0.1", "fusion.keras")
    return files.execute_deferred(download).removeprefix("/media/").removesuffix(".bin")


def runs(files: MadeFiles, count: int) -> None:
    """What Streamlit does with files at the end of a run, here of other people's pages."""
    for _ in range(count):
        files.remove_orphaned_files()


def test_a_made_file_outlives_the_runs_of_other_pages(files):
    runs(files, 3)
    name = made(files)
    runs(files, 50)
    kept = files.read_file(name)
    assert kept is not None and (kept.content, kept.filename) == (b"the model", "fusion.keras")


def test_a_made_file_goes_in_the_end(files, monkeypatch):
    name = made(files)
    monkeypatch.setattr(made_files, "KEPT_SECONDS", 0)
    runs(files, 1)
    assert files.read_file(name) is not None
    runs(files, 1)
    assert files.read_file(name) is None


def test_the_app_keeps_made_files():
    from streamlit.runtime import runtime

    import app  # noqa: F401

    assert runtime.MediaFileManager is MadeFiles
