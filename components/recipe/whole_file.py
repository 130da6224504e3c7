"""Files that are whole at every moment: written beside their place, and moved there when everything is written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Where to write a file that others may read meanwhile: they find the old one or the new one, never half of it.

    Its name ends like that of the file, since some libraries choose a format by it. One writer at a time: what an earlier one
    left, whose process was killed, is written over.

    Raises:
        OSError: when the disk does not take it. What was there before is still there, and nothing lies beside it.
    """
    part = path.with_stem(f"{path.stem}-part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
