"""Pictures by Graphviz, and Keras' own picture of a model. Graphviz comes as a library; no `dot` program is needed."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import keras
import pygraphviz

from components.recipe.wording import shown

Format = Literal["svg", "png", "pdf"]


def draw(dot: str, format: Format) -> bytes:
    """A graph in the DOT language, laid out and drawn.

    Raises:
        ValueError: when the text is not DOT.
    """
    graph = pygraphviz.AGraph(string=dot)
    try:
        picture: bytes = graph.draw(format=format, prog="dot")
    finally:
        graph.close()
    return picture


def plot_model(model: keras.Model) -> str:
    """What `keras.utils.plot_model` draws, as SVG text with names that cannot be taken for markup.

    Keras writes names into Graphviz' HTML labels as they are, so they are escaped for the time of the drawing. The resolution
    is left out, since with it Graphviz scales an SVG beyond its own frame.
    """
    with _escaped_names(model):
        dot = keras.utils.model_to_dot(
            model, show_shapes=True, expand_nested=True, show_layer_activations=True, show_trainable=True
        )
    dot.obj_dict["attributes"].pop("dpi", None)
    return draw(dot.to_string(), "svg").decode()


@contextmanager
def _escaped_names(model: keras.Model) -> Iterator[None]:
    layers = [model, *model._flatten_layers(include_self=False, recursive=True)]
    names = [layer.name for layer in layers]
    try:
        for layer, name in zip(layers, names, strict=True):
            layer.name = html.escape(shown(name))
        yield
    finally:
        for layer, name in zip(layers, names, strict=True):
            layer.name = name
