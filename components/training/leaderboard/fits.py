"""Options of rules, fitted on the members' predictions instead of by training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import numpy as np
from scipy import optimize, special

from components.data.columns import Array
from components.recipe import Options, Task
from components.training.scores import SMALLEST, loss_and_metric

GREEDY_STEPS = 50
DIGITS = 6
"""Enough to read and to repeat a fitted option."""

Fitting = Callable[[Task, list[Array], Array], Options]
"""From the task, the members' predictions in the target's form and the target to the options of the layout."""


@dataclass(frozen=True)
class Fit:
    """A way to choose a layout's options. `guarantee` holds by construction on the samples that it was fitted on."""

    title: str
    layout: str
    reference: str
    function: Fitting
    tasks: tuple[Task, ...] = get_args(Task)
    guarantee: str = ""


FITS: dict[str, Fit] = {}


def fit(
    title: str, layout: str, reference: str = "", *, tasks: tuple[Task, ...] = Fit.tasks, guarantee: str = ""
) -> Callable[[Fitting], Fitting]:
    """Registers a function as a fit, under its own name with `-` for `_`."""

    def register(function: Fitting) -> Fitting:
        FITS[function.__name__.replace("_", "-")] = Fit(title, layout, reference, function, tasks, guarantee)
        return function

    return register


@fit(
    "Greedy selection",
    "weighted-average",
    "Caruana et al., 2004",
    guarantee="Its loss on this split is never above the best member's.",
)
def greedy_selection(task: Task, predictions: list[Array], target: Array) -> Options:
    """Adds, with replacement, the member that lowers the loss most; keeps the best of all the ensembles on the way."""
    counts = np.zeros(len(predictions))
    best, best_loss = counts, np.inf
    total = np.zeros_like(predictions[0], dtype=np.float64)
    for size in range(1, GREEDY_STEPS + 1):
        losses = [loss_and_metric(task, (total + each) / size, target)[0] for each in predictions]
        chosen = int(np.argmin(losses))
        total = total + predictions[chosen]
        counts = counts + np.eye(len(predictions))[chosen]
        if losses[chosen] < best_loss:
            best, best_loss = counts, losses[chosen]
    return {"weights": tuple(best.tolist())}


@fit(
    "Convex weight search",
    "weighted-average",
    "Perrone & Cooper, 1993",
    guarantee="Its loss on this split is never above the best member's, nor above the plain average's.",
)
def convex_search(task: Task, predictions: list[Array], target: Array) -> Options:
    """The weights on the simplex under which the mean's loss is least; corners and uniform point are among the tried."""
    stacked, count = np.stack(predictions), len(predictions)

    def loss(weights: Array) -> float:
        return loss_and_metric(task, np.tensordot(weights / weights.sum(), stacked, axes=1), target)[0]

    uniform = np.full(count, 1 / count)
    found = optimize.minimize(
        loss,
        uniform,
        method="SLSQP",
        bounds=[(0, 1)] * count,
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
    )
    # Rounded before they are compared, so that what is promised holds for what is given.
    candidates = [np.ones(count), *np.eye(count), np.round(np.clip(found.x, 0, 1), DIGITS)]
    return {"weights": tuple(min((point for point in candidates if point.any()), key=loss).tolist())}


@fit("Vote weighted by log odds", "weighted-vote", "Nitzan & Paroush, 1982", tasks=("binary", "multiclass"))
def log_odds(task: Task, predictions: list[Array], target: Array) -> Options:
    """A member of accuracy a counts log(a / (1 - a)) + log(K - 1); accuracies are smoothed by half a sample on each side."""
    classes = max(predictions[0].shape[1], 2)
    right = np.array([loss_and_metric(task, each, target)[1] for each in predictions]) * len(target)
    weights = special.logit((right + 0.5) / (len(target) + 1)) + np.log(classes - 1)
    # Who does worse than chance is not counted; where nobody does better, all count alike.
    weights = np.maximum(weights, 0)
    return {"weights": tuple(np.round(weights if weights.any() else np.ones(len(predictions)), DIGITS).tolist())}


@fit(
    "Average, temperature fitted",
    "temperature",
    "Guo et al., 2017; Rahaman & Thiery, 2021",
    tasks=("multiclass",),
    guarantee="Its accuracy is the plain average's, and its loss on this split is never above it.",
)
def temperature(task: Task, predictions: list[Array], target: Array) -> Options:
    """The temperature of the pool under which the loss is least: p ∝ mean(p)^(1/T)."""
    logits = np.log(np.clip(np.mean(predictions, axis=0, dtype=np.float64), SMALLEST, None))

    def loss(exponent: float) -> float:
        return loss_and_metric(task, special.softmax(logits / np.exp(exponent), axis=1), target)[0]

    found = optimize.minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded").x
    return {"temperature": min((round(float(np.exp(found)), DIGITS), 1.0), key=lambda value: loss(np.log(value)))}
