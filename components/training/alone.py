"""What each member predicts alone, fed and read as in the fused model: through its own adapters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from components.data.bound import statistics
from components.data.columns import Array
from components.data.facts import Bound
from components.data.on_disk import OnDisk, Values, taken
from components.data.samples import Samples
from components.data.split import Splits
from components.fusion.build import build
from components.fusion.writer import GraphWriter
from components.models import inspection
from components.models.facts import MemberFacts
from components.recipe import Member, Recipe, Refusal, Target
from components.training.batches import ordered_batches
from components.training.feed import data_of, feed

PREDICTED_AT_ONCE = 256

Predictions = dict[str, Array | Refusal]
"""By member: what it predicts in the target's form, or why it cannot predict this target."""


def predict_alone(
    recipe: Recipe,
    models: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    part: Array,
    bound: Bound | None = None,
    target: Target | None = None,
) -> Predictions:
    """Lets every member predict alone.

    Args:
        recipe: With members and data; its graph plays no part.
        models: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits; scalings are measured on the training split.
        part: Positions of the samples to predict.
        bound: The training split's statistics, where that is not among these samples.
        target: One of the recipe's targets; None is the first.

    Returns:
        Class probabilities of shape (n, classes), probabilities of the second class or numbers of shape (n, 1).
    """
    bound = bound or _bound(samples, splits)
    members = [(member, facts_of(member, models[member.name])) for member in recipe.members]
    writer = GraphWriter(members, data_of(recipe), bound)
    writer.turn_to(target or data_of(recipe).target)
    found: Predictions = {}
    for member in writer.members:
        try:
            writer.output(writer.prediction(member), id=f"prediction-{member.name}")
            found[member.name] = part
        except Refusal as refusal:
            found[member.name] = refusal
    able = [name for name, outcome in found.items() if not isinstance(outcome, Refusal)]
    if able:
        joint = recipe.model_copy(update={"graph": writer.graph})
        arrays = [taken(values, part) for values in feed(joint, samples)]
        found.update(zip(able, predict(build(joint, models), arrays), strict=True))
    return found


def predict(model: keras.Model, inputs: Sequence[Values]) -> list[Array]:
    """A model's outputs for arrays in the order of its inputs."""
    # Without this, Keras compiles a model that was never compiled with XLA, which on a CPU takes longer than it saves.
    model.jit_compile = False
    fed: Any = inputs[0] if len(inputs) == 1 else tuple(inputs)
    if any(isinstance(values, OnDisk) for values in inputs):
        given: Any = model.predict(ordered_batches((fed,), PREDICTED_AT_ONCE), verbose=0)
    else:
        given = model.predict(fed, batch_size=PREDICTED_AT_ONCE, verbose=0)
    return given if isinstance(given, list) else [given]


def facts_of(member: Member, model: keras.Model) -> MemberFacts:
    """What must be known of a member to write a graph for its prediction."""
    return MemberFacts(
        sha256=member.sha256,
        file_name=member.file_name,
        size=0,
        format="keras",
        keras_version=None,
        inputs=inspection.inputs(model),
        outputs=inspection.outputs(model),
        head=inspection.head(model),
        heads=inspection.heads(model),
        parameters=model.count_params(),
        layers=(),
    )


def _bound(samples: Samples, splits: Splits) -> Bound:
    return Bound(
        training=len(splits.training),
        validation=len(splits.validation),
        test=len(splits.test),
        statistics={name: statistics(values, splits.training) for name, values in samples.inputs.items()},
    )
