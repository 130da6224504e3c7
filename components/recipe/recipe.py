"""The recipe: one document from which model, picture, script, gradients and training are derived."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.recipe.document import Document, Name, Shape
from components.recipe.graph import FusionGraph, Options
from components.recipe.reading import Reading, Separator
from components.recipe.search import Search
from components.recipe.training import Training

Task = Literal["binary", "multiclass", "multilabel", "regression"]
"""Yes or no; one of several classes; each of several labels yes or no; a number."""

Scaling = Literal["none", "unit", "symmetric", "pixels", "standard", "torch", "caffe"]
"""How a member wants its inputs: as they are; in 0–1; in −1–1, which is also the mode `tf` of `keras.applications`; in 0–255;
with mean 0 and deviation 1 for each column; or as the modes `torch` and `caffe` of `keras.applications` have colour images."""


class Member(Document):
    """One uploaded model within a recipe.

    `cut_layer` names the layer whose output is taken as features; None is the input of the member's last dense layer.
    `classes` are the names of its classes in the order of its units, where they are known. What of it is trained learns at
    `rate` times the run's learning rate. `targets` names what each of its outputs predicts, in their order and empty for
    nothing; where it is empty itself, names and forms of the outputs decide.
    """

    name: Name
    sha256: str
    file_name: str
    cut_layer: str | None = None
    frozen: bool = False
    frozen_layers: tuple[str, ...] = ()
    rate: float = Field(1.0, ge=1e-6, le=100)
    scaling: Scaling = "none"
    classes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


class Input(Document):
    """A tensor of the dataset: the columns of a table in order, or one named array.

    A column of text has its `categories` here, and takes one place for each of them, behind the numbers.
    """

    name: Name
    columns: tuple[str, ...] = ()
    array: str | None = None
    shape: Shape
    dtype: str = "float32"
    categories: dict[str, tuple[str, ...]] = {}


class Target(Document):
    """What is predicted: a column or array, its task, and for a classification the classes in the order of the units.

    With several labels at once, `classes` are the labels, of which a sample may have any number. They stand in `columns` of 0
    and 1, one a label; or in an array of 0 and 1; or in a column of text with `separator` between them. Where there are several
    targets, the loss of each counts `weight` times.
    """

    name: str
    task: Task
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    separator: Separator | None = None
    weight: float = Field(1.0, gt=0, allow_inf_nan=False)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns or the array of the dataset in which it stands."""
        return self.columns or (self.name,)


class Split(Document):
    """Shares of the samples for validation and test; the rest trains. Classes keep their shares where `stratify`.

    Samples that share a value of the column `group` stay in one split; by the column `order` the first samples train and the
    last test. `calibration` is a share that is kept for calibrating a trained model: it neither trains nor validates.
    """

    validation: float = Field(0.2, gt=0, lt=0.8)
    test: float = Field(0.2, gt=0, lt=0.8)
    calibration: float = Field(0.0, ge=0, lt=0.8)
    stratify: bool = True
    group: str | None = None
    order: str | None = None
    seed: int = 0


class Data(Document):
    """The dataset and how it is bound. `sha256` names a stored file; an example has its name there: `example:digits`.

    `reading` is how the file is read; None is as its content suggests. `target` is what the split keeps in balance and the
    curves show; `others` are predicted beside it, each at outputs of its own.
    """

    sha256: str
    file_name: str
    reading: Reading | None = None
    inputs: tuple[Input, ...]
    target: Target
    others: tuple[Target, ...] = ()
    split: Split = Split()

    @property
    def targets(self) -> tuple[Target, ...]:
        """All that is predicted, the first of them first."""
        return (self.target, *self.others)

    def alone(self, target: Target) -> Data:
        """The same data with this target and no other."""
        return self.model_copy(update={"target": target, "others": ()}) if self.others else self


class Recipe(Document):
    """Everything that makes a fused model what it is. `layout` and `options` say how the graph was written.

    One with a `search` stands for many: layout, options and training settings are those that the search does not change.
    """

    version: Literal[1] = 1
    name: str = "untitled"
    members: tuple[Member, ...] = ()
    data: Data | None = None
    layout: Name | None = None
    options: Options = {}
    graph: FusionGraph | None = None
    training: Training = Training()
    search: Search | None = None
    seed: int = 0

    @property
    def is_single(self) -> bool:
        """Whether it trains one member alone, outside any layout."""
        return self.layout is None and self.graph is not None and len(self.members) == 1

    @property
    def has_own_rates(self) -> bool:
        """Whether a member learns at a rate of its own."""
        return any(member.rate != 1 and not member.frozen for member in self.members)

    def member(self, name: str) -> Member:
        """The member of this name.

        Raises:
            KeyError: when there is none.
        """
        for member in self.members:
            if member.name == name:
                return member
        raise KeyError(name)
