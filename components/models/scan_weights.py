"""Weight files from outside: only plain numeric arrays, stored in the file itself, as large as they say."""

from __future__ import annotations

import io
import math
import mmap
import os
import re
import struct
from pathlib import Path
from typing import Any

from components.models import limits
from components.models.memory import at_most
from components.models.recognise import HDF5_SIGNATURE
from components.recipe import Refusal
from components.recipe.wording import shown

os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")  # no compression plugins of the system; HDF5 reads this when it starts

import h5py

_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}
_BFLOAT16_SIZE = 2

_HEAP = re.compile(rb"GCOL\x01.{11}", re.DOTALL)
"""The head of a heap of texts: its mark, its version and, behind three bytes, its size."""
_HEAP_ITEM = struct.Struct("<H6xQ")
"""The head of a text in a heap: its number, 0 for what is free, and its size, which for what is free includes this head."""
_WHILE_READING = 64 * limits.MEBIBYTE
_NUMBER = 8
"""Bytes of an address or length."""


def open_hdf5(source: Path | bytes) -> h5py.File:
    """Opens an HDF5 file for reading; the caller closes it.

    Raises:
        Refusal: when it is damaged.
    """
    if isinstance(source, bytes):
        _check_bytes(source)
    else:
        with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            _check_bytes(content)
    try:
        return h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise _damaged(error) from None


def attribute(item: Any, name: str) -> Any:
    """A text, or an array of texts, among the attributes of a group or dataset; None where there is none of this name.

    Raises:
        Refusal: when it is no text, or declares far more than Keras writes.
    """
    if name not in item.attrs:
        return None
    described = item.attrs.get_id(name)
    count = math.prod(described.shape) if described.shape is not None else 0
    if not count:
        return []  # an empty list of texts is stored as one of numbers
    text, stored = h5py.check_string_dtype(described.dtype), item.file.id.get_filesize()
    if text is None:
        raise _damaged(f"attribute {name} is no text")
    if text.length is not None:
        too_large = count * text.length > limits.CONFIGURATION_SIZE
    else:
        # They lie elsewhere in the file, and each may lead to the same bytes and be all that the file holds.
        too_large = count * stored > limits.ARCHIVE_SIZE
    if too_large:
        raise _damaged(f"attribute {name} declares {count:,} texts")
    with at_most(stored + _WHILE_READING):
        return item.attrs[name]


def scan_hdf5(file: h5py.File) -> int:
    """Walks the whole file without reading an array; returns how many bytes it declares, an optimizer's too.

    Raises:
        Refusal: for links, external or virtual storage, other than numeric arrays, unknown compression, and sizes that are
            declared but not stored.
    """
    objects = total = 0
    groups: list[tuple[Any, str]] = [(file, "")]
    while groups:
        group, path = groups.pop()
        if path.count("/") > limits.HDF5_DEPTH:
            raise Refusal(f"The HDF5 file is nested more than {limits.HDF5_DEPTH} levels deep, which no Keras file is.")
        for name in group:
            objects += 1
            if objects > limits.HDF5_OBJECTS:
                raise Refusal(f"The HDF5 file has more than {limits.HDF5_OBJECTS:,} entries, which no Keras file has.")
            item_path = f"{path}/{name}"
            item = _item(group, name, item_path)
            if isinstance(item, h5py.Group):
                groups.append((item, item_path))
                continue
            size = _checked_size(item, item_path)
            total += size
            if total > limits.ARCHIVE_SIZE:
                raise Refusal(f"The weights are larger than {limits.ARCHIVE_SIZE // limits.MEBIBYTE:,} MiB.")
    return total


def _item(group: Any, name: str, path: str) -> Any:
    try:
        link = group.get(name, getlink=True)
        item = group[name] if isinstance(link, h5py.HardLink) else None
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise Refusal("The HDF5 file is damaged: one of its entries cannot be read.", shown(f"{path}: {error}", 200)) from None
    if item is None:
        raise Refusal(
            "The HDF5 file holds a link to another place instead of a weight. Save the model again.", shown(path, 120)
        )
    return item


def _checked_size(item: Any, path: str) -> int:
    if not isinstance(item, h5py.Dataset):
        raise Refusal("The HDF5 file holds something that is not a weight. Save the model again.", shown(path, 120))
    properties, kind = item.id.get_create_plist(), item.dtype
    if properties.get_external_count() or properties.get_layout() == h5py.h5d.VIRTUAL:
        raise Refusal(
            "A weight of the HDF5 file lies in another file on this computer, so nothing of it is opened.", shown(path, 120)
        )
    if kind.kind not in "fiub" and not (kind.kind == "V" and kind.itemsize == _BFLOAT16_SIZE):
        raise Refusal("A weight in the HDF5 file is not numeric. Save the model again.", shown(f"{path}: {kind}", 120))
    for index in range(properties.get_nfilters()):
        if properties.get_filter(index)[0] not in _FILTERS:
            raise Refusal(
                "A weight in the HDF5 file is compressed in a way that Keras does not use. Save the model again.",
                shown(path, 120),
            )
    attribute(item, "dtype")  # Keras reads it with the weight
    size = math.prod(item.shape or (0,)) * kind.itemsize
    stored = item.id.get_storage_size()
    if size > limits.ENTRY_SIZE or (size > limits.RATIO_FLOOR and size > limits.COMPRESSION_RATIO * max(1, stored)):
        raise Refusal(
            "A weight in the HDF5 file declares far more numbers than the file stores, so nothing of it is opened.",
            shown(path, 120),
        )
    return size


def _check_bytes(content: bytes | mmap.mmap) -> None:
    """Refuses what the HDF5 library, up to 1.14.6 at least, reads for ever: a heap of texts with a text that takes no space.

    Source: HDF5 File Format Specification 3.0, III.E, and the superblock's sizes of addresses and lengths in II.A.
    """
    if content[:8] != HDF5_SIGNATURE or len(content) < 16:
        raise _damaged("it does not begin as an HDF5 file")
    sizes = content[13:15] if content[8] < 2 else content[9:11]
    if sizes != bytes((_NUMBER, _NUMBER)):
        raise _damaged("it counts in other than 64 bits")
    for found in _HEAP.finditer(content):
        place, end = found.end(), found.start() + struct.unpack_from("<Q", content, found.end() - _NUMBER)[0]
        while place + _HEAP_ITEM.size <= min(end, len(content)):
            index, size = _HEAP_ITEM.unpack_from(content, place)
            # The library's sum starts anew from 0 where it becomes too large.
            step = (size if not index else _HEAP_ITEM.size + -(-size // _NUMBER) * _NUMBER) % 2**64
            if not step:
                raise _damaged("one of its texts takes no space")
            place += step


def _damaged(reason: object) -> Refusal:
    return Refusal("The HDF5 file is damaged or was cut off. Upload it again.", shown(reason, 200))
