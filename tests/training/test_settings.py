"""The settings of a run: each trains as plain Keras does, and as it is defined."""

import keras
import numpy as np
import pytest

from components.fusion.optimizer import OPTIMIZERS, make, optimizer_call, write
from components.recipe import Training


def moved(settings, gradients, start):
    """The weights after a step for each gradient."""
    weights, optimizer = keras.Variable(start), make(optimizer_call(settings))
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weights])
    return weights.numpy()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_that_of_keras_and_is_written_as_it_is_made(name):
    plain = keras.optimizers.get({"class_name": name, "config": {"learning_rate": 0.01}})
    ours, written = (get(optimizer_call(Training(optimizer=name, learning_rate=0.01))) for get in (make, write))
    configs = [each.get_config() for each in (plain, ours, eval(written))]
    for config in configs:
        config.update(name=None, learning_rate=float(config["learning_rate"]))
    assert configs[0] == configs[1] == configs[2]


def test_momentum_is_the_recursion():
    settings = Training(optimizer="sgd", learning_rate=0.1, momentum=0.9)
    # The velocities are -0.1 and 0.9 · -0.1 - 0.2 = -0.29.
    np.testing.assert_allclose(moved(settings, [[1.0], [2.0]], [1.0]), [1 - 0.1 - 0.29], atol=1e-6)


def test_a_gradient_is_clipped_to_the_norm_over_all_weights():
    weights = [keras.Variable([0.0]), keras.Variable([0.0])]
    optimizer = make(optimizer_call(Training(optimizer="sgd", learning_rate=1, clip_norm=1)))
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
    assert make(call).weight_decay == keras.optimizers.AdamW().weight_decay
