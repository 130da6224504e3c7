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
    start, trial, members, report = _prepared(models, merging, base, samples)
    finish = trial.finisher(merging, members)
    trial.set(_merged(method, options, trial, members, start))
    measured = finish(method.shares(options, len(members)))
    if not all(np.isfinite(weight.read()).all() for weight in trial.weights):
        raise Refusal("The merged weights are too large for their precision. Choose a smaller scale.")
    return Merged(trial.model, after(report, trial, merging, measured))


def compare(models: Mapping[str, keras.Model], merging: Merging, samples: Samples | None = None) -> MergeReport:
    """What can be told of two members before they are merged: how alike they are, and the lines between them.

    Args:
        models: Two members, by names that a person knows them by.
        merging: Whether they are to be aligned, repaired and measured; nothing is merged.
        samples: Data, without which there are no lines.

    Raises:
        Refusal: when the models cannot be merged.
    """
    check(find("average"), merging, list(models), None, samples)
    return _prepared(models, merging, None, samples).report


class _Prepared(NamedTuple):
    start: Start | None
    trial: Trial
    members: list[Arrays]
    report: MergeReport


def _prepared(models: Mapping[str, keras.Model], merging: Merging, base: Base | None, samples: Samples | None) -> _Prepared:
    """The members' weights, aligned where they are to be, and what is known of them."""
    graphs = {name: graph_of(model) for name, model in (*models.items(), *([base] if base else []))}
    check_alike(graphs)
    given = {name: read(graphs[name]) for name in models}
    start = (base[0], read(graphs[base[0]])) if base else None
    trial = Trial(next(iter(models.values())), samples)
    aligned = trial.aligned(given) if merging.align else None
    return _Prepared(start, trial, list((aligned or given).values()), before(trial, merging, given, aligned, start))


def _merged(method: Merge, options: Document, trial: Trial, members: list[Arrays], start: Start | None) -> Arrays:
    """The merged arrays: the method's, and for moving statistics that it is not meant for an average.

    What is the same in all models, such as the weights of layers that were frozen, stays as it is to the last bit.
    """
    everyone = [*members, *([start[1]] if start else [])]
    unsettled = [
        place
        for place, weight in enumerate(trial.weights)
        if weight.is_float and not all(np.array_equal(arrays[place], members[0][place]) for arrays in everyone)
    ]
    places = [place for place in unsettled if method.linear or not trial.weights[place].statistic]
    ingredients = Ingredients(trial, members, start and start[1], places)
    made = ingredients.whole(method.apply([_at(member, places) for member in members], ingredients, options))
    rest = [place for place in unsettled if place not in places]
    averaged = mean([_at(member, rest) for member in members], method.shares(options, len(members)))
    for place, array in zip(rest, averaged, strict=True):
        made[place] = array
    return made


def _at(arrays: Arrays, places: list[int]) -> Arrays:
    return [arrays[place] for place in places]
