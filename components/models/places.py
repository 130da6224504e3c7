"""Where a model file keeps what belongs to each layer: under the layer's name, or at the layer's place within the model.

A layer's place in a `.keras` file is counted among the layers of its class (`layers/dense_1`), by the class that it had in the
file and in the order of the file's configuration. Both may differ from those of the model that is built from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras
from keras.src.utils.naming import to_snake_case


@dataclass
class Origin:
    """What each layer was in the file.

    `names` gives the file's name of each outermost layer by its clean one; `places` gives the path within a `.keras` file of
    each layer, nested ones too, by clean names (`outer/inner`). `twins` gives the paths of all layers of the same class and
    name: one layer that stands in several models has its weights at one of them only.
    """

    names: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    twins: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[tuple[str, str], int] = field(default_factory=dict)
    _alike: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, model: str, layer: str, class_name: str, name: str) -> None:
        """Counts a layer of a model; both are given by their clean places, the outermost model by an empty text."""
        inside = f"{self.places[model]}/layers" if model in self.places else "layers"
        self._put(layer, f"{inside}/{_counted(class_name, inside, self._counts)}", class_name, name)

    def hold(self, wrapper: str, layer: str, key: str, class_name: str, name: str) -> None:
        """Notes a layer that a wrapper holds under the attribute `key`."""
        if wrapper in self.places:
            self._put(layer, f"{self.places[wrapper]}/{key}", class_name, name)

    def _put(self, layer: str, path: str, class_name: str, name: str) -> None:
        self.places[layer] = path
        self.twins[path] = self._alike.setdefault((class_name, name), [])
        self.twins[path].append(path)

    def paths(self, model: keras.Model) -> dict[str, str]:
        """The file's path of each layer of the built model, by the path under which today's Keras looks for it."""
        found: dict[str, str] = {}
        self._follow(model, "", "", found)
        return found

    def _follow(self, model: Any, place: str, path: str, found: dict[str, str]) -> None:
        counts: dict[tuple[str, str], int] = {}
        inside = f"{path}/layers" if path else "layers"
        for layer in model.layers:
            here = f"{place}/{layer.name}" if place else layer.name
            today = f"{inside}/{_counted(type(layer).__name__, inside, counts)}"
            found[today] = self.places.get(here, today)
            inner = getattr(layer, "layer", None)
            if isinstance(layer, keras.Model):
                self._follow(layer, here, today, found)
            elif inner is not None:
                found[f"{today}/layer"] = self.places.get(f"{here}/{inner.name}", f"{found[today]}/layer")
            if isinstance(inner, keras.Model):
                self._follow(inner, f"{here}/{inner.name}", f"{today}/layer", found)


def _counted(class_name: str, inside: str, counts: dict[tuple[str, str], int]) -> str:
    stem = to_snake_case(class_name)
    number = counts[inside, stem] = counts.get((inside, stem), -1) + 1
    return f"{stem}_{number}" if number else stem
