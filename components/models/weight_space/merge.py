"""Models of one architecture into one model of that architecture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import keras
import numpy as np

from components.models.weight_space.architecture import check_alike
from components.models.weight_space.calls import graph_of
from components.models.weight_space.facts import MergeReport, Merging
from components.models.weight_space.ingredients import Ingredients
from components.models.weight_space.methods import Merge
from components.models.weight_space.methods.average import mean
from components.models.weight_space.registry import Arrays, find
from components.models.weight_space.report import Start, after, before
from components.models.weight_space.requirements import check
from components.models.weight_space.samples import Samples
from components.models.weight_space.trial import Trial
from components.models.weight_space.weights import read
from components.recipe import Document, Refusal

Base = tuple[str, keras.Model]
"""A name, and the model that the members were trained on from."""


class Merged(NamedTuple):
    """The merged model, and what is told of it."""

    model: keras.Model
    report: MergeReport


def merge(
    models: Mapping[str, keras.Model], merging: Merging, base: Base | None = None, samples: Samples | None = None
) -> Merged:
    """Merges models; they stay as they are.

    Args:
        models: The members, by names that a person knows them by. Layers are called as in the first one.
        merging: How.
        base: The common ancestor, for merges that need it.
        samples: Data, for merges that need them, for moving statistics, and to judge members and merged model.

    Raises:
        Refusal: when something is missing, or the models cannot be merged; the sentence says what to do.
    """
    method = find(merging.method)
    options = method.read(merging.options)
    check(method, merging, list(models), base and base[0], samples)
    graphs = {name: graph_of(model) for name, model in models.items()}
    given = {name: read(graph) for name, graph in graphs.items()}
    start = None if base is None else (base[0], read(graph_of(base[1])))
    check_alike(graphs if base is None else {**graphs, base[0]: graph_of(base[1])})
    trial = Trial(next(iter(models.values())), samples)
    aligned = trial.aligned(given) if merging.align else None
    report = before(trial, merging, given, aligned, start)
    members = list((aligned or given).values())
    finish = trial.finisher(merging, members)
    trial.set(_merged(method, options, trial, members, start))
    measured = finish(method.shares(options, len(members)))
    if not all(np.isfinite(weight.read()).all() for weight in trial.weights):
        raise Refusal("The merged weights are too large for their precision. Choose a smaller scale.")
    return Merged(trial.model, after(report, trial, merging, measured))


def _merged(method: Merge, options: Document, trial: Trial, members: list[Arrays], start: Start | None) -> Arrays:
    """The merged arrays: the method's, and for moving statistics that it is not meant for an average."""
    floats = [place for place, weight in enumerate(trial.weights) if weight.is_float]
    places = [place for place in floats if method.linear or not trial.weights[place].statistic]
    ingredients = Ingredients(trial, members, start and start[1], places)
    made = ingredients.whole(method.apply([_at(member, places) for member in members], ingredients, options))
    if not method.linear:
        rest = [place for place in floats if place not in places]
        averaged = mean([_at(member, rest) for member in members], method.shares(options, len(members)))
        for place, array in zip(rest, averaged, strict=True):
            made[place] = array
    return made


def _at(arrays: Arrays, places: list[int]) -> Arrays:
    return [arrays[place] for place in places]
