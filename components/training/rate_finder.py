"""A learning-rate range test on a fused model: a few steps under a rate that grows until the loss explodes."""

from __future__ import annotations

import itertools
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import keras

from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Recipe, Refusal
from components.training.fit import with_gradient
from components.training.losses import objectives
from components.training.phases import phases
from components.training.prepare import Prepared, prepare
from components.training.rate_test import RateTest, exploded, growing_rates, rate_test

LONGEST = 120.0
"""Seconds after which a test ends with what it has."""


def find_rate(recipe: Recipe, model: keras.Model, samples: Samples, splits: Splits, longest: float = LONGEST) -> RateTest:
    """Trains a fused model on the batches of its run, under rates from 1e-7 to 10, until its loss explodes.

    Optimizer, batches, class weights and losses are those with which the run begins; its schedule, warm-up and averaging play
    no part. With several outputs the loss is their weighted mean. What is frozen is computed once, as in the run.

    Args:
        recipe: With a graph, data, and the settings of the run.
        model: As `fusion.build` made it from the recipe; it is spoiled.
        samples: The bound dataset.
        splits: Its splits.
        longest: Seconds after which the test ends.

    Raises:
        Refusal: when the outputs do not fit the target, or nothing can be trained.
    """
    until = time.monotonic() + longest
    goals = objectives(recipe, model)
    first = phases(recipe)[0]
    settings = first.settings.model_copy(update={"schedule": "constant", "warm_up": 0, "weight_averaging": 0.0})
    phase = replace(first, settings=settings)
    keras.utils.set_random_seed(recipe.seed)
    prepared = prepare(recipe, phase, model, goals, samples, splits, lambda: time.monotonic() > until)
    if prepared is None:
        raise Refusal(f"The frozen members took more than {longest:.0f} seconds for the data. Choose a rate by hand.")
    if not prepared.learner.trainable_weights:
        raise Refusal("Nothing in this model can be trained, so no learning rate can be tried. Un-freeze a member.")
    rates, losses = growing_rates().tolist(), list[float]()
    with_gradient(lambda: _train(prepared, rates, losses, until))
    counted = sum(goal.weight for goal in goals)
    ended = len(losses) < len(rates) and not exploded(losses)
    notes = (f"The test ended after {longest:.0f} seconds, before the loss exploded; {len(losses)} steps were made.",)
    return rate_test(rates, [loss / counted for loss in losses], notes if ended else ())


def _train(prepared: Prepared, rates: Sequence[float], losses: list[float], until: float) -> None:
    """Makes a step with each rate until the loss explodes or the time is over; adds the loss before each step to `losses`."""
    learner = prepared.learner
    with warnings.catch_warnings():
        # Parts through which no gradient flows are no reason to stop, as in a run.
        warnings.filterwarnings("ignore", message="Gradients do not exist")
        for rate, batch in zip(rates, _batches(prepared), strict=False):
            if time.monotonic() > until or exploded(losses):
                break
            learner.optimizer.learning_rate = rate
            learner.reset_metrics()
            losses.append(float(learner.train_on_batch(*batch, return_dict=True)["loss"]))


def _batches(prepared: Prepared) -> Iterator[Any]:
    """The batches of one epoch after another."""
    for number in itertools.count():
        prepared.epoch.assign(number)
        yield from prepared.training
