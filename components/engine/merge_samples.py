"""A recipe's data as merging in weight space measures on them."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np

from components.data.facts import Bound
from components.data.samples import Samples as Dataset
from components.data.split import Splits
from components.fusion.alone import alone
from components.fusion.build import build
from components.models.weight_space.calls import graph_of, run
from components.models.weight_space.facts import Score
from components.models.weight_space.samples import Samples, evenly
from components.models.weight_space.weights import read, write
from components.recipe import Recipe, Refusal
from components.recipe.wording import shown
from components.training.alone import facts_of, predict
from components.training.feed import data_of, feed
from components.training.metrics import SHOWN, metric_of
from components.training.scores import loss_and_metric

MOST_SAMPLES = 2000
"""Samples of the training split on which models are measured, and of the validation split on which they are judged."""


def samples_for(recipe: Recipe, models: Mapping[str, keras.Model], dataset: Dataset, splits: Splits, bound: Bound) -> Samples:
    """A recipe's data as its members take them, and a judge of models of their architecture.

    Models are fed and read through the adapters that the first member needs for these data: measured on the training split,
    judged on the validation split.

    Args:
        recipe: With members of one architecture, and data.
        models: The members' models by the members' names.
        dataset: The bound dataset.
        splits: Its splits.
        bound: The training split's statistics.

    Raises:
        Refusal: when members want their inputs scaled differently, or cannot be fed with these data.
    """
    member = recipe.members[0]
    for other in recipe.members[1:]:
        if other.scaling != member.scaling:
            raise Refusal(
                f"{shown(member.name)} takes its inputs with the scaling “{member.scaling}” and {shown(other.name)} with "
                f"“{other.scaling}”. Members that are merged take the same inputs: set one scaling for all, or choose others."
            )
    graph = alone(member, facts_of(member, models[member.name]), data_of(recipe), bound)
    fed_recipe = recipe.model_copy(update={"members": (member,), "graph": graph})
    fed = build(fed_recipe, {member.name: models[member.name]})
    branch = fed.get_layer(member.name)
    entrance = branch._inbound_nodes[-1].input_tensors
    whole, inner, task = graph_of(fed), graph_of(branch), data_of(recipe).target.task

    def rows(part: np.ndarray) -> list[np.ndarray]:
        [chosen] = evenly([part], MOST_SAMPLES)
        return [values[chosen] for values in feed(fed_recipe, dataset)]

    validation = rows(splits.validation)
    [target] = evenly([dataset.target[splits.validation]], MOST_SAMPLES)

    def score(model: keras.Model) -> Score:
        write(inner, read(graph_of(model)))
        [chunks] = run(whole, validation)
        prediction = np.concatenate([np.asarray(chunk) for chunk in chunks])
        if not np.isfinite(prediction).all():
            raise Refusal(
                "Some predictions between or of these models are not numbers. Choose a smaller scale, or other members."
            )
        loss, metric = loss_and_metric(task, prediction, target)
        return Score(loss=loss, metric=metric)

    inputs = predict(keras.Model(fed.inputs, list(entrance)), rows(splits.training))
    return Samples(inputs=inputs, score=score, higher_is_better=SHOWN[metric_of(task)].higher_is_better)
