"""What is known of a member once its file was opened: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document, Shape, Tensor

Head = Literal["softmax", "logits", "sigmoid", "linear", "several"]
"""The kind of the last layer: class probabilities, scores before a softmax, one or more yes/no probabilities, numbers, or
several outputs. A linear output of one unit is `linear`; of more units `logits`."""

LikelyTask = Literal["multiclass", "binary", "multi-label", "regression", "features", "several"]
"""What a member was most likely trained for, told by its head alone."""


class LayerRow(Document):
    """One layer in the order of the flow; layers of nested models are listed as `outer/inner`.

    `inputs` are the names of the layers and of the member's inputs that flow into it. `operations` are its floating-point
    operations on one sample (see `components.models.arithmetic`). `settings` are those that are not Keras' own defaults, as
    `kernel_size=(3, 3), strides=(2, 2)`. Cards of earlier versions have none of the three.
    """

    name: str
    kind: str
    shape: Shape
    parameters: int
    trainable: bool
    activation: str | None = None
    inputs: tuple[str, ...] = ()
    operations: int = 0
    settings: str = ""


class MemberFacts(Document):
    """A member's card.

    `cut_layers` are the layers at which the member can be cut, from input to output; `cut_layer` is the default (the input of
    the last dense layer), None where there is none. `notes` are sentences on what was translated or dropped on opening.
    `sha256` is that of the uploaded bytes; `size` is in bytes.

    `operations` are the floating-point operations on one sample, `weight_bytes` what the weights take in memory, and
    `activation_bytes` what the outputs of all layers take for one sample, all kept, as training does. `not_finite` names the
    layers with weights that are infinite or not a number. `heads` are the kinds of all outputs. These are None or empty on
    cards of earlier versions.
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
    trainable_parameters: int | None = None
    operations: int | None = None
    weight_bytes: int | None = None
    activation_bytes: int | None = None
    not_finite: tuple[str, ...] = ()
    heads: tuple[Head, ...] = ()

    @property
    def task(self) -> LikelyTask:
        """What the member was most likely trained for."""
        if self.head == "several":
            return "several"
        units = self.outputs[0].shape[-1] if self.outputs[0].shape else 1
        if self.head in ("softmax", "logits"):
            return "binary" if units == 2 else "multiclass"
        if self.head == "sigmoid":
            return "binary" if units == 1 else "multi-label"
        return "regression" if self.outputs[0].shape in ((), (1,)) else "features"

    @property
    def class_count(self) -> int:
        """How many classes the member tells apart: one unit that says yes or no tells two; 0 where it predicts no classes."""
        if self.head not in ("softmax", "logits", "sigmoid"):
            return 0
        units = (self.outputs[0].shape or (1,))[-1] or 0
        return 2 if self.head == "sigmoid" and units == 1 else units

    @property
    def normalisation_layers(self) -> int:
        """How many layers normalise what flows through them."""
        return sum(row.kind.endswith("Normalization") for row in self.layers)

    @property
    def dropout_layers(self) -> int:
        """How many layers drop values in training."""
        return sum(row.kind.endswith(("Dropout", "Dropout1D", "Dropout2D", "Dropout3D")) for row in self.layers)
