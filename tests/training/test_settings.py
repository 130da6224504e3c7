"""The settings of a run: each trains as plain Keras does, and as it is defined."""

import math

import keras
import numpy as np
import pytest

from components.fusion.keras_calls import make, write
from components.fusion.optimizer import OPTIMIZERS, optimizer_call
from components.fusion.schedules import SCHEDULES, learning_rate, warm_up
from components.recipe import Refusal, Training


def moved(settings, gradients, start):
    """The weights after a step for each gradient."""
    weights, optimizer = keras.Variable(start), make(optimizer_call(settings), 1)
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weights])
    return weights.numpy()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_that_of_keras_and_is_written_as_it_is_made(name):
    plain = keras.optimizers.get({"class_name": name, "config": {"learning_rate": 0.01}})
    call = optimizer_call(Training(optimizer=name, learning_rate=0.01))
    configs = [each.get_config() for each in (plain, make(call, 1), eval(write(call)))]
    for config in configs:
        config.update(name=None, learning_rate=float(config["learning_rate"]))
    assert configs[0] == configs[1] == configs[2]


def test_momentum_is_the_recursion():
    settings = Training(optimizer="sgd", learning_rate=0.1, momentum=0.9)
    # The velocities are -0.1 and 0.9 · -0.1 - 0.2 = -0.29.
    np.testing.assert_allclose(moved(settings, [[1.0], [2.0]], [1.0]), [1 - 0.1 - 0.29], atol=1e-6)


def test_a_gradient_is_clipped_to_the_norm_over_all_weights():
    weights = [keras.Variable([0.0]), keras.Variable([0.0])]
    optimizer = make(optimizer_call(Training(optimizer="sgd", learning_rate=1, clip_norm=1)), 1)
    optimizer.apply([keras.ops.convert_to_tensor([each]) for each in (3.0, 4.0)], weights)
    # Together they have the norm 5; each for itself would have become 1.
    np.testing.assert_allclose([each.numpy()[0] for each in weights], [-0.6, -0.8], atol=1e-6)


def test_weight_decay_draws_weights_to_zero_beside_the_step():
    settings = Training(optimizer="sgd", learning_rate=0.1, weight_decay=0.5)
    np.testing.assert_allclose(moved(settings, [[1.0]], [2.0]), [2 - 0.1 * 0.5 * 2 - 0.1 * 1], atol=1e-6)


def test_a_recipe_of_an_earlier_version_trains_as_it_did():
    earlier = {"optimizer": "adamw", "learning_rate": 0.003, "epochs": 7, "batch_size": 16, "patience": 2}
    settings = Training.model_validate(earlier)
    call = optimizer_call(settings)
    assert dict(call.arguments) == {"learning_rate": 0.003}
    assert make(call, 1).weight_decay == keras.optimizers.AdamW().weight_decay


RATE, EPOCHS, PERIOD, STEPS = 0.02, 20, 4, 10
LAST = EPOCHS * STEPS


def one_cycle(step):
    rise = 0.3 * LAST
    return RATE / 25 + RATE * 24 / 25 * step / rise if step < rise else cosine((step - rise) / (0.7 * LAST))


def cosine(share):
    return RATE * 0.5 * (1 + math.cos(math.pi * min(share, 1)))


FORMULAS = {
    "constant": lambda step: RATE,
    "step": lambda step: RATE * 0.3 ** (step // (PERIOD * STEPS)),
    "exponential": lambda step: RATE * 0.3 ** (step / (PERIOD * STEPS)),
    "cosine": lambda step: cosine(step / LAST),
    "cosine-restarts": lambda step: cosine(step % (PERIOD * STEPS) / (PERIOD * STEPS)),
    "one-cycle": one_cycle,
    "plateau": lambda step: RATE,
}


def values(settings, steps):
    """The rate at steps of a run with ten steps in an epoch: as a run makes it, and as the script has it."""
    rate = learning_rate(settings)
    written = eval(write(rate), {"keras": keras, "warm_up": warm_up, "steps_per_epoch": STEPS})
    return [[float(each(step) if callable(each) else each) for step in steps] for each in (make(rate, STEPS), written)]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_follows_its_formula_in_a_run_and_in_the_script(schedule):
    settings = Training(learning_rate=RATE, epochs=EPOCHS, schedule=schedule, decay_epochs=PERIOD, decay_factor=0.3)
    steps = [0, 1, 7, 39, 40, 41, 59, 60, 80, 119, 160, 199]
    expected = [FORMULAS[schedule](step) for step in steps]
    for found in values(settings, steps):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("schedule", [name for name in SCHEDULES if name != "plateau"])
def test_a_warm_up_rises_in_a_line_and_the_schedule_begins_after_it(schedule):
    # Two more epochs for the warm-up leave the others what they were.
    settings = Training(
        learning_rate=RATE, epochs=EPOCHS + 2, schedule=schedule, decay_epochs=PERIOD, decay_factor=0.3, warm_up=2
    )
    first = FORMULAS[schedule](0)
    expected = [first / 20, first / 2, first, *(FORMULAS[schedule](step) for step in (0, 1, 60, 199))]
    for found in values(settings, [0, 9, 19, 20, 21, 80, 219]):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-8)


def test_a_plateau_does_not_follow_a_warm_up():
    with pytest.raises(Refusal, match="cannot follow a warm-up"):
        optimizer_call(Training(schedule="plateau", warm_up=1))
