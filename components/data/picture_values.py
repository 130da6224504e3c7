"""From pictures in folders to arrays and classes. The exported script shows these functions as they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

PARTS = ("train", "training", "valid", "validation", "val", "test")
"""Folders, and ends of names such as `x_train`, that part a dataset: what they hold is joined, since the app splits itself."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".gif", ".webp")


def is_picture(name: str) -> bool:
    """Whether an entry of an archive is called like a picture, and was not left there by an operating system."""
    return name.lower().endswith(SUFFIXES) and not is_system_file(name)


def is_system_file(name: str) -> bool:
    """Whether an operating system left this beside what a person put into an archive."""
    folders = name.replace("\\", "/").split("/")
    return "__MACOSX" in folders or folders[-1].startswith(".") or folders[-1].lower() in ("thumbs.db", "desktop.ini")


def class_folders(paths: Iterable[str]) -> dict[str, str]:
    """The class of each picture: the first folder below the one that all share, or below folders such as `train` and `test`.

    Pictures that lie in no such folder are left out. The classes take turns in the order of the result.
    """
    folders = {path: path.replace("\\", "/").split("/")[:-1] for path in sorted(paths)}
    while folders:
        levels = enumerate(zip(*folders.values(), strict=False))
        shared = next((level for level, names in levels if len(set(names)) > 1), min(map(len, folders.values())))
        below = {path: names[shared:] for path, names in folders.items() if len(names) > shared}
        if len(below) == len(folders) and not all(names[0].lower() in PARTS for names in below.values()):
            break
        parted = len(below) == len(folders)
        folders = {path: names[1:] for path, names in below.items()} if parted else below
    else:
        return {}
    seen: Counter[str] = Counter()
    turns = {}
    for path, (name, *_) in below.items():
        turns[path] = (seen[name], name)
        seen[name] += 1
    return {path: turns[path][1] for path in sorted(turns, key=lambda path: turns[path])}


def picture_values(image: Any, height: int, width: int, colour: bool) -> np.ndarray:
    """A picture of Pillow as an array of uint8 and shape (height, width, 3 or 1), upright, on white where it is transparent.

    Of an animation this is the first frame. Another size is resized bilinearly.
    """
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        # Pillow would cut 16-bit grey values off at 255 instead of scaling them.
        image = Image.fromarray((np.asarray(image, "float64") / 257).clip(0, 255).astype("uint8"))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    image = image.convert("RGB" if colour else "L")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image).reshape(height, width, -1)
