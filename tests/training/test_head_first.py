"""A run in two phases: the head over members that are held still, then everything, as plain Keras by hand does it."""

import keras
import numpy as np
import pytest

from components.recipe import Refusal
from components.training import prepare
from components.training.batches import training_batches
from components.training.frozen import halves
from components.training.run import train


def member(seed=1):
    """A network with dropout and batch normalisation, named as the recipe's member."""
    keras.utils.set_random_seed(seed)
    x = keras.Input((64,))
    h = keras.layers.BatchNormalization()(keras.layers.Dense(16, activation="relu")(x))
    return keras.Model(x, keras.layers.Dropout(0.3, seed=7)(h), name="m")


def fused(rate=1.0):
    x, branch = keras.Input((64,), name="x"), member()
    for variable in branch.trainable_variables:
        variable.rate = rate
    keras.utils.set_random_seed(2)
    return keras.Model(x, keras.layers.Dense(10, activation="softmax", name="head")(branch(x)))


def by_hand(model, digits, recipe):
    """Two phases in plain Keras: the head over the member's features, then all of it with another optimizer."""
    (samples, splits), settings = digits, recipe.training
    x, y = ([array[part] for part in (splits.training, splits.validation)] for array in (samples.inputs["x"], samples.target))
    branch, layer = model.get_layer("m"), model.get_layer("head")
    features = keras.Input((16,))
    head = keras.Model(features, layer(features))
    best, best_loss, epoch = None, np.inf, 0
    for learner, rate, epochs, given in (
        (head, settings.learning_rate, settings.head_epochs, [branch(each, training=False).numpy() for each in x]),
        (model, settings.learning_rate * 0.1, settings.epochs - settings.head_epochs, x),
    ):
        learner.compile(keras.optimizers.SGD(rate, momentum=0.9), "sparse_categorical_crossentropy", jit_compile=False)
        batches, number = training_batches([given[0]], [y[0]], settings.batch_size, recipe.seed)
        for _ in range(epochs):
            number.assign(epoch)
            for batch in batches:
                learner.train_on_batch(*batch)
            loss = float(learner.evaluate(given[1], y[1], verbose=0))
            if loss < best_loss:
                best_loss, best = loss, model.get_weights()
            epoch += 1
        model.set_weights(best)


@pytest.mark.parametrize("cached", [True, False])
def test_two_phases_are_those_of_plain_keras(digits, recipe, monkeypatch, cached):
    asked = recipe(epochs=5, head_epochs=2, batch_size=100, learning_rate=0.02, optimizer="sgd", momentum=0.9)
    cut = []

    def noted(model, samples):
        cut.append(halves(model, samples) if cached else None)
        return cut[-1]

    monkeypatch.setattr(prepare, "halves", noted)
    points, ours, plain = [], fused(), fused()
    trained = train(asked, ours, *digits, points.append, lambda: False)
    assert [each is not None for each in cut] == [cached, False], "the member's features are computed once in the first phase"
    assert trained.epochs == 5 and points[-1].epoch == 5
    by_hand(plain, digits, asked)
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_members_do_not_move_in_the_first_phase_and_keep_what_was_frozen(digits, recipe):
    asked = recipe(epochs=1, head_epochs=3, learning_rate=0.02)
    model = fused()
    model.get_layer("m").layers[1].trainable = False
    before = model.get_layer("m").get_weights()
    trained = train(asked, model, *digits, lambda point: None, lambda: False)
    assert trained.epochs == 1, "no more epochs than the run has"
    for now, then in zip(model.get_layer("m").get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert [layer.trainable for layer in model.get_layer("m").layers] == [True, False, True, True]


def test_a_layout_without_a_head_is_refused(digits, recipe):
    x, branch = keras.Input((64,), name="x"), member()
    whole = keras.Model(branch.input, keras.layers.Dense(10, activation="softmax")(branch.output), name="m")
    with pytest.raises(Refusal, match="no weights of its own"):
        train(recipe(head_epochs=1), keras.Model(x, whole(x)), *digits, lambda point: None, lambda: False)
