"""Files in the home folder, named by content: equal bytes are kept once, and a name can never lead out of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import IO

from components.recipe import Refusal
from components.store.values import Upload

CHUNK = 1 << 20
"""Bytes read at once, so that an upload never lies in memory as a whole."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_sha256(sha256: str) -> str:
    """The same text, when it is 64 hexadecimal digits.

    Raises:
        Refusal: when it is not, and so could not be the name of a stored file.
    """
    if not _SHA256.fullmatch(sha256):
        raise Refusal(
            "This recipe names a file by something that is not a SHA-256 checksum. Choose the file again.", repr(sha256)[:200]
        )
    return sha256


def plain_name(file_name: str) -> str:
    """A file name safe to show and to keep: the last part of a path, printable characters only, 120 at most, suffix kept."""
    last = re.split(r"[/\\]", file_name)[-1]
    printable = "".join(character for character in last if character.isprintable()).strip() or "unnamed"
    stem, dot, suffix = printable.rpartition(".")
    return printable[:120] if not dot else stem[: 119 - len(suffix[:16])] + "." + suffix[:16]


class Files:
    """The files of a home folder: `blobs/ab/abcd…` the uploaded bytes, `members/abcd….keras` the clean models made of them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.blobs, self.members_folder = home / "blobs", home / "members"
        for folder in (self.blobs, self.members_folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def blob(self, sha256: str) -> Path:
        """Where the uploaded bytes of this checksum lie, whether or not they are there.

        Raises:
            Refusal: when the text is no checksum.
        """
        return self.blobs / check_sha256(sha256)[:2] / sha256

    def canonical(self, sha256: str) -> Path:
        """Where the clean `.keras` file of a member lies, or is to lie, by the checksum of its upload.

        Raises:
            Refusal: when the text is no checksum.
        """
        return self.members_folder / f"{check_sha256(sha256)}.keras"

    def save_upload(self, stream: IO[bytes], file_name: str) -> Upload:
        """Copies an upload to its place by content, in chunks and atomically; bytes that are there already are kept once.

        Raises:
            Refusal: when the stream breaks off, or the disk takes no more. Nothing of the file stays then.
        """
        digest, size = hashlib.sha256(), 0
        descriptor, temporary = tempfile.mkstemp(prefix="incoming-", dir=self.blobs)
        try:
            with os.fdopen(descriptor, "wb") as file:
                while chunk := _read(stream):
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
            path = self.blob(digest.hexdigest())
            path.parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(temporary, path)
        except OSError as error:
            raise Refusal(
                "The file could not be kept: the disk refused to take it. Make room and upload it again.", str(error)
            ) from error
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        return Upload(sha256=digest.hexdigest(), size=size, path=path, file_name=plain_name(file_name))


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(CHUNK)
    except OSError as error:
        raise Refusal("The file broke off halfway, and nothing of it was kept. Upload it again.", str(error)) from error
