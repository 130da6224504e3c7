"""The form of the settings: what it leaves out changes nothing, and what changes something is never left out."""

import pytest

from components.fusion.head_first import phases_of
from components.fusion.optimizer import OPTIMIZERS, optimizer_call
from components.fusion.schedules import SCHEDULES, schedule_callbacks
from components.recipe import Data, Input, Recipe, Target, Training
from components.views.training_form import idle_settings

OTHERS = {"momentum": 0.7, "decay_epochs": 3, "decay_factor": 0.2, "rate_after_head": 0.5}


def effects(settings: Training) -> str:
    """All that is made of settings."""
    return str([(optimizer_call(phase), schedule_callbacks(phase), phase.epochs) for phase in phases_of(settings)])


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("head_epochs", [0, 2])
def test_settings_are_left_out_where_they_change_nothing(schedule: str, optimizer: str, head_epochs: int) -> None:
    settings = Training(schedule=schedule, optimizer=optimizer, head_epochs=head_epochs)
    idle = idle_settings(Recipe(training=settings))
    for name, value in OTHERS.items():
        other = settings.model_copy(update={name: value})
        # A phase carries all settings with it, those too that play no part.
        assert (name in idle) == (effects(settings) == effects(other)), name


def test_classes_are_balanced_where_there_are_classes() -> None:
    for target, shown in (
        (Target(name="y", task="binary", classes=("a", "b")), True),
        (Target(name="y", task="regression"), False),
    ):
        data = Data(sha256="0", file_name="a.csv", inputs=(Input(name="x", shape=(2,)),), target=target)
        assert ("balance_classes" not in idle_settings(Recipe(data=data))) == shown
