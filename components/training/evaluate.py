"""How good the fused model is, beside each member alone and beside the members' plain average."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from sklearn.metrics import f1_score

from components.data.columns import Array
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Recipe, Task
from components.training.events import Score
from components.training.measures import Interval, accuracy_interval, mean_interval
from components.training.scores import sample_scores
from components.training.tested import Candidate, Part, Tested, put_to_the_test

_F1 = "F1 {:.3f}, the mean over the labels."
NO_NUMBERS = "Some of its predictions are not numbers, so it has no score."


def evaluate(
    recipe: Recipe,
    model: keras.Model,
    members: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    *parts: Part,
) -> tuple[Score, ...]:
    """Scores the fused model, each member as it was uploaded, and the mean of the members' predictions.

    One that cannot predict the target gets neither loss nor metric but a note.

    Args:
        recipe: With members, data and graph.
        model: The fused model, trained or not.
        members: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits.
        parts: The splits on which to score. Asking for two at once is faster than one after the other.

    Raises:
        Refusal: when the recipe has no data, or its graph is fed what the data do not have.
    """
    found = put_to_the_test(recipe, model, members, samples, splits, parts)
    return tuple(score for part, outputs in found.items() for score in scores(part, outputs))


def scores(part: Part, outputs: Sequence[Tested]) -> tuple[Score, ...]:
    """The score of every candidate on one split, for each target; of several outputs of one target it is their mean.

    Args:
        part: The split.
        outputs: What was tested on it, one entry for each output of the fused model.
    """
    found: list[Score] = []
    for name in dict.fromkeys(each.target.name for each in outputs):
        first, *more = (each for each in outputs if each.target.name == name)
        fused = [_score(part, each, each.fused) for each in (first, *more)]
        candidates = (fused[0] if not more else _mean(fused), *(_score(part, first, each) for each in first.candidates[1:]))
        further = {"target": name} if found else {}
        found += [score.model_copy(update=further) for score in candidates]
    return tuple(found)


def metric_interval(task: Task, values: Array) -> Interval | None:
    """The interval of a metric: Wilson's for a share of right samples, Student's for a mean; `values` holds one a sample."""
    right_or_wrong = task != "regression" and bool(np.isin(values, (0, 1)).all())
    return accuracy_interval(values) if right_or_wrong else mean_interval(values)


def _score(part: Part, tested: Tested, candidate: Candidate) -> Score:
    nothing = Score(name=candidate.name, kind=candidate.kind, split=part, loss=None, metric=None, note=candidate.note)
    if candidate.prediction is None:
        return nothing
    if candidate.name not in tested.able:
        return nothing.model_copy(update={"note": NO_NUMBERS})
    task = tested.target.task
    losses, values = sample_scores(task, candidate.prediction, tested.truth)
    low, high = metric_interval(task, values) or (None, None)
    reached = {"loss": float(losses.mean()), "metric": float(values.mean()), "low": low, "high": high}
    if task == "multilabel":
        named = candidate.prediction > 0.5
        f1 = f1_score(tested.truth, named, average="macro", zero_division=0)
        return nothing.model_copy(update={**reached, "note": " ".join(filter(None, [_F1.format(f1), candidate.note]))})
    return nothing.model_copy(update=reached)


def _mean(fused: Sequence[Score]) -> Score:
    losses, metrics = [each.loss for each in fused], [each.metric for each in fused]
    if None in losses:
        return next(each for each in fused if each.loss is None)
    return fused[0].model_copy(
        update={
            "loss": float(np.mean(losses)),  # type: ignore[arg-type]
            "metric": float(np.mean(metrics)),  # type: ignore[arg-type]
            "low": None,
            "high": None,
            "note": f"The mean of its {len(fused)} outputs.",
        }
    )
