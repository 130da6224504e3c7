"""What every format gives, and what it must know of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from components.models.recognise import Kind
from components.models.weights import Weights

Source = Path | bytes
"""A file, or the bytes of one that lay within an archive."""


@dataclass
class Opened:
    """A model file's parts: a configuration as some version of Keras wrote it, and the scanned weights that belong to it.

    `assets` are settings that the file keeps outside the configuration, by the layer's place (`layers/string_lookup`).
    """

    format: str
    configuration: dict[str, Any]
    weights: Weights | None
    keras_version: str | None = None
    compiled: bool = False
    notes: tuple[str, ...] = ()
    assets: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def by_keras_2(self) -> bool:
        """Whether Keras 2 or 1 wrote it, told by its version or, without one, by how it spells an input's shape."""
        if self.keras_version:
            return self.keras_version[0] in "12"
        return '"batch_shape"' not in json.dumps(self.configuration)


class Format(NamedTuple):
    """One way in which models are stored.

    `title` is read in sentences, `kind` is what `recognise` says of such files, `suffixes` how they are usually named. `fits`
    looks into the opened container (an `Archive`, an `h5py.File` or a JSON object); `open` takes the container, the source,
    and a second file with weights.
    """

    name: str
    title: str
    kind: Kind
    suffixes: tuple[str, ...]
    fits: Callable[[Any], bool]
    open: Callable[[Any, Source, Source | None], Opened]
