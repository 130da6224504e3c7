"""Several layouts over the same members, measured together: members that are fed alike are run forward once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from components.fusion.build_side_by_side import SideBySide
from components.gradients.branch_passes import BranchPasses
from components.gradients.measure import report
from components.gradients.measured import Measured
from components.gradients.probe import Loss, Probe, Target
from components.gradients.report import GradientReport
from components.gradients.unchanged import left_as_it_was
from components.gradients.weight_numbers import WeightNumbers
from components.recipe import Recipe


@dataclass(frozen=True)
class Aim:
    """What a layout's outputs are measured against: a target and a loss for each of them, in order."""

    target: Target
    loss: Sequence[Loss]


def measure_side_by_side(
    recipes: Sequence[Recipe],
    built: SideBySide,
    inputs: dict[str, np.ndarray],
    aims: Sequence[Aim],
) -> list[GradientReport]:
    """Gives what `measure` gives for each layout, on one probe batch, in less time.

    A layout whose members are all fed by data alone takes their outputs from one forward pass, which all such layouts share;
    each has a backward pass of its own, from its loss through the branches. Layouts in which one member feeds another, or
    weights come before a member, are measured one by one.

    Args:
        recipes: The layouts.
        built: Their models, as `build_side_by_side` made them.
        inputs: The probe batch: an array for each input of the data, by its name.
        aims: For each layout what it is measured against.

    Raises:
        Refusal: when an input of a model is missing.
    """
    passes = BranchPasses(built.branches)
    probes = [Probe(recipe, model, aim.loss, passes) for recipe, model, aim in zip(recipes, built.models, aims, strict=True)]
    together = [place for place, probe in enumerate(probes) if probe.feeds]
    shared = iter(_together([probes[place] for place in together], inputs, [aims[place].target for place in together]))
    weights, found = WeightNumbers(), []
    for place, (recipe, probe, aim) in enumerate(zip(recipes, probes, aims, strict=True)):
        measured = next(shared) if place in together else probe(inputs, aim.target)
        found.append(report(recipe, probe, measured, len(next(iter(inputs.values()))), weights))
    return found


def _together(probes: Sequence[Probe], inputs: dict[str, np.ndarray], targets: Sequence[Target]) -> Iterator[Measured]:
    """Measures probes that share their passes through the members; a report is made of one before the next is measured.

    One after the other: two threads that take gradients of a fused normalization at once bring the process down
    (TensorFlow 2.21 with oneDNN).
    """
    with (
        left_as_it_was(*(probe.model for probe in probes)),
        tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape,
    ):
        for probe in probes:
            probe.watch(tape)
        forwards = [probe.forward(inputs, target, tape) for probe, target in zip(probes, targets, strict=True)]
    for probe, forward in zip(probes, forwards, strict=True):
        yield probe.backward(forward, tape)
