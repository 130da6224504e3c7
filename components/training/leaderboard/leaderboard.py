"""The rules of output space in the order of what they reach on the validation split, with the members among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from components.data.columns import Array
from components.data.facts import Bound
from components.data.samples import Samples
from components.data.split import Splits
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plan
from components.fusion.writer import GraphWriter
from components.models.facts import MemberFacts
from components.recipe import FusionGraph, Options, OutputNode, Recipe, Refusal, Target
from components.training.feed import data_of
from components.training.judged import judged
from components.training.leaderboard.entry import Entry, Kind
from components.training.leaderboard.fits import FITS
from components.training.leaderboard.one_pass import OnePass
from components.training.scores import loss_and_metric


def leaderboard(
    recipe: Recipe,
    facts: Mapping[str, MemberFacts],
    models: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    bound: Bound,
) -> tuple[Entry, ...]:
    """Judges every member and every rule of output space that needs no training, the best first.

    Rules with options that can be fitted appear once for each fit of `FITS`. Rules that do not fit these members are left out.

    Args:
        recipe: With members and data; its graph plays no part.
        facts: What is known of each member, by the member's name.
        models: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits; the validation split is the judge.
        bound: The training split's statistics.
    """
    rows, target = splits.validation, data_of(recipe).target
    members = [(member, facts[member.name]) for member in recipe.members]
    one_pass = OnePass(models, {name: array[rows] for name, array in samples.inputs.items()})
    counted = [known.operations for _, known in members]
    cost = {
        "parameters": sum(known.parameters for _, known in members),
        "operations": None if None in counted else sum(filter(None, counted)),
    }
    wanted = samples.target[rows]
    entries, alone = [], []
    for member, known in members:
        writer = GraphWriter([(member, known)], data_of(recipe), bound)
        try:
            writer.output(writer.prediction(member))
            [prediction] = one_pass.outputs(writer.graph)
        except Refusal:
            continue
        alone.append(prediction)
        alone_cost = {"parameters": known.parameters, "operations": known.operations}
        entries.append(_entry(target, prediction, wanted, title=member.name, kind="member", **alone_cost))
    fitting = alone if len(alone) == len(members) else []
    for kind, title, layout, options, guarantee in _rules(target, fitting, wanted):
        try:
            graph: FusionGraph = plan(layout, options, members, data_of(recipe), bound).graph
            outputs = _of_first_target(graph, target, one_pass.outputs(graph))
        except Refusal:
            continue
        if len(outputs) == 1:
            entry = _entry(target, outputs[0], wanted, title=title, kind=kind, **cost)
            entries.append(entry.model_copy(update={"layout": layout, "options": options, "guarantee": guarantee}))
    # A score that is not a number comes last.
    return tuple(sorted(entries, key=lambda entry: (entry.score is None, -(entry.score or 0), entry.loss or 0)))


def _of_first_target(graph: FusionGraph, target: Target, outputs: list[Array]) -> list[Array]:
    nodes = [node for node in graph.nodes if isinstance(node, OutputNode)]
    return [output for node, output in zip(nodes, outputs, strict=True) if node.target in (None, target.name)]


def _rules(target: Target, predictions: list[Array], wanted: Array) -> Iterator[tuple[Kind, str, str, Options, str]]:
    for layout in LAYOUTS.values():
        if layout.family == "output space":
            yield "rule", layout.title, layout.name, {}, layout.guarantee
    for fit in FITS.values():
        if predictions and target.task in fit.tasks:
            yield "fitted rule", fit.title, fit.layout, fit.function(target.task, predictions, wanted), fit.guarantee


def _entry(target: Target, prediction: Array, wanted: Array, **known: Any) -> Entry:
    entry = Entry(score=None, low=None, high=None, loss=None, calibration=None, **known)
    if not np.isfinite(prediction).all():
        return entry
    prediction = prediction.astype(np.float64)
    loss, _ = loss_and_metric(target.task, prediction, wanted)
    score, interval, calibration = judged(target.task, prediction, wanted)
    low, high = interval or (None, None)
    return entry.model_copy(update={"loss": loss, "score": score, "low": low, "high": high, "calibration": calibration})
