import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_squared_error

from components.recipe import Data, FusionGraph, Input, InputNode, OutputNode, Recipe, Target
from components.training.losses import gives_logits, objectives
from components.training.metrics import metric_of


def ending(units, *last):
    x = keras.Input((units,))
    y = x
    for layer in last:
        y = layer(y)
    return keras.Model(x, y)


def nested():
    inner = ending(3, keras.layers.Dense(3))
    x = keras.Input((3,))
    return keras.Model(x, inner(x))


def averaged():
    x = keras.Input((3,))
    return keras.Model(x, keras.layers.Average()([keras.layers.Dense(3, "softmax")(x), keras.layers.Dense(3, "softmax")(x)]))


@pytest.mark.parametrize(
    ("model", "logits"),
    [
        (ending(3, keras.layers.Dense(3)), True),
        (ending(3, keras.layers.Dense(3, "softmax")), False),
        (ending(3, keras.layers.Dense(3), keras.layers.Softmax()), False),
        (ending(3, keras.layers.Dense(3), keras.layers.Activation("softmax")), False),
        (ending(3, keras.layers.Dense(3, "softmax"), keras.layers.Activation("linear")), False),
        (nested(), True),
        (averaged(), False),
    ],
)
def test_the_last_activation_says_whether_an_output_holds_logits(model, logits):
    assert gives_logits(model.outputs[0]) is logits


def recipe_of(task, classes, *weights):
    """A recipe with an output for each loss weight, or one."""
    target = Target(name="y", task=task, classes=tuple(map(str, range(classes))))
    inputs = (Input(name="x", shape=(1,)),)
    ends = [OutputNode(id=f"y-{place}", inputs=("x",), loss_weight=weight) for place, weight in enumerate(weights or (1.0,))]
    graph = FusionGraph(nodes=(InputNode(id="x", shape=(1,)), *ends))
    return Recipe(data=Data(sha256="", file_name="", inputs=inputs, target=target), graph=graph)


def probabilities_of(values, logits):
    if not logits:
        return values
    powers = np.exp(values)
    return powers / powers.sum(axis=1, keepdims=True) if values.shape[1] > 1 else 1 / (1 + np.exp(-values))


@pytest.mark.parametrize("logits", [True, False])
@pytest.mark.parametrize(("task", "units", "classes"), [("multiclass", 4, 4), ("binary", 2, 2), ("binary", 1, 2)])
def test_classifications_are_trained_on_cross_entropy(task, units, classes, logits):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, units)).astype(np.float32)
    if not logits:
        values = probabilities_of(values, True)
    activation = "linear" if logits else "softmax" if units > 1 else "sigmoid"
    (goal,) = objectives(recipe_of(task, classes), ending(units, keras.layers.Dense(units, activation)))
    target = rng.integers(0, classes, 50).astype(np.float32 if task == "binary" else np.int64)
    probabilities = probabilities_of(values, logits)
    if units == 1:
        probabilities = np.concatenate([1 - probabilities, probabilities], axis=1)
    assert float(goal.loss(goal.target(target), values)) == pytest.approx(log_loss(target, probabilities), rel=1e-4)
    goal.metric.update_state(goal.target(target), values)
    assert float(goal.metric.result()) == pytest.approx((probabilities.argmax(axis=1) == target).mean())
    assert goal.metric.name == metric_of(task)


def test_a_loss_counts_as_often_as_its_weight_says():
    rng = np.random.default_rng(0)
    target, predicted = rng.normal(size=50).astype(np.float32), rng.normal(size=(2, 50, 1)).astype(np.float32)
    x = keras.Input((1,))
    model = keras.Model(x, [keras.layers.Dense(1)(x), keras.layers.Dense(1)(x)])
    goals = objectives(recipe_of("regression", 0, 3.0, 0.5), model)
    for goal, given, weight in zip(goals, predicted, (3.0, 0.5), strict=True):
        expected = weight * mean_squared_error(target, given)
        assert float(goal.weighted_loss(goal.target(target), given)) == pytest.approx(expected, rel=1e-5)


def test_a_regression_is_trained_on_squared_error():
    rng = np.random.default_rng(0)
    target, predicted = rng.normal(size=50).astype(np.float32), rng.normal(size=(50, 1)).astype(np.float32)
    (goal,) = objectives(recipe_of("regression", 0), ending(1, keras.layers.Dense(1)))
    assert float(goal.loss(goal.target(target), predicted)) == pytest.approx(mean_squared_error(target, predicted), rel=1e-5)
    goal.metric.update_state(goal.target(target), predicted)
    assert float(goal.metric.result()) == pytest.approx(np.abs(target - predicted[:, 0]).mean(), rel=1e-5)
    assert goal.metric.name == metric_of("regression")
