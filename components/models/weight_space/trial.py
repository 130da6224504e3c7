"""A copy of a member into which weights are written to be tried on samples; the members themselves stay as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import keras

from components.models.weight_space.alignment import align, permuted
from components.models.weight_space.barrier import POINTS, curve
from components.models.weight_space.calls import graph_of, most_samples, run
from components.models.weight_space.facts import Curve, Merging, Score
from components.models.weight_space.moments import measure, normalizations
from components.models.weight_space.registry import Arrays
from components.models.weight_space.repair import blend, rescaler, unit_moments
from components.models.weight_space.samples import Samples, evenly
from components.models.weight_space.trace import trace
from components.models.weight_space.weights import copy_of, weights_of, write
from components.recipe import Refusal

Finisher = Callable[[Sequence[float]], int]
"""Repairs and measures a merged model, given the members' shares in it; returns on how many samples moving statistics were
measured."""


class Trial:
    """One architecture, with samples where there are some. Arrays are those of all its weights.

    `inputs` are the samples' inputs; where all of them would take too much memory, evenly spaced ones.
    """

    def __init__(self, model: keras.Model, samples: Samples | None) -> None:
        self.model, self.samples = copy_of(model), samples
        self.graph = graph_of(self.model)
        self.weights = weights_of(self.graph)
        self.inputs = evenly(samples.inputs, most_samples(self.graph)) if samples else []

    def set(self, arrays: Arrays) -> None:
        """Writes weights."""
        write(self.graph, arrays)

    @property
    def judges(self) -> bool:
        """Whether there are samples whose target is known."""
        return self.samples is not None and self.samples.score is not None

    def score(self, arrays: Arrays | None = None) -> Score:
        """The score of a model with these weights, or with those it has.

        Raises:
            Refusal: when there are no samples whose target is known.
        """
        if self.samples is None or self.samples.score is None:
            raise Refusal("Models are judged on samples whose target is known. Choose a dataset with a target.")
        if arrays is not None:
            self.set(arrays)
        return self.samples.score(self.model)

    def aligned(self, members: Mapping[str, Arrays]) -> dict[str, Arrays]:
        """The members' weights with hidden units in the order of the first member's.

        Raises:
            Refusal: when units cannot be followed through a layer, or there are none that could change places.
        """
        traced = trace(self.graph)
        if not traced.free:
            raise Refusal("These models have no hidden units that could change places. Merge them without alignment.")
        counted = [not weight.statistic for weight in self.weights]
        first, *others = members
        reference = members[first]
        orders = {name: align(reference, members[name], traced, counted) for name in others}
        return {first: reference} | {name: permuted(members[name], traced, order) for name, order in orders.items()}

    def finisher(self, merging: Merging, members: Sequence[Arrays]) -> Finisher:
        """What `merging` does on the samples once weights were merged of these members."""
        if self.samples is None or not (merging.repair or merging.re_estimate):
            return lambda shares: 0
        moments = []
        for arrays in members if merging.repair else ():
            self.set(arrays)
            moments.append(unit_moments(self.graph, self.inputs))

        def finish(shares: Sequence[float]) -> int:
            repairs = [rescaler(blend(moments, shares))] if merging.repair else []
            measures = [measure] if merging.re_estimate else []
            run(self.graph, self.inputs, *repairs, *measures)
            return len(self.inputs[0]) if measures and normalizations(self.graph) else 0

        return finish

    def curves(
        self, members: Mapping[str, Arrays], aligned: Mapping[str, Arrays] | None, merging: Merging, points: int = POINTS
    ) -> tuple[Curve, ...]:
        """The lines between two members: as they are, aligned, and with what `merging` does on samples at every point.

        Args:
            members: Two members.
            aligned: The same as `aligned` gives them, or None to leave that line out.
            merging: What is done after the weights were merged.
            points: On each line.
        """
        made = [curve("as they are", members.values(), lambda arrays, share: self.score(arrays), points)]
        if aligned is not None:
            made.append(curve("aligned", aligned.values(), lambda arrays, share: self.score(arrays), points))
        done = [("repaired", merging.repair), ("measured anew", merging.re_estimate)]
        if any(wanted for _, wanted in done):
            ends = list((aligned or members).values())
            finish = self.finisher(merging, ends)

            def finished(arrays: Arrays, share: float) -> Score:
                self.set(arrays)
                finish((1 - share, share))
                return self.score()

            title = ", ".join([made[-1].title, *(name for name, wanted in done if wanted)])
            made.append(curve(title, ends, finished, points))
        return tuple(made)
