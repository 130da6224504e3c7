"""Weights of `.keras` and `.weights.h5` files: they lie where their layer stands in the model."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras.src.saving import saving_lib

from components.models.places import Origin
from components.models.weights import check_size, mismatch


class _Moved(saving_lib.H5IOStore):
    """Weights whose layers lie at other places of the file than today's Keras looks for them."""

    def __init__(self, source: Path | io.BytesIO, paths: dict[str, str], twins: dict[str, list[str]]) -> None:
        super().__init__(source)
        self._paths = paths
        self._twins = twins

    def get(self, path: str) -> Any:
        """The weights at today's path."""
        return super().get(self._in_file(path))

    def has_path(self, path: str) -> bool:
        """Whether the file has anything at today's path."""
        return super().has_path(self._in_file(path))

    def _in_file(self, path: str) -> str:
        parts = path.split("/")
        for length in range(len(parts), 0, -1):
            start = "/".join(parts[:length])
            if start in self._paths:
                return "/".join([self._home(self._paths[start]), *parts[length:]])
        return path

    def _home(self, path: str) -> str:
        """Where a layer's weights are: at its path, or, of a layer that stands in several models, at the path of the first."""
        if super().has_path(path):
            return path
        others = [other for other in self._twins.get(path, ()) if super(_Moved, self).has_path(other)]
        return others[0] if len(others) == 1 else path


@dataclass
class StoredByPlace:
    """The layout of `.keras` and `.weights.h5` files: weights lie where their layer stands in the model.

    `declared` is what `scan_hdf5` found of them, in bytes.
    """

    source: Path | bytes
    declared: int

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills the model as `keras.Model.load_weights` does, which would take bytes by way of another file only."""
        check_size(model, self.declared)
        failed: set[int] = set()
        messages: dict[int, Any] = {}
        try:
            store = _Moved(
                io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source, origin.paths(model), origin.twins
            )
            try:
                saving_lib._load_state(
                    model,
                    store,
                    assets_store=None,
                    inner_path="",
                    visited_saveables=set(),
                    failed_saveables=failed,
                    error_msgs=messages,
                )
            finally:
                store.close()
            if failed:
                saving_lib._raise_loading_failure(messages, warn_only=False)
        except (ValueError, KeyError, TypeError, AttributeError, OSError, RuntimeError) as error:
            raise mismatch(error) from None
