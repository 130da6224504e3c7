"""Weight files from outside: only plain numeric arrays, stored in the file itself, as large as they say."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path
from typing import Any

from components.models import limits
from components.recipe import Refusal
from components.recipe.wording import shown

os.environ.setdefault("HDF5_PLUGIN_PRELOAD", "::")  # no compression plugins of the system; HDF5 reads this when it starts

import h5py

_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}
_BFLOAT16_SIZE = 2


def open_hdf5(source: Path | bytes) -> h5py.File:
    """Opens an HDF5 file for reading; the caller closes it.

    Raises:
        Refusal: when it is damaged.
    """
    try:
        return h5py.File(io.BytesIO(source) if isinstance(source, bytes) else source, "r")
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise Refusal("The HDF5 file is damaged or was cut off. Upload it again.", shown(error, 200)) from None


def scan_hdf5(file: h5py.File) -> int:
    """Walks the whole file without reading an array; returns how many bytes its weights (without an optimizer's) take.

    Raises:
        Refusal: for links, external or virtual storage, other than numeric arrays, unknown compression, and sizes that are
            declared but not stored.
    """
    objects = total = weights = 0
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
            weights += 0 if "optimizer" in item_path.split("/", 2)[1] else size
            if total > limits.ARCHIVE_SIZE:
                raise Refusal(f"The weights are larger than {limits.ARCHIVE_SIZE // limits.MEBIBYTE:,} MiB.")
    return weights


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
    if item.external or item.is_virtual:
        raise Refusal(
            "A weight of the HDF5 file lies in another file on this computer, so nothing of it is opened.", shown(path, 120)
        )
    if item.dtype.kind not in "fiub" and not (item.dtype.kind == "V" and item.dtype.itemsize == _BFLOAT16_SIZE):
        raise Refusal("A weight in the HDF5 file is not numeric. Save the model again.", shown(f"{path}: {item.dtype}", 120))
    properties = item.id.get_create_plist()
    for index in range(properties.get_nfilters()):
        if properties.get_filter(index)[0] not in _FILTERS:
            raise Refusal(
                "A weight in the HDF5 file is compressed in a way that Keras does not use. Save the model again.",
                shown(path, 120),
            )
    size = math.prod(item.shape or (0,)) * item.dtype.itemsize
    stored = item.id.get_storage_size()
    if size > limits.ENTRY_SIZE or (size > limits.RATIO_FLOOR and size > limits.COMPRESSION_RATIO * max(1, stored)):
        raise Refusal(
            "A weight in the HDF5 file declares far more numbers than the file stores, so nothing of it is opened.",
            shown(path, 120),
        )
    return size
