"""A run in two phases: what is new learns first, over members that are held still, and then everything, more slowly."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from components.fusion.branch import copy_of, freeze
from components.fusion.lazy_keras import keras
from components.recipe import Training


def phases_of(settings: Training) -> tuple[Training, ...]:
    """The settings of each phase, its epochs and its rate: one, or that of the head alone and that of everything.

    Each phase is trained as a run of its own: with a fresh optimizer, and its schedule and warm-up over its own epochs.
    """
    alone = min(settings.head_epochs, settings.epochs)
    head = settings.model_copy(update={"epochs": alone})
    everything = settings.model_copy(
        update={"epochs": settings.epochs - alone, "learning_rate": settings.learning_rate * settings.rate_after_head}
    )
    if not alone:
        return (settings,)
    return (head, everything) if everything.epochs else (head,)


def over_frozen_branches(model: Any, branches: Collection[str]) -> Any:
    """A fused model in which these branches are frozen copies: weights and statistics fixed, nothing at random.

    All other layers are the model's own: what they learn, the model has learned (Kumar et al., 2022, on why the head is first).
    """
    frozen: dict[str, Any] = {}
    for name in branches:
        serialised = json.loads(json.dumps(keras.saving.serialize_keras_object(model.get_layer(name))))
        freeze(serialised)
        frozen[name] = copy_of(model.get_layer(name), serialised)

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        return frozen[layer.name](*args) if layer.name in frozen else layer(*args, **kwargs)

    return keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
