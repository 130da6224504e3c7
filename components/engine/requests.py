"""What a worker can be asked: each request is a function from plain values to plain values.

Loaded by workers alone, after their sandbox stands. Parameters are checked against the annotations, and answers go out as
JSON, so that value objects may stand in both places.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from components.data.bound import bound_of
from components.data.examples import example_facts
from components.data.facts import Bound, DatasetFacts
from components.data.on_disk import MOST_IN_MEMORY, few_enough
from components.data.read import LargerThanMemory, read_dataset, unpack
from components.engine import plot
from components.engine.gradient_reports import gradient_reports
from components.engine.loading import Loader
from components.engine.merge_samples import samples_for
from components.fusion.branch import copy_weights
from components.fusion.build import build as build_model
from components.fusion.gate_use import gate_use
from components.fusion.start import start_difference
from components.gradients.probing import Probing
from components.gradients.report import GradientReport
from components.models.architectures import ArchitectureOrder
from components.models.build_architecture import build_architecture
from components.models.build_small import build_small, folded
from components.models.comparison import Distance
from components.models.exports import Exported
from components.models.exports.export import export_model
from components.models.facts import MemberFacts
from components.models.intake import open_member
from components.models.load import load_canonical
from components.models.small_member import SmallMember
from components.models.weight_distance import weight_distances
from components.models.weight_space.facts import MergeReport, Merging
from components.models.weight_space.merge import compare, merge
from components.models.weight_space.samples import Samples as MergeSamples
from components.recipe import Data, Document, Member, Reading, Recipe, Scaling
from components.store.files import Files
from components.training.chance import chance_warnings
from components.training.evaluate import evaluate
from components.training.events import Metric, Point, Score
from components.training.feed import data_of, feed
from components.training.leaderboard.entry import Entry
from components.training.leaderboard.leaderboard import leaderboard
from components.training.new_predictions import predict_file
from components.training.predicted import Predicted
from components.training.rate_finder import find_rate
from components.training.rate_test import RateTest
from components.training.scaling import propose_scalings
from components.training.tensorboard import write_event_files

START_SAMPLES = 64
"""Samples on which a fused model is compared with the function at which it starts."""

MEASURED_AT_ONCE = Probing()

GATE_SAMPLES = 1024
"""Samples of the validation split at most on which the gates of a model that is only looked at are measured."""


class Built(Document):
    """What is known of a fused model once it was built.

    `start` says at what known function it starts, measured, empty where there is none. `notes` say how much each member counts
    where an operator decides that for each sample, measured on the validation split.
    """

    parameters: int
    trainable: int
    start: str = ""
    notes: tuple[str, ...] = ()


class Prepared(Document):
    """How members are to be fed, by their names: the scaling that suits each, and a sentence on each that is at chance."""

    scalings: dict[str, Scaling]
    warnings: dict[str, str]


def warm_up() -> None:
    """Runs one small model, so that the first request does not wait for what TensorFlow sets up."""
    keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]).predict(np.zeros((1, 1)), verbose=0)


class Requests:
    """The requests of one worker, with members and samples that it keeps at hand."""

    def __init__(self, files: Files, in_memory: int = MOST_IN_MEMORY) -> None:
        self._files, self._loader = files, Loader(files, in_memory)

    def open_member(self, path: Path, file_name: str, canonical: Path) -> MemberFacts:
        """Opens an uploaded model file; its clean form is written to `canonical`."""
        return open_member(path, file_name, canonical)

    def read_dataset(self, path: Path, file_name: str, sha256: str, reading: Reading | None = None) -> DatasetFacts | None:
        """Reads an uploaded dataset file; without a `reading`, as its content suggests.

        None where it is larger than memory and is to be unpacked first.
        """
        try:
            return read_dataset(path, file_name, sha256, reading, self._loader.in_memory)
        except LargerThanMemory:
            return None

    def unpack_dataset(self, path: Path, file_name: str, file: Path, reading: Reading | None = None) -> None:
        """Writes a dataset that is larger than memory down in the form in which it stays on disk."""
        unpack(path, file_name, reading, file)

    def example(self, name: str) -> DatasetFacts:
        """One of the examples."""
        return example_facts(name)

    def bind(self, data: Data) -> Bound:
        """Sizes of the splits, and the inputs' statistics over the training split."""
        return bound_of(data, *self._loader.samples(Recipe(data=data)))

    def prepare(self, recipe: Recipe) -> Prepared:
        """Tries the members on the data; needs no graph."""
        models, (samples, splits) = self._loader.models(recipe), self._loader.samples(recipe)
        scalings = propose_scalings(recipe, models, samples, splits)
        members = tuple(member.model_copy(update={"scaling": scalings[member.name]}) for member in recipe.members)
        scaled = recipe.model_copy(update={"members": members})
        return Prepared(scalings=scalings, warnings=chance_warnings(scaled, models, samples, splits))

    def build(self, recipe: Recipe) -> Built:
        """Builds a fused model and says what it is."""
        models = self._loader.models(recipe)
        model = build_model(recipe, models)
        return Built(
            parameters=model.count_params(),
            trainable=sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
            start=self._start(recipe, model, models),
            notes=self._gates(recipe, model, models),
        )

    def gradients(self, recipes: list[Recipe], probing: Probing = MEASURED_AT_ONCE) -> list[GradientReport]:
        """The gradients of each recipe on the same probe batch of its training split."""
        return gradient_reports(recipes, self._loader, probing)

    def find_rate(self, recipe: Recipe) -> RateTest:
        """A learning-rate range test on a model that is made for it."""
        return find_rate(recipe, build_model(recipe, self._loader.models(recipe)), *self._loader.samples(recipe))

    def plot_model(self, recipe: Recipe) -> str:
        """Keras' own picture of a fused model, as SVG."""
        return plot.plot_model(build_model(recipe, self._loader.models(recipe)))

    def plot_member(self, member: Member) -> str:
        """Keras' own picture of a member, as SVG."""
        return plot.plot_model(self._loader.member(member))

    def compare_members(self, first: Member, second: Member) -> tuple[Distance, ...]:
        """For each pair of the two members' aligned layers how far their weights are apart."""
        return weight_distances(self._loader.member(first), self._loader.member(second))

    def render(self, dot: str, format: plot.Format) -> str:
        """A graph drawn by Graphviz, as base64."""
        return base64.b64encode(plot.draw(dot, format)).decode()

    def export(self, recipe: Recipe, file: Path) -> None:
        """Writes the fused model, as it starts, to a `.keras` file."""
        build_model(recipe, self._loader.models(recipe)).save(file)

    def score(self, recipe: Recipe) -> tuple[Score, ...]:
        """The fused model as it starts, the members and their plain average on the validation split."""
        models, (samples, splits) = self._loader.models(recipe), self._loader.samples(recipe)
        return evaluate(recipe, build_model(recipe, models), models, samples, splits, "validation")

    def leaderboard(self, recipe: Recipe, facts: dict[str, MemberFacts]) -> tuple[Entry, ...]:
        """What the members and the rules that need no training reach on the validation split; needs no graph."""
        models, (samples, splits) = self._loader.models(recipe), self._loader.samples(recipe)
        bound = self.bind(data_of(recipe))
        return leaderboard(recipe, facts, models, samples, splits, bound)

    def make_architecture(self, order: ArchitectureOrder, file: Path) -> None:
        """Writes an architecture of `keras.applications` with random weights to a `.keras` file."""
        build_architecture(order).save(file)

    def make_small_member(self, data: Data, order: SmallMember, file: Path) -> None:
        """Writes a small member for these data to a `.keras` file, untrained, with the scaling of the training split."""
        samples, splits = self._loader.samples(Recipe(data=data))
        rows = few_enough(splits.training, samples.inputs.values(), self._loader.in_memory)
        inputs = {name: values[rows] for name, values in samples.inputs.items()}
        target = samples.target[rows]
        build_small(order, inputs, target, data.target.task, len(data.target.classes)).save(file)

    def merge(self, recipe: Recipe, merging: Merging, file: Path, base: Member | None = None) -> MergeReport:
        """Merges a recipe's members and writes the result to a `.keras` file; data are needed by some merges only."""
        models = self._loader.models(recipe)
        start = None if base is None else (base.name, self._loader.member(base))
        merged = merge(models, merging, start, self._merge_samples(recipe, models))
        merged.model.save(file)
        return merged.report

    def barrier(self, recipe: Recipe, merging: Merging) -> MergeReport:
        """How alike two members are, and the loss on the lines between them; nothing is merged."""
        models = self._loader.models(recipe)
        return compare(models, merging, self._merge_samples(recipe, models))

    def trained_member(self, recipe: Recipe, path: Path, file: Path) -> None:
        """Writes the one member of a recipe, with the weights of the recipe's trained model at `path`, to a `.keras` file."""
        [member] = recipe.members
        model = load_canonical(self._files.canonical(member.sha256))
        copy_weights(load_canonical(path).get_layer(member.name), model)
        folded(model).save(file)

    def export_model(self, path: Path, format: str, file: Path) -> Exported:
        """Writes the trained model at `path` in another format."""
        return export_model(load_canonical(path), format, file)

    def predict(self, recipe: Recipe, model: Path, path: Path, file_name: str, table: Path) -> Predicted:
        """Predicts new samples with the trained model of a recipe, and writes them as a CSV."""
        return predict_file(recipe, load_canonical(model), path, file_name, self._loader.reference(recipe), table)

    def event_files(self, points: list[Point], metric: Metric, file: Path) -> None:
        """Writes the curves of a run as TensorBoard reads them, in a ZIP."""
        write_event_files(points, metric, file)

    def _merge_samples(self, recipe: Recipe, models: dict[str, keras.Model]) -> MergeSamples | None:
        if recipe.data is None or not models:
            return None
        return samples_for(recipe, models, *self._loader.samples(recipe), self.bind(recipe.data))

    def _gates(self, recipe: Recipe, model: keras.Model, models: dict[str, keras.Model]) -> tuple[str, ...]:
        if recipe.data is None:
            return ()
        samples, splits = self._loader.samples(recipe)
        # The positions are sorted, and a file may be too: samples from all over it.
        rows = splits.validation[:: -(-len(splits.validation) // GATE_SAMPLES)]
        found = gate_use(recipe, model, models, [array[rows] for array in feed(recipe, samples)])
        return tuple(f"{each.sentence} Measured on {len(rows):,} samples of the validation split." for each in found)

    def _start(self, recipe: Recipe, model: keras.Model, models: dict[str, keras.Model]) -> str:
        if recipe.data is None:
            return ""
        inputs = [array[:START_SAMPLES] for array in feed(recipe, self._loader.samples(recipe)[0])]
        found = start_difference(recipe, model, models, inputs)
        if found is None:
            return ""
        sentence, difference = found
        return f"{sentence} Largest difference on {len(inputs[0])} samples: {difference:.1g}."


def requests(files: Files, in_memory: int) -> dict[str, Callable[..., Any]]:
    """The request functions by name: the public methods of `Requests`."""
    found = Requests(files, in_memory)
    return {name: getattr(found, name) for name in vars(Requests) if not name.startswith("_")}
