"""Zip archives from outside: checked before anything is read, read with every byte counted, never unpacked to disk."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from components.models import limits
from components.recipe import Refusal
from components.recipe.wording import shown

_UNSAFE_PATH = re.compile(r"(^|[\\/])\.\.([\\/]|$)|^[\\/]|^[A-Za-z]:|\\|\0")
_ENCRYPTED = 0x1
_FILE_KIND, _SYMBOLIC_LINK = 0o170000, 0o120000


class Archive:
    """A zip archive whose directory has passed every check.

    Raises:
        Refusal: when the archive is damaged, encrypted, too large, or its directory could be read in two ways.
    """

    def __init__(self, file: Path | BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Refusal("The archive is damaged or was cut off. Upload it again.", shown(error, 200)) from None
        self._infos = {info.filename: info for info in _checked(self._zip.infolist())}

    @classmethod
    def of(cls, source: Path | bytes) -> Archive:
        """The archive of a file, or of bytes that lie in memory."""
        return cls(io.BytesIO(source) if isinstance(source, bytes) else source)

    @property
    def names(self) -> tuple[str, ...]:
        """Paths of the entries in the order of the archive's directory."""
        return tuple(self._infos)

    def size(self, name: str) -> int:
        """How many bytes an entry unpacks to, as the archive declares."""
        return self._infos[name].file_size

    def read(self, name: str, limit: int = limits.ENTRY_SIZE) -> bytes:
        """The bytes of one entry. What unpacks to more than the archive declares is not unpacked further.

        Raises:
            Refusal: when the entry is damaged or larger than `limit` bytes.
        """
        declared = self.size(name)
        if declared > limit:
            raise Refusal(f"The entry {shown(name)} of the archive is larger than {limit // limits.MEBIBYTE} MiB.")
        with _damage(name), self._zip.open(self._infos[name]) as entry:
            data = entry.read(declared + 1)
        if len(data) != declared:
            raise Refusal("The archive is damaged: an entry has another size than it declares.", shown(name))
        return data

    @contextmanager
    def unpacked(self, name: str) -> Iterator[IO[bytes]]:
        """One entry as a passing file, at its start; it never lies in memory as a whole.

        Raises:
            Refusal: when the entry is damaged or larger than an entry may be.
        """
        declared = self.size(name)
        if declared > limits.ENTRY_SIZE:
            raise Refusal(f"The entry {shown(name)} of the archive is larger than {limits.ENTRY_SIZE // limits.MEBIBYTE} MiB.")
        with tempfile.TemporaryFile() as file:
            with _damage(name), self._zip.open(self._infos[name]) as entry:
                # Python's reader ends at the declared size and compares the checksum there.
                shutil.copyfileobj(entry, file, 1 << 20)
            file.seek(0)
            yield file

    def close(self) -> None:
        """Closes the archive and its file."""
        self._zip.close()


@contextmanager
def _damage(name: str) -> Iterator[None]:
    """What goes wrong while an entry is read, as a sentence."""
    try:
        yield
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error) as error:
        raise Refusal(
            "The archive is damaged: one of its entries cannot be read. Upload it again.", shown(f"{name}: {error}", 200)
        ) from None


def _checked(infos: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    if len(infos) > limits.ARCHIVE_ENTRIES:
        raise Refusal(f"The archive has {len(infos):,} entries; at most {limits.ARCHIVE_ENTRIES:,} are read.")
    seen: set[str] = set()
    for info in infos:
        name = info.filename
        if _UNSAFE_PATH.search(name):
            raise Refusal(
                "The archive holds an entry that points outside the archive, so nothing of it is opened.", shown(name)
            )
        if name.casefold() in seen:
            raise Refusal(
                "The archive holds two entries of the same name, so it can be read in two ways. Save the model again.",
                shown(name),
            )
        seen.add(name.casefold())
        if info.flag_bits & _ENCRYPTED:
            raise Refusal("The archive is encrypted. Upload it without a password.", shown(name))
        if (info.external_attr >> 16) & _FILE_KIND == _SYMBOLIC_LINK:
            raise Refusal("The archive holds a symbolic link, so nothing of it is opened.", shown(name))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refusal(
                "The archive uses a compression that Keras does not write. Zip it again in the ordinary way.",
                f"method {info.compress_type}",
            )
        if info.file_size > limits.RATIO_FLOOR and info.file_size > limits.COMPRESSION_RATIO * max(1, info.compress_size):
            raise Refusal(
                "An entry of the archive would grow to more than two hundred times its size, so nothing of it is opened.",
                shown(name),
            )
    size = sum(info.file_size for info in infos)
    if size > limits.ARCHIVE_SIZE:
        raise Refusal(
            f"The archive would unpack to {size / limits.MEBIBYTE:,.0f} MiB; at most "
            f"{limits.ARCHIVE_SIZE // limits.MEBIBYTE:,} are read."
        )
    return infos
