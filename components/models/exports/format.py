"""The formats by name. Known without TensorFlow: each format's own module is loaded by who writes it."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from types import ModuleType

from components.recipe import Document


class Exported(Document):
    """What came of writing a model in another format.

    `difference` is the largest difference between an output of the written file and one of the model, on the same inputs;
    None where nothing is installed that runs the file.
    """

    difference: float | None
    notes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """How much the outputs differ, and what else is worth reading."""
        if self.difference is None:
            tried = "It was not tried: nothing is installed here that runs it."
        elif self.difference == 0:
            tried = "Its outputs are those of the model."
        else:
            tried = f"Its outputs differ from those of the model by at most {self.difference:.1g}."
        return " ".join([tried, *self.notes])


@dataclass(frozen=True)
class ExportFormat:
    """A format. Its module has `write(model, path)`, which gives sentences worth reading, and `predict(model, path, inputs)`.

    Attributes:
        name: How the command line calls it.
        title: How a person reads it.
        suffix: Of its files.
        sentence: What it is good for.
        module: Where it is written, beside this one.
        packages: Modules that must be there, with the names by which they are installed.
        exact: Whether the file predicts what the model predicts, up to rounding.
    """

    name: str
    title: str
    suffix: str
    sentence: str
    module: str
    packages: tuple[str, ...] = ()
    exact: bool = True

    @property
    def missing(self) -> str:
        """A sentence on what must be installed before this can be written; empty where all is there."""
        absent = [package for package in self.packages if importlib.util.find_spec(package) is None]
        return f"{self.title} needs what is not installed here: pip install {' '.join(absent)}" if absent else ""

    def load(self) -> ModuleType:
        """The module that writes it; loads TensorFlow."""
        return importlib.import_module(f"components.models.exports.{self.module}")


EXPORTS: dict[str, ExportFormat] = {
    each.name: each
    for each in (
        ExportFormat(
            "savedmodel",
            "SavedModel",
            ".zip",
            "A folder for TensorFlow Serving and for programs without Keras.",
            "saved_model",
        ),
        ExportFormat("tflite", "TensorFlow Lite", ".tflite", "One file for phones and small computers.", "tflite"),
        ExportFormat(
            "tflite-8-bit",
            "TensorFlow Lite, 8 bits",
            ".tflite",
            "About a quarter of the size: large kernels are kept in 8 bits, and predictions change a little.",
            "tflite_8_bit",
            exact=False,
        ),
        ExportFormat("onnx", "ONNX", ".onnx", "One file for ONNX Runtime and other engines.", "onnx", ("tf2onnx", "onnx")),
    )
}
