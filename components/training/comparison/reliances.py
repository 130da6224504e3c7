"""What each member does for trained layouts: exact Shapley values, leaving one out, and noise on one member's input."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.training.comparison.contest import Contest
from components.training.comparison.interventions import Intervened
from components.training.comparison.rehearsal import Performance
from components.training.comparison.report import NOISE_LEVELS, Reliance
from components.training.comparison.shapley import coalitions, left_out, shapley
from components.training.judged import judged
from components.training.tested import as_probabilities

MOST_SAMPLES = 512
"""Of the training split for the means, and of the test split for the scores."""
MOST_MEMBERS = 6
"""With more, the coalitions are too many: they double with each."""


def reliances(contest: Contest, together: Sequence[Performance]) -> dict[str, tuple[Reliance, ...]]:
    """Measures layouts that were trained together, all in the same passes; nothing for more than 6 members.

    Args:
        contest: The layouts, with their members and data; the noise has the seed of their recipes.
        together: One training of each, outputs of one model that has the trained weights.

    Returns:
        By the layouts' names; one whose scores are not all defined is missing.
    """
    members, samples, splits = [member.name for member in contest.first.members], contest.samples, contest.splits
    if len(members) > MOST_MEMBERS:
        return {}
    model, bindings = together[0].model, together[0].bindings
    fed, shown = ([samples.inputs[name][_some(part)] for name in bindings] for part in (splits.training, splits.test))
    intervened = Intervened(model, members, fed, contest.first.seed)
    wanted = samples.target[_some(splits.test)]

    def scores(given: Sequence[Array]) -> dict[str, float]:
        return {each.name: _score(model, given, each.places, samples, wanted) for each in together}

    everyone = frozenset(range(len(members)))
    by_coalition = {each: scores(intervened.predict(shown, sorted(everyone - each))) for each in coalitions(len(members))}
    noisy = {
        place: [scores(intervened.predict(shown, noise=(place, level))) for level in NOISE_LEVELS]
        for place, member in enumerate(members)
        if intervened.can_be_disturbed[member]
    }
    found = {}
    for name in (each.name for each in together):
        value = {coalition: reached[name] for coalition, reached in by_coalition.items()}
        if not np.isfinite(list(value.values())).all():
            continue
        worth, falls = shapley(len(members), value), left_out(len(members), value)
        found[name] = tuple(
            Reliance(
                member=member,
                left_out=falls[place],
                shapley=worth[place],
                noisy=tuple(reached[name] for reached in noisy[place]) if place in noisy else None,
            )
            for place, member in enumerate(members)
        )
    return found


def _some(part: Array) -> Array:
    """Positions from all over a split: they are sorted, and a file may be too."""
    return part[:: -(-len(part) // MOST_SAMPLES)]


def _score(model: keras.Model, given: Sequence[Array], places: Sequence[int], samples: Samples, wanted: Array) -> float:
    """The mean over a layout's outputs; not a number where it is not defined."""
    said = [as_probabilities(samples.task, model.outputs[place], given[place]) for place in places]
    found = [judged(samples.task, each, wanted).score if np.isfinite(each).all() else None for each in said]
    return float(np.mean([np.nan if each is None else each for each in found]))
