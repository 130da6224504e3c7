"""Members with a learning rate of their own: each moves as under an optimizer of its own, whatever the optimizer."""

import keras
import numpy as np
import pytest

from components.fusion.branch import branch
from components.fusion.keras_calls import make
from components.fusion.optimizer import OPTIMIZERS, optimizer_call
from components.gradients.update import step_norms
from components.gradients.weight_numbers import WeightNumbers
from components.recipe import Training
from components.training.batches import training_batches
from components.training.run import train

SHARES = {"a": 0.25, "b": 1.0}


def moved(optimizers, gradients):
    """Two variables after a step for each pair of gradients: with one optimizer for both, or with one for each."""
    variables = [keras.Variable([1.0, -2.0]), keras.Variable([[0.5], [3.0]])]
    for variable, share in zip(variables, SHARES.values(), strict=True):
        variable.rate = share
    for pair in gradients:
        tensors = [keras.ops.convert_to_tensor(gradient.astype("float32")) for gradient in pair]
        if len(optimizers) == 1:
            optimizers[0].apply(tensors, variables)
        else:
            for optimizer, tensor, variable in zip(optimizers, tensors, variables, strict=True):
                optimizer.apply([tensor], [variable])
    return [variable.numpy() for variable in variables]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_variable_moves_as_under_an_optimizer_of_its_own(name):
    random = np.random.default_rng(0)
    gradients = [(random.normal(size=2), random.normal(size=(2, 1))) for _ in range(6)]
    settings = {"optimizer": name, "weight_decay": 0.1, "momentum": 0.8, "schedule": "exponential", "decay_epochs": 1}
    together = make(optimizer_call(Training(learning_rate=0.02, **settings), own_rates=True), 3)
    apart = [make(optimizer_call(Training(learning_rate=0.02 * share, **settings)), 3) for share in SHARES.values()]
    for one, other in zip(moved([together], gradients), moved(apart, gradients), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_gradients_are_clipped_together_before_the_shares():
    settings = Training(optimizer="sgd", learning_rate=1, clip_norm=1)
    optimizer = make(optimizer_call(settings, own_rates=True), 1)
    first, second = moved([optimizer], [(np.array([3.0, 0.0]), np.array([[4.0], [0.0]]))])
    np.testing.assert_allclose(first, [1 - 0.25 * 0.6, -2], atol=1e-6)
    np.testing.assert_allclose(second, [[0.5 - 0.8], [3]], atol=1e-6)


def test_rows_of_an_embedding_move_at_its_share():
    table = keras.layers.Embedding(5, 2)
    table.build()
    table.embeddings.rate = 0.5
    before = table.embeddings.numpy()
    model = keras.Sequential([keras.Input((1,), dtype="int32"), table, keras.layers.Flatten()])
    model.compile(
        make(optimizer_call(Training(optimizer="sgd", learning_rate=0.1), own_rates=True), 1), "mse", jit_compile=False
    )
    model.train_on_batch(np.array([[3]]), np.zeros((1, 2)))
    expected = before.copy()
    # The loss is the mean over the two numbers of the row.
    expected[3] -= 0.5 * 0.1 * before[3]
    np.testing.assert_allclose(table.embeddings.numpy(), expected, atol=1e-6)


def test_the_first_step_that_gradients_tell_of_is_that_of_each_member():
    variables = [keras.Variable([1.0, 2.0]), keras.Variable([3.0, 4.0]), keras.Variable([5.0])]
    variables[1].rate = 0.5
    gradients = [(variable, keras.ops.convert_to_tensor(np.full(variable.shape, 2.0, "float32"))) for variable in variables]
    norms = step_norms(Training(optimizer="sgd", learning_rate=0.1), gradients, WeightNumbers())
    moved = [norms[id(variable)] for variable in variables]
    np.testing.assert_allclose(moved, [0.2 * 2**0.5, 0.1 * 2**0.5, 0.2], rtol=1e-5)


@pytest.mark.parametrize("averaging", [0.0, pytest.param(0.8, marks=pytest.mark.nightly)])
def test_a_run_with_a_slow_member_is_plain_keras_with_two_optimizers(digits, recipe, network, tmp_path, plain_keras, averaging):
    samples, splits = digits
    models = []
    for _ in range(2):
        x = keras.Input((64,), name="x")
        slow = branch(network(units=12, activation="relu"), "m", rate=0.1)
        keras.utils.set_random_seed(2)
        models.append(keras.Model(x, keras.layers.Dense(10, activation="softmax", name="head")(slow(x))))
    ours, plain = models
    settings = {"optimizer": "sgd", "momentum": 0.9, "weight_decay": 0.1}
    asked = recipe(epochs=2, batch_size=100, learning_rate=0.01, weight_averaging=averaging, **settings)
    train(asked, ours, *digits, lambda point: None, lambda: False)

    groups = [(plain.get_layer("m").trainable_variables, 0.001), (plain.get_layer("head").trainable_variables, 0.01)]
    optimizers = [keras.optimizers.SGD(rate, momentum=0.9, weight_decay=0.1) for _, rate in groups]
    averages = None
    loss = keras.losses.SparseCategoricalCrossentropy()
    batches, epoch = training_batches([samples.inputs["x"][splits.training]], [samples.target[splits.training]], 100, 0)
    for number in range(2):
        epoch.assign(number)
        for x, y in batches:
            gradients = gradients_of(plain, loss, x, y)
            for optimizer, (variables, _) in zip(optimizers, groups, strict=True):
                optimizer.apply([gradients[id(variable)] for variable in variables], variables)
            now = [variable.numpy() for variable in plain.trainable_variables]
            averages = now if averages is None else [0.8 * a + 0.2 * b for a, b in zip(averages, now, strict=True)]
    expected = averages if averaging else [variable.numpy() for variable in plain.trainable_variables]
    for one, other in zip(ours.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(one.numpy(), other, atol=1e-5)
    if not averaging:
        ours.save(tmp_path / "model.keras")
        x = samples.inputs["x"][:20]
        np.testing.assert_allclose(plain_keras.predict(tmp_path / "model.keras", [x])[0], ours.predict(x, verbose=0), atol=1e-6)


def gradients_of(model, loss, x, y):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = loss(y, model(x, training=True))
    variables = model.trainable_variables
    return {id(each): gradient for each, gradient in zip(variables, tape.gradient(value, variables), strict=True)}
