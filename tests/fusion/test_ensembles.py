"""What theory says of ensembles, on built models: against NumPy, SciPy and scikit-learn."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import scipy.special
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from components.fusion.build import build
from tests.fusion.members import CASES, DIGITS, NUMBER, Case, dense

LABELS = np.arange(40) % 3


def _members(case: Case) -> np.ndarray:
    return np.array([model(case.samples, training=False).numpy().astype("float64") for model in case.models.values()])


def _fused(case: Case, layout: str, **options: object) -> np.ndarray:
    return case.predict(build(case.recipe(layout, **options), case.models))[0]


def _nll(probabilities: np.ndarray) -> np.ndarray:
    """The negative log likelihood of each sample."""
    return -np.log(np.clip(probabilities[..., np.arange(40), LABELS], 1e-12, None))


@pytest.mark.parametrize("layout", ["average", "weighted-average", "mixture-of-experts"])
def test_the_loss_of_a_mean_is_never_above_the_mean_loss_on_any_sample(layout: str) -> None:
    case = Case({f"m{width}": dense(hidden=width) for width in (3, 5, 8)})
    members = _nll(_members(case))
    fused = _nll(_fused(case, layout))
    assert np.all(fused <= members.mean(axis=0) + 1e-5) and np.any(fused < members.mean(axis=0) - 1e-3)


def test_the_error_of_a_mean_is_the_mean_error_less_the_ambiguity() -> None:
    case = Case(
        {name: dense(units=1, activation=None, hidden=width) for name, width in zip("abc", (3, 5, 8), strict=True)},
        target=NUMBER,
    )
    members, mean, goal = _members(case), _fused(case, "average").astype("float64"), case.labels[:, None].astype("float64")
    ambiguity = np.mean((members - mean) ** 2, axis=0)
    np.testing.assert_allclose((mean - goal) ** 2, np.mean((members - goal) ** 2, axis=0) - ambiguity, atol=1e-4, rtol=1e-5)


def test_averaging_what_linear_members_say_is_averaging_their_weights() -> None:
    def linear() -> keras.Model:
        return keras.Sequential([keras.layers.Input((12,)), keras.layers.Dense(1, bias_initializer="normal")])

    case = Case({"a": linear(), "b": linear(), "c": linear()}, target=NUMBER)
    kernel, bias = (
        np.mean(each, axis=0) for each in zip(*(model.get_weights() for model in case.models.values()), strict=True)
    )
    np.testing.assert_allclose(_fused(case, "average"), case.samples @ kernel + bias, atol=1e-5)


def _as_keras(classifier: LogisticRegression) -> keras.Model:
    dense = keras.layers.Dense(3, activation="softmax")
    model = keras.Sequential([keras.layers.Input((12,)), dense])
    dense.set_weights([classifier.coef_.T, classifier.intercept_])
    return model


def test_a_soft_and_a_hard_vote_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(5)
    samples = random.uniform(0, 9, (40, 12))
    classifiers = []
    for number in range(3):
        rows = random.choice(40, 25, replace=False)
        classifiers.append(LogisticRegression(C=0.01 * 10**number, max_iter=5000).fit(samples[rows], LABELS[rows]))
    case = Case(dict(zip("abc", map(_as_keras, classifiers), strict=True)), target=DIGITS)
    named = [(name, FrozenEstimator(each)) for name, each in zip("abc", classifiers, strict=True)]
    for weights in ((1, 1, 1), (1, 3, 0.5)):
        soft = VotingClassifier(named, voting="soft", weights=weights).fit(case.samples, LABELS).predict_proba(case.samples)
        np.testing.assert_allclose(_fused(case, "weighted-average", weights=weights), soft, atol=1e-5)
        hard = VotingClassifier(named, voting="hard", weights=weights).fit(case.samples, LABELS).predict(case.samples)
        votes = np.array([np.eye(3)[each.predict(case.samples)] for each in classifiers])
        ordered = np.sort(np.tensordot(weights, votes, 1), axis=1)
        clear = ordered[:, -1] > ordered[:, -2]
        ours = _fused(case, "weighted-vote", weights=weights).argmax(axis=1)
        assert clear.sum() > 20
        np.testing.assert_array_equal(ours[clear], hard[clear])
    soft = VotingClassifier(named, voting="soft").fit(case.samples, LABELS).predict_proba(case.samples)
    np.testing.assert_allclose(_fused(case, "average"), soft, atol=1e-5)
    np.testing.assert_array_equal(_fused(case, "weighted-vote"), _fused(case, "majority-vote"))


def test_a_logit_average_counts_each_member_by_its_weight() -> None:
    case = CASES["dense and dense, equal layer names"]()
    first, second = np.log(np.clip(_members(case), 1e-7, 1))
    expected = scipy.special.softmax(0.25 * first + 0.75 * second, axis=1)
    np.testing.assert_allclose(_fused(case, "logit-average", weights=(1, 3)), expected, atol=1e-6)
    np.testing.assert_allclose(_fused(case, "logit-average", weights=(0, 2)), np.exp(second), atol=1e-6)


@pytest.mark.parametrize(("layout", "power"), [("logit-average", 0.5), ("product", 1.0)])
def test_a_member_that_rules_a_class_out_does_not_decide_alone(layout: str, power: float) -> None:
    for model in (certain := dense(), doubting := dense()):
        model.get_layer("out").set_weights([np.zeros((5, 3)), np.array([200.0, 0, 0] if model is certain else [-9.0, 9, 0])])
    case = Case({"certain": certain, "doubting": doubting})
    assert (_members(case)[0] == [1, 0, 0]).all(), "no probability is left for the others"
    weights = np.prod(np.clip(_members(case), 1e-7, 1) ** power, axis=0)
    expected = weights / weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(_fused(case, layout), expected, rtol=1e-4)
    assert expected[0, 1] > 0.1


def test_a_cascade_ends_at_its_first_and_at_its_last_member_and_asks_the_first_ever_less() -> None:
    case = Case({f"m{width}": dense(hidden=width) for width in (3, 5, 8)})
    members = _members(case)
    np.testing.assert_allclose(_fused(case, "confidence-cascade", threshold=0), members[0], atol=1e-6)
    np.testing.assert_allclose(_fused(case, "confidence-cascade", threshold=1.01), members[2], atol=1e-6)
    shares = []
    for threshold in (0.4, 0.6, 0.8, 0.9, 0.99, 1.0):
        fused = _fused(case, "confidence-cascade", threshold=threshold)
        sure = members.max(axis=2) >= threshold
        answering = np.where(sure[0], 0, np.where(sure[1], 1, 2))
        np.testing.assert_allclose(fused, members[answering, np.arange(40)], atol=1e-6)
        shares.append(np.mean(np.abs(fused - members[0]).max(axis=1) < 1e-6))
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[-1]


@pytest.mark.parametrize("case_name", ["dense and dense, equal layer names", "sigmoid and two classes"])
def test_a_temperature_keeps_the_answer_and_changes_how_sure_it_is(case_name: str) -> None:
    case = CASES[case_name]()
    mean = _fused(case, "average").astype("float64")
    both = mean if mean.shape[1] > 1 else np.concatenate([1 - mean, mean], axis=1)
    for temperature in (0.5, 1.0, 4.0):
        scaled = scipy.special.softmax(np.log(np.clip(both, 1e-7, 1)) / temperature, axis=1)
        fused = _fused(case, "temperature", temperature=temperature)
        np.testing.assert_allclose(fused, scaled if mean.shape[1] > 1 else scaled[:, 1:], atol=1e-5)
        assert np.array_equal(scaled.argmax(axis=1), both.argmax(axis=1))


def test_a_learned_temperature_lowers_the_loss_on_what_it_is_fitted_to() -> None:
    case = Case({"a": dense(), "b": dense(hidden=7)}, settings={"a": {"frozen": True}, "b": {"frozen": True}})
    model = build(case.recipe("temperature"), case.models)
    assert [weight.path for weight in model.trainable_weights] == ["temperature/kernel"]
    model.compile(keras.optimizers.Adam(0.3), "sparse_categorical_crossentropy", run_eagerly=True)
    before = _nll(case.predict(model)[0]).mean()
    model.fit(case.samples, LABELS, epochs=8, batch_size=40, verbose=0)
    assert _nll(case.predict(model)[0]).mean() < before - 0.1
    assert float(np.exp(-model.get_layer("temperature").kernel.numpy().item())) > 1.5


@pytest.mark.parametrize("case_name", ["logits and softmax", "score and two logits", "regression"])
def test_stacking_starts_at_the_average_of_the_logits(case_name: str) -> None:
    case = CASES[case_name]()
    fused = _fused(case, "stacking")
    if case_name == "regression":
        expected = _members(case).mean(axis=0)
    elif case_name == "logits and softmax":
        logits, shares = _members(case)
        expected = scipy.special.softmax((logits + np.log(np.clip(shares, 1e-7, 1))) / 2, axis=1)
    else:
        score, logits = (model(case.samples, training=False).numpy() for model in case.models.values())
        odds = np.log(np.clip(scipy.special.expit(score), 1e-7, 1)) - np.log(np.clip(scipy.special.expit(-score), 1e-7, 1))
        expected = scipy.special.expit((odds + logits[:, 1:] - logits[:, :1]) / 2)
    np.testing.assert_allclose(fused, expected, atol=2e-5)


def test_stacking_joins_members_that_predict_something_else_and_says_where_it_starts() -> None:
    case = CASES["other classes"]()
    planned = case.plan("stacking")
    assert planned.notes[-1].sentence == ("The layer starts at random, since five predicts something else than the target.")
    model = build(case.recipe("stacking"), case.models)
    kernel, bias = model.get_layer("stacking").get_weights()
    said = np.concatenate([each(case.samples, training=False).numpy() for each in case.models.values()], axis=1)
    np.testing.assert_allclose(case.predict(model)[0], scipy.special.softmax(said @ kernel + bias, axis=1), atol=1e-5)


def test_boosting_teaches_the_last_member_what_the_first_leaves() -> None:
    case = Case({"tree": dense(units=1, activation=None), "step": dense(units=1, activation=None)}, target=NUMBER)
    first, second = _members(case)
    model = build(case.recipe("boosting", rate=0.5), case.models)
    np.testing.assert_allclose(case.predict(model)[0], first + 0.5 * second, atol=1e-5)
    before = {weight.path: weight.numpy().copy() for weight in model.weights}
    model.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=True)
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        model.fit(case.samples, case.labels, epochs=1, batch_size=40, verbose=0)
    moved = {weight.path for weight in model.weights if np.any(weight.numpy() != before[weight.path])}
    assert moved and all(path.startswith("step.") for path in moved)


@pytest.mark.parametrize("case_name", ["images of other sizes", "dense and recurrent", "score and two logits"])
@pytest.mark.parametrize("through", ["features", "prediction"])
def test_a_residual_series_starts_at_its_last_member(case_name: str, through: str) -> None:
    case = CASES[case_name]()
    last = list(case.models.values())[-1](case.samples, training=False).numpy()
    if case_name == "images of other sizes":
        last = scipy.special.softmax(last, axis=1)
    elif case_name == "score and two logits":
        last = scipy.special.softmax(last, axis=1)[:, 1:]
    np.testing.assert_allclose(_fused(case, "residual-series", through=through), last, atol=1e-6)


@pytest.mark.parametrize("members", [2, 16])
def test_many_members_are_joined_as_numpy_joins_them(members: int) -> None:
    models = {f"m{number}": dense(hidden=2) for number in range(members)}
    case = Case(models)
    shares = np.clip(_members(case), 1e-7, 1)
    expected = {
        "stacking": scipy.special.softmax(np.log(shares).mean(axis=0), axis=1),
        "union": shares.max(axis=0) / shares.max(axis=0).sum(axis=1, keepdims=True),
        "boosting": scipy.special.softmax(np.log(shares[0]) + 0.1 * np.log(shares[1:]).sum(axis=0), axis=1),
    }
    for layout, answer in expected.items():
        np.testing.assert_allclose(_fused(case, layout), answer, atol=2e-5)
