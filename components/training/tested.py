"""Predictions of the fused model and of what was there before, on the same samples: made once, then judged in many ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np

from components.data.columns import Array
from components.data.facts import Bound
from components.data.on_disk import taken
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Input, OutputNode, Recipe, Refusal, Target, Task
from components.training.alone import predict, predict_alone
from components.training.feed import data_of, feed, target_places
from components.training.losses import gives_logits

Part = Literal["validation", "test", "calibration"]
Kind = Literal["fused", "member", "average"]
FUSED, AVERAGE = "fused model", "plain average"


@dataclass(frozen=True)
class Candidate:
    """A model and what it predicts; None where it cannot, and then `note` says why.

    Predictions are float arrays: probabilities of shape (n, classes), or of the second class, or numbers, of shape (n, 1).
    """

    name: str
    kind: Kind
    prediction: Array | None
    note: str = ""


@dataclass(frozen=True)
class Tested:
    """One output of the fused model beside each member and their plain average, on one split.

    `output` is the output's name. `truth` and `rows`, the samples' places in the dataset, are of shape (n,); `part` are their
    positions among the samples, and `inputs` say what these are fed with. The first candidate is the fused model.
    """

    output: str
    target: Target
    inputs: tuple[Input, ...]
    samples: Samples
    part: Array
    candidates: tuple[Candidate, ...]

    @property
    def truth(self) -> Array:
        """What was to be predicted, as `Samples` holds it."""
        return self.samples.target[self.part]

    @property
    def rows(self) -> Array:
        """The samples' places in the dataset, from 0."""
        return self.samples.rows[self.part]

    @property
    def fused(self) -> Candidate:
        """The fused model."""
        return self.candidates[0]

    @property
    def prediction(self) -> Array:
        """What the fused model predicts."""
        assert self.fused.prediction is not None
        return self.fused.prediction

    @property
    def able(self) -> dict[str, tuple[Candidate, Array]]:
        """The candidates whose predictions are all numbers, with these, by their names."""
        return {
            each.name: (each, each.prediction)
            for each in self.candidates
            if each.prediction is not None and np.isfinite(each.prediction).all()
        }


def put_to_the_test(
    recipe: Recipe,
    model: keras.Model,
    members: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    parts: Sequence[Part],
    bound: Bound | None = None,
) -> dict[Part, tuple[Tested, ...]]:
    """Lets the fused model and each member predict; the plain average is the mean of the members' predictions.

    Members are fed and read through the adapters that a fusion puts around them, so that all predict the same target.

    Args:
        recipe: With members, data and graph.
        model: The fused model, trained or not.
        members: The members' models by the members' names; of those that are not among them nothing is said.
        samples: The bound dataset.
        splits: Its splits.
        parts: The splits whose samples are predicted, all in one pass.
        bound: The training split's statistics, where that is not among these samples.

    Returns:
        For each part one entry for each output of the fused model, those of the first target first.

    Raises:
        Refusal: when the recipe has no data, or its graph is fed what the data do not have.
    """
    data, places = data_of(recipe), target_places(recipe)
    rows: dict[Part, Array] = {part: getattr(splits, part) for part in parts}
    together = np.concatenate(list(rows.values()))
    ends = np.cumsum([len(each) for each in rows.values()])[:-1]
    given = predict(model, [taken(values, together) for values in feed(recipe, samples)])
    fused = [
        as_probabilities(data.targets[place].task, output, values)
        for place, output, values in zip(places, model.outputs, given, strict=True)
    ]
    known = recipe.model_copy(update={"members": tuple(each for each in recipe.members if each.name in members)})
    others = {
        place: _members(
            predict_alone(known, members, samples, splits, together, bound, data.targets[place]) if known.members else {}
        )
        for place in dict.fromkeys(places)
        # A new file is judged by the first target alone.
        if place < len(samples.targets)
    }
    found: dict[Part, tuple[Tested, ...]] = {}
    for index, (part, chosen) in enumerate(rows.items()):
        there = {place: [_cut(each, ends, index) for each in candidates] for place, candidates in others.items()}
        found[part] = tuple(
            Tested(
                name,
                data.targets[place],
                data.inputs,
                samples.alone(place, data.targets[place].task),
                chosen,
                (Candidate(FUSED, "fused", np.split(output, ends)[index]), *there[place]),
            )
            for name, place, output in zip(output_names(recipe, model), places, fused, strict=True)
            if place in there
        )
    return found


def output_names(recipe: Recipe, model: keras.Model) -> list[str]:
    """The fused model's outputs as the graph calls them."""
    names = [node.id for node in recipe.graph.nodes if isinstance(node, OutputNode)] if recipe.graph else []
    return names if len(names) == len(model.outputs) else list(model.output_names)


def as_probabilities(task: Task, output: object, values: Array) -> Array:
    """What a model's output gave, as probabilities where the output holds logits.

    Args:
        task: Of the target.
        output: The model's output tensor.
        values: What it gave, of shape (n, units).
    """
    if task == "regression" or not gives_logits(output):
        return values
    logits = values.astype(np.float64)
    if logits.shape[1] == 1 or task == "multilabel":
        return 1 / (1 + np.exp(-logits))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _members(alone: Mapping[str, Array | Refusal]) -> list[Candidate]:
    found = [
        Candidate(name, "member", None, said.sentence) if isinstance(said, Refusal) else Candidate(name, "member", said)
        for name, said in alone.items()
    ]
    able = [each.prediction for each in found if each.prediction is not None]
    if len(able) > 1:
        left_out = len(alone) - len(able)
        note = f"Of {len(able)} members; {left_out} cannot predict this target." if left_out else ""
        found.append(Candidate(AVERAGE, "average", np.mean(able, axis=0), note))
    return found


def _cut(candidate: Candidate, ends: Array, index: int) -> Candidate:
    if candidate.prediction is None:
        return candidate
    return Candidate(candidate.name, candidate.kind, np.split(candidate.prediction, ends)[index], candidate.note)
