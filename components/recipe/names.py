"""Names for members, made of the names of their files."""

from __future__ import annotations

import re
from collections.abc import Collection


def slug(file_name: str, otherwise: str = "member") -> str:
    """A member's name made of its file's name: `My Model (2).keras` becomes `my-model-2`.

    Names have Latin letters and figures, for code and variables; `otherwise` stands for a text without any.
    """
    stem = re.sub(r"(\.weights)?\.(keras|h5|hdf5|zip|json)$", "", file_name.lower())
    return re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:40] or otherwise


def unused(name: str, taken: Collection[str]) -> str:
    """`name`, or `name-2`, `name-3` … where it is taken."""
    number = 1
    candidate = name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
