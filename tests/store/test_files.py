from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.recipe import Refusal
from components.store import Store
from components.store.files import CHUNK, plain_name


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 5, CHUNK, 2 * CHUNK + 17])
def test_upload_lies_under_its_checksum(store: Store, size: int) -> None:
    content = os.urandom(size)
    upload = store.save_upload(io.BytesIO(content), "a.keras")
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert upload.size == size
    assert upload.path == store.blob(upload.sha256)
    assert upload.path.read_bytes() == content


def test_equal_bytes_are_kept_once(store: Store) -> None:
    first = store.save_upload(io.BytesIO(b"river"), "a.keras")
    second = store.save_upload(io.BytesIO(b"river"), "b.keras")
    assert first.path == second.path
    assert (first.file_name, second.file_name) == ("a.keras", "b.keras")
    assert files_under(store.home / "blobs") == [first.path]


class Broken(io.BytesIO):
    """Gives some bytes, then fails as a connection does."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError("Connection reset by peer")
        return super().read(3)


def test_upload_that_breaks_off_leaves_nothing(store: Store) -> None:
    with pytest.raises(Refusal, match="broke off halfway"):
        store.save_upload(Broken(b"abcdef"), "a.keras")
    assert files_under(store.home / "blobs") == []


WRITE_TOO_MUCH = """
import io, resource, sys
from pathlib import Path
from components.recipe import Refusal
from components.store.files import Files

resource.setrlimit(resource.RLIMIT_FSIZE, (3 << 20, 3 << 20))
try:
    Files(Path(sys.argv[1])).save_upload(io.BytesIO(bytes(5 << 20)), "a.keras")
except Refusal as no:
    print(no.sentence, no.detail)
"""


def test_an_upload_that_the_disk_takes_half_of_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", WRITE_TOO_MUCH, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert "the disk refused to take it" in done.stdout and "File too large" in done.stdout, done.stderr
    assert files_under(tmp_path) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "example:digits", "", "a" * 64 + "\n"])
def test_only_a_checksum_names_a_file(store: Store, name: str) -> None:
    for path in (store.blob, store.canonical):
        with pytest.raises(Refusal):
            path(name)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("model.keras", "model.keras"),
        ("../../x/model.h5", "model.h5"),
        ("C:\\models\\a.keras", "a.keras"),
        ("a\x00b\u202e.keras", "ab.keras"),
        ("\n", "unnamed"),
        ("w" * 500 + ".keras", "w" * 114 + ".keras"),
        ("w" * 500, "w" * 120),
    ],
)
def test_file_names_are_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain
