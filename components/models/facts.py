"""What is known of a member once its file was opened: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document, Shape, Tensor

Head = Literal["softmax", "logits", "sigmoid", "linear", "several"]
"""The kind of the last layer: class probabilities, scores before a softmax, one or more yes/no probabilities, numbers, or
several outputs. A linear output of one unit is `linear`; of more units `logits`."""


class LayerRow(Document):
    """One layer in the order of the flow; layers of nested models are listed as `outer/inner`."""

    name: str
    kind: str
    shape: Shape
    parameters: int
    trainable: bool
    activation: str | None = None


class MemberFacts(Document):
    """A member's card.

    `cut_layers` are the layers at which the member can be cut, from input to output; `cut_layer` is the default (the input of
    the last dense layer), None where there is none. `notes` are sentences on what was translated or dropped on opening.
    `sha256` is that of the uploaded bytes; `size` is in bytes.
    """

    sha256: str
    file_name: str
    size: int
    format: str
    keras_version: str | None
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    head: Head
    parameters: int
    layers: tuple[LayerRow, ...]
    cut_layers: tuple[LayerRow, ...] = ()
    cut_layer: str | None = None
    finite: bool = True
    notes: tuple[str, ...] = ()
