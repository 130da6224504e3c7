"""Opens the clean file that intake wrote."""

from __future__ import annotations

from pathlib import Path

import keras

from components.models.formats import open_source
from components.models.intake import build_member
from components.models.skipped_names import skipped_names_kept


@skipped_names_kept()
def load_canonical(path: Path) -> keras.Model:
    """Loads a member from its clean `.keras` file, scanned again: the process that wrote it may have been broken.

    Raises:
        Refusal: when the file is not one that intake writes.
    """
    model, _ = build_member(open_source(path))
    return model
