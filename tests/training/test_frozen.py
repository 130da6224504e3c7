import keras
import numpy as np
import pytest

from components.recipe import FusionGraph, InputNode, OutputNode
from components.training import frozen, prepare
from components.training.frozen import halves
from components.training.run import train


def member(name, trainable, seed):
    keras.utils.set_random_seed(seed)
    x = keras.Input((64,))
    h = keras.layers.BatchNormalization(name=f"{name}-normal")(keras.layers.Dense(12, "relu", name=f"{name}-dense")(x))
    model = keras.Model(x, h, name=name)
    model.trainable = trainable
    return model


def fused(first_frozen=True, second_frozen=True):
    """Two members and a head, with dropout behind them."""
    x = keras.Input((64,), name="x")
    branches = [member("a", not first_frozen, 1)(x), member("b", not second_frozen, 2)(x)]
    h = keras.layers.Dropout(0.3, seed=4)(keras.layers.Concatenate()(branches))
    keras.utils.set_random_seed(3)
    return keras.Model(x, keras.layers.Dense(10, "softmax", name="head")(h))


@pytest.mark.parametrize(
    ("frozen_members", "settings"),
    [
        ((True, True), {}),
        ((True, False), {}),
        ((True, False), {"optimizer": "sgd", "momentum": 0.9, "clip_norm": 0.5, "weight_decay": 0.01}),
        ((True, False), {"schedule": "one-cycle", "warm_up": 1, "balance_classes": True}),
    ],
)
def test_a_run_over_features_is_the_run_over_inputs(digits, recipe, monkeypatch, frozen_members, settings):
    asked = recipe(epochs=3, batch_size=40, learning_rate=0.01, **settings)
    models, curves = [], []
    for cut in (halves, lambda model, samples: None):
        monkeypatch.setattr(prepare, "halves", cut)
        model, points = fused(*frozen_members), []
        assert (cut is halves) == (cut(model, 100) is not None)
        train(asked, model, *digits, points.append, lambda: False)
        models.append(model)
        curves.append([(point.loss, point.metric) for point in points if point.split == "validation"])
    np.testing.assert_allclose(*curves, atol=1e-5)
    for with_features, plain in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(with_features, plain, atol=1e-5)


def in_a_chain():
    """A frozen member, and the same one again behind an adapter that is trained."""
    x, shared = keras.Input((64,)), keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, "tanh")], name="a")
    shared.trainable = False
    keras.utils.set_random_seed(3)
    return keras.Model(x, keras.layers.Dense(10, "softmax")(shared(keras.layers.Dense(64)(shared(x)))))


def test_a_frozen_member_that_stands_again_behind_an_adapter_is_run_once_where_it_can_be(digits, recipe, monkeypatch):
    keras.utils.set_random_seed(1)
    plain, ours = in_a_chain(), in_a_chain()
    ours.set_weights(plain.get_weights())
    assert [tuple(tensor.shape) for tensor in halves(ours, 100).second.inputs] == [(None, 64)]
    asked = recipe(epochs=2, batch_size=40, learning_rate=0.01)
    train(asked, ours, *digits, lambda point: None, lambda: False)
    monkeypatch.setattr(prepare, "halves", lambda model, samples: None)
    train(asked, plain, *digits, lambda point: None, lambda: False)
    for one, other in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_what_several_layouts_take_of_a_member_is_kept_once():
    x = keras.Input((64,))
    a, b = member("a", False, 1)(x), member("b", False, 2)(x)
    layers = keras.layers
    joined = [layers.Concatenate()([a, b]), layers.Multiply()([a, b]), layers.Average()([a, b]), layers.Dot(1)([a, b])]
    cut = halves(keras.Model(x, [layers.Dense(10)(each) for each in joined]), 100)
    # Their scalar product takes less room than they do, but they are there already.
    assert [tuple(tensor.shape) for tensor in cut.second.inputs] == [(None, 12), (None, 12)]
    alone = halves(keras.Model(x, layers.Dense(10)(joined[-1])), 100)
    assert [tuple(tensor.shape) for tensor in alone.second.inputs] == [(None, 1)]


# Keras writes its variables into HDF5 in a way that NumPy 2 deprecates.
def test_frozen_weights_and_statistics_stay_to_the_bit_and_the_file_opens(digits, recipe, tmp_path):
    model = fused(True, False)
    before = model.get_layer("a").get_weights()
    train(recipe(epochs=2), model, *digits, lambda point: None, lambda: False)
    for now, then in zip(model.get_layer("a").get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    x = digits[0].inputs["x"][:20]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)


