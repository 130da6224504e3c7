"""The settings of the next run: what is set often first, the rest folded away, and only what plays a part."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components.fusion.optimizer import OPTIMIZERS
from components.recipe import Recipe, Training
from components.views.draft import Draft, edited
from components.views.option_form import option_form
from components.views.rate_view import find_rate

_PLAYS_A_PART: dict[str, Callable[[Recipe, Training], bool]] = {
    "momentum": lambda recipe, settings: OPTIMIZERS[settings.optimizer].has_momentum,
    "decay_epochs": lambda recipe, settings: settings.schedule in ("step", "exponential", "cosine-restarts", "plateau"),
    "decay_factor": lambda recipe, settings: settings.schedule in ("step", "exponential", "plateau"),
    "rate_after_head": lambda recipe, settings: settings.head_epochs > 0,
    "balance_classes": lambda recipe, settings: recipe.data is None or recipe.data.target.task in ("binary", "multiclass"),
}
"""When a setting changes anything; those that are not here always do."""


def idle_settings(recipe: Recipe) -> frozenset[str]:
    """The settings of a recipe's training that change nothing beside the others."""
    return frozenset(name for name, plays_a_part in _PLAYS_A_PART.items() if not plays_a_part(recipe, recipe.training))


def training_form(draft: Draft) -> None:
    """The form, with the learning-rate finder below its field; what is entered goes into the draft."""
    option_form(
        Training,
        dict(draft.recipe.training),
        lambda changed: draft.edit(training=Training(**changed)),
        key="training",
        below={"learning_rate": lambda: find_rate(draft)},
        without=idle_settings(draft.recipe),
    )
    edited(st.number_input, "Seed", draft.recipe.seed, lambda value: draft.edit(seed=value), key="seed", min_value=0, step=1)
