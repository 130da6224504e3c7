"""What reading a zip archive raises where it is damaged."""

from __future__ import annotations

import lzma
import zipfile
import zlib

DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)
"""A directory that is none, bytes that cannot be decompressed or break off, a compression nobody knows, a password."""