def test_what_is_unfrozen_learns_in_the_next_run_and_would_not_in_keras_without_compiling_again(digits, recipe):
    asked = recipe(epochs=1, learning_rate=0.01)
    (x, y), plain = (digits[0].inputs["x"][:64], digits[0].target[:64]), fused()
    plain.compile("adam", "sparse_categorical_crossentropy", jit_compile=False)
    plain.fit(x, y, verbose=0)
    ours = fused()
    train(asked, ours, *digits, lambda point: None, lambda: False)
    kernels = []
    for model in (plain, ours):
        model.get_layer("a").trainable = True
        kernels.append(model.get_layer("a").get_layer("a-dense").kernel)
    before = [kernel.numpy().copy() for kernel in kernels]
    plain.fit(x, y, verbose=0)
    train(asked, ours, *digits, lambda point: None, lambda: False)
    np.testing.assert_array_equal(kernels[0].numpy(), before[0])
    assert np.abs(kernels[1].numpy() - before[1]).max() > 1e-3


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_features_are_those_of_the_layers_for_any_number_of_samples(digits, count):
    model, x = fused(), digits[0].inputs["x"][:count]
    features = halves(model, count).arrays([x], lambda: False)
    expected = [model.get_layer(name)(x, training=False).numpy() for name in "ab"]
    for feature, each in zip(features, expected, strict=True):
        np.testing.assert_allclose(feature, each, atol=1e-6)


def test_normalization_folded_into_convolutions_gives_the_same_features():
    """Weights as after training: scales, offsets and moments that are not those of a fresh layer."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    convolutions = [
        each for _ in range(3) for each in (layers.Conv2D(8, 3, padding="same"), layers.BatchNormalization(), layers.ReLU())
    ]
    member = keras.Sequential([keras.Input((8, 8, 1)), *convolutions, layers.Flatten()])
    random = np.random.default_rng(0)
    for layer in member.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 2, 8) for _ in layer.get_weights()])
    member.trainable = False
    x = keras.Input((8, 8, 1))
    pictures = random.random((frozen.FEWEST_TO_FOLD + 5, 8, 8, 1), np.float32)
    [features] = halves(keras.Model(x, layers.Dense(3)(member(x))), len(pictures)).arrays([pictures], lambda: False)
    np.testing.assert_allclose(features, member.predict(pictures, verbose=0), rtol=1e-5, atol=1e-5)


def test_what_the_second_half_takes():
    cut = halves(fused(True, False), 100)
    assert cut.passed == (0,)
    assert [tuple(tensor.shape) for tensor in cut.second.inputs] == [(None, 64), (None, 12)]


def behind_dropout():
    x = keras.Input((64,))
    dense = keras.layers.Dense(8, trainable=False)
    return keras.Model(x, keras.layers.Dense(10)(dense(keras.layers.Dropout(0.5)(x))))


def without_weights():
    x = keras.Input((64,))
    return keras.Model(x, keras.layers.Dense(10)(keras.layers.Rescaling(0.5)(x)))


def behind_what_is_trained():
    x = keras.Input((64,))
    return keras.Model(x, keras.layers.Dense(10, trainable=False)(keras.layers.Dense(8)(x)))


def all_frozen():
    return keras.Model(*(lambda x: (x, keras.layers.Dense(10, trainable=False)(x)))(keras.Input((64,))))


@pytest.mark.parametrize("make", [behind_dropout, without_weights, behind_what_is_trained, all_frozen])
def test_what_cannot_be_run_once_is_left_to_keras(make):
    assert halves(make(), 100) is None


def test_features_that_would_fill_the_memory_are_left_to_keras(monkeypatch):
    monkeypatch.setattr(frozen, "MOST_BYTES", 24 * 4 * 100)
    assert halves(fused(), 100) is not None
    assert halves(fused(), 101) is None


def test_a_stop_is_heard_while_features_are_computed(digits, recipe):
    points = []
    trained = train(recipe(epochs=2), fused(), *digits, points.append, lambda: True)
    assert trained.stopped and trained.steps == 0 and points == []


def test_two_inputs_of_which_one_is_frozen(digits, recipe):
    a, b = keras.Input((64,), name="a"), keras.Input((64,), name="b")
    head = keras.layers.Dense(10, "softmax")(keras.layers.Concatenate()([member("m", False, 1)(a), b]))
    nodes = (*(InputNode(id=f"x-{each}", shape=(64,), data="x") for each in "ab"), OutputNode(id="y", inputs=("x-a",)))
    asked = recipe(epochs=2, learning_rate=0.01).model_copy(update={"graph": FusionGraph(nodes=nodes)})
    points = []
    train(asked, keras.Model([a, b], head), *digits, points.append, lambda: False)
    assert points[-1].loss < points[0].loss / 2
