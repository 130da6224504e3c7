"""The phases of a run: one after the other, each with settings and a trainable set of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from components.fusion.head_first import over_frozen_branches, phases_of
from components.recipe import Recipe, Refusal, Training


@dataclass(frozen=True)
class Phase:
    """A stretch of a run.

    `settings` are those of this stretch: its epochs alone, its rate, its batches. `as_trained` gives the fused model as it is
    trained in the stretch, which shares with the fused model all layers that learn. It raises a Refusal where none does.
    """

    settings: Training
    as_trained: Callable[[keras.Model], keras.Model]


def phases(recipe: Recipe) -> tuple[Phase, ...]:
    """The phases that a recipe asks for: one of all that the model was built to train, or two, the head alone before."""
    stretches = phases_of(recipe.training)
    everything = Phase(stretches[-1], lambda model: model)
    if not recipe.training.head_epochs:
        return (everything,)
    members = {member.name for member in recipe.members}

    def head_alone(model: keras.Model) -> keras.Model:
        head = over_frozen_branches(model, [layer.name for layer in model.layers if layer.name in members])
        if not head.trainable_weights:
            raise Refusal(
                "This layout has no weights of its own, so there is no head that could learn before the members. "
                "Set the epochs that train only the head to 0."
            )
        return head

    return (Phase(stretches[0], head_alone), everything)[: len(stretches)]
