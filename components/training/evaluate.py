"""How good the fused model is, beside each member alone and beside the members' plain average."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

import keras
import numpy as np

from components.data.columns import Array
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Recipe, Refusal, Task
from components.training.alone import predict, predict_alone
from components.training.events import Score
from components.training.feed import feed, target_of
from components.training.losses import gives_logits
from components.training.scores import loss_and_metric

Part = Literal["validation", "test"]
Kind = Literal["fused", "member", "average"]
FUSED, AVERAGE = "fused model", "plain average"


def evaluate(
    recipe: Recipe,
    model: keras.Model,
    members: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    *parts: Part,
) -> tuple[Score, ...]:
    """Scores the fused model, each member as it was uploaded, and the mean of the members' predictions.

    Members are fed and read through the adapters that a fusion puts around them, so that all predict the same target. One
    that cannot gets neither loss nor metric but a note. The score of a fused model with several outputs is their mean.

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
    task = target_of(recipe).task
    rows = {part: splits.test if part == "test" else splits.validation for part in parts}
    together = np.concatenate(list(rows.values()))
    ends = np.cumsum([len(each) for each in rows.values()])[:-1]
    outputs = [
        _probabilities(task, prediction) if gives_logits(output) else prediction
        for output, prediction in zip(
            model.outputs, predict(model, [array[together] for array in feed(recipe, samples)]), strict=True
        )
    ]
    fused = [np.split(output, ends) for output in outputs]
    alone = {
        name: found if isinstance(found, Refusal) else np.split(found, ends)
        for name, found in predict_alone(recipe, members, samples, splits, together).items()
    }
    scores: list[Score] = []
    for index, (part, chosen) in enumerate(rows.items()):
        score = partial(_score, part, task, samples.target[chosen])
        scores.append(score(FUSED, "fused", [output[index] for output in fused]))
        for name, found in alone.items():
            if isinstance(found, Refusal):
                scores.append(Score(name=name, kind="member", split=part, loss=None, metric=None, note=found.sentence))
            else:
                scores.append(score(name, "member", [found[index]]))
        able = [found[index] for found in alone.values() if not isinstance(found, Refusal)]
        if len(able) > 1:
            left_out = len(alone) - len(able)
            note = f"Of {len(able)} members; {left_out} cannot predict this target." if left_out else ""
            scores.append(score(AVERAGE, "average", [np.mean(able, axis=0)], note))
    return tuple(scores)


def _score(part: Part, task: Task, target: Array, name: str, kind: Kind, predictions: list[Array], note: str = "") -> Score:
    if not all(np.isfinite(prediction).all() for prediction in predictions):
        note = "Some of its predictions are not numbers, so it has no score."
        return Score(name=name, kind=kind, split=part, loss=None, metric=None, note=note)
    losses, metrics = zip(*(loss_and_metric(task, prediction, target) for prediction in predictions), strict=True)
    if len(predictions) > 1:
        note = f"The mean of its {len(predictions)} outputs."
    return Score(name=name, kind=kind, split=part, loss=float(np.mean(losses)), metric=float(np.mean(metrics)), note=note)


def _probabilities(task: Task, logits: Array) -> Array:
    if task == "regression":
        return logits
    if logits.shape[1] == 1:
        return 1 / (1 + np.exp(-logits.astype(np.float64)))
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
