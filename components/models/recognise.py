"""What an uploaded file is, told by its first bytes and never by its name.

Add a kind of file that cannot be opened with one line in `STRANGERS`, one that can be opened in `components.models.formats`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal, NamedTuple

from components.models import limits
from components.recipe import Refusal

Kind = Literal["zip", "hdf5", "json"]
HEAD = 4096
"""How many bytes from the start of a file are looked at."""

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
ZIP_SIGNATURE = b"PK\x03\x04"
ADVICE = "In Keras, `model.save('model.keras')` writes a file that opens here."


class Stranger(NamedTuple):
    """A kind of file that holds no model this app can open, and the sentence that says so."""

    matches: Callable[[bytes], object]
    sentence: str


def _starts(*prefixes: bytes) -> Callable[[bytes], object]:
    return lambda head: head.startswith(prefixes)


def _holds(pattern: bytes) -> Callable[[bytes], object]:
    return re.compile(pattern, re.DOTALL | re.IGNORECASE).match


STRANGERS: tuple[Stranger, ...] = (
    Stranger(
        _starts(b"version https://git-lfs"),
        "This is a Git LFS pointer, not the model itself: run `git lfs pull` where it came from and upload the real file.",
    ),
    Stranger(
        _holds(rb"\s*(<!--.*?-->\s*)*(<\?xml[^>]*>\s*)?<(!doctype html|html|head|body)"),
        "This is a web page, not a model: the download probably failed. Fetch the file again through its download link.",
    ),
    Stranger(
        _holds(rb"\x80[\x02-\x05]"),
        "This is a Python pickle. A pickle can run any code, so it is never opened here. " + ADVICE,
    ),
    Stranger(
        _holds(rb".{4}TFL3"),
        "This is a TensorFlow Lite model, which can only be run, not trained. Upload the Keras model it came from.",
    ),
    Stranger(
        _holds(rb"\x08[\x01-\x14]\x12.{1,40}(pytorch|tf2onnx|keras2onnx|onnx)"),
        "This is an ONNX model, and only Keras models open here. Upload the Keras model it came from.",
    ),
    Stranger(_starts(b"GGUF"), "This is a GGUF language model, and only Keras models open here."),
    Stranger(
        _holds(rb".{8}\{\"__metadata__\"|.{7}\x00\{\""), "This is a safetensors file: it holds weights, but no model. " + ADVICE
    ),
    Stranger(
        _starts(b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!"),
        "This is a compressed archive. Unpack it and upload the model file inside.",
    ),
    Stranger(_starts(b"PK\x05\x06"), "This is an empty zip archive."),
    Stranger(_starts(b"\x93NUMPY"), "This is a NumPy array, not a model. Arrays belong on the Data page."),
)


def recognise(source: Path | bytes) -> Kind:
    """Tells whether a file, or the bytes of one, is a zip archive, an HDF5 file or a JSON text.

    Raises:
        Refusal: for an empty or too large file, and for every other kind of file; the sentence names what it is.
    """
    if isinstance(source, bytes):
        return recognise_head(source[:HEAD])
    size = source.stat().st_size
    if size > limits.FILE_SIZE:
        raise Refusal(
            f"The file has {size / limits.MEBIBYTE:,.0f} MiB; models of up to "
            f"{limits.FILE_SIZE // limits.MEBIBYTE:,} MiB can be opened."
        )
    with source.open("rb") as file:
        return recognise_head(file.read(HEAD))


def recognise_head(head: bytes) -> Kind:
    """Tells the kind from the first bytes of a file; raises as `recognise`."""
    if not head:
        raise Refusal("The file is empty. Upload it again; if it stays empty, save the model once more.")
    if head.startswith(ZIP_SIGNATURE):
        return "zip"
    if head.startswith(HDF5_SIGNATURE):
        return "hdf5"
    for stranger in STRANGERS:
        if stranger.matches(head):
            raise Refusal(stranger.sentence)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return "json"
    raise Refusal(
        f"This is neither a .keras archive, an HDF5 file nor the JSON of a Keras model. {ADVICE} "
        "Tables belong on the Data page.",
        f"first bytes: {head[:16].hex(' ')}",
    )
