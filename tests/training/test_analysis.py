"""What is found of a test split, against numbers counted by hand, SciPy, and simulations whose truth is known."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from scipy import special, stats
from scipy.stats import binomtest
from sklearn import metrics

from components.data.samples import Samples
from components.recipe import Input, Target
from components.training import tested as predictions
from components.training.analysis.analyse import ANALYSES, analyse
from components.training.analysis.comparison import bootstrap_p, comparison, holm, mcnemar
from components.training.analysis.confusion import confusion
from components.training.analysis.curves import MOST_POINTS, curves, roc_and_precision
from components.training.analysis.findings import Analysis, Findings
from components.training.analysis.labels import labels
from components.training.analysis.mistakes import mistakes
from components.training.analysis.reliability import reliability, temperature
from components.training.analysis.residuals import residuals
from components.training.analysis.verdict import LUCK
from components.training.measures import bootstrap_means

ABC = ("a", "b", "c")


def on_test(truth, fused, task="multiclass", classes=ABC, inputs=(), arrays=None, **others):
    """The fused model's predictions and those of members, whose names are the keywords; `average` is the plain average."""
    truth = np.asarray(truth)
    samples = Samples(arrays or {}, truth, task, np.arange(len(truth)) + 100)
    named = {"fused model": ("fused", fused)}
    for name, prediction in others.items():
        named["plain average" if name == "average" else name] = ("average" if name == "average" else "member", prediction)
    candidates = [
        predictions.Candidate(name, kind, np.asarray(prediction, float)) for name, (kind, prediction) in named.items()
    ]
    target = Target(name="y", task=task, classes=classes if task != "regression" else ())
    return predictions.Tested("out", target, tuple(inputs), samples, np.arange(len(truth)), tuple(candidates))


def sure(numbers, classes=3, share=0.8):
    """Probabilities that say these classes."""
    rest = (1 - share) / (classes - 1)
    return np.where(np.eye(classes)[np.asarray(numbers)] == 1, share, rest)


def right(mask, classes=2):
    """Truth and probabilities of which those where `mask` is true are right."""
    truth = np.arange(len(mask)) % classes
    return truth, sure(np.where(mask, truth, (truth + 1) % classes), classes)


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_is_a_field_of_what_is_found(name):
    assert name in Findings.model_fields


@pytest.mark.parametrize(
    ("task", "classes"), [("binary", ("no", "yes")), ("multiclass", ABC), ("multilabel", ABC), ("regression", ())]
)
def test_what_applies_to_a_task_is_found_and_survives_as_json(task, classes):
    random = np.random.default_rng(0)
    truths = {"regression": random.random(60), "multilabel": random.integers(2, size=(60, 3)).astype(np.float32)}
    truth = truths.get(task, random.integers(max(2, len(classes)), size=60))
    draw = lambda: random.dirichlet(np.ones(3), 60) if len(classes) == 3 else random.random((60, 1))  # noqa: E731
    found = analyse({"test": (on_test(truth, draw(), task, classes, a=draw(), average=draw()),)})
    names = {name for name, entry in ANALYSES.items() if task in entry.tasks}
    [output] = found.outputs
    assert {name for name in ANALYSES if getattr(output, name) is not None} == names
    assert Analysis.model_validate_json(found.model_dump_json()) == found


def test_a_model_whose_predictions_are_no_numbers_is_not_analysed():
    [output] = analyse({"test": (on_test([0, 1], np.full((2, 3), np.nan), a=sure([0, 1])),)}).outputs
    assert all(getattr(output, name) is None for name in ANALYSES)


def test_confusion_counted_by_hand():
    found = confusion(on_test([0, 0, 0, 1, 1, 2], sure([0, 0, 1, 1, 2, 2])), None)
    assert found.counts == ((2, 1, 0), (0, 1, 1), (0, 0, 1))
    a, b, c = found.classes
    assert (a.precision, a.recall, a.f1, a.samples) == pytest.approx((1, 2 / 3, 0.8, 3))
    assert (b.precision, b.recall, b.f1, b.samples) == pytest.approx((1 / 2, 1 / 2, 1 / 2, 2))
    assert (c.precision, c.recall, c.f1, c.samples) == pytest.approx((1 / 2, 1, 2 / 3, 1))


def test_a_class_that_is_never_said_nor_there_counts_as_zero():
    found = confusion(on_test([0, 1], sure([0, 0])), None)
    assert [each.f1 for each in found.classes] == pytest.approx([2 / 3, 0, 0])


def test_area_below_roc_is_how_often_a_positive_stands_before_a_negative():
    random = np.random.default_rng(1)
    truth, score = random.random(90) < 0.4, random.random(90).round(1)
    pairs = score[truth][:, None] - score[~truth][None]
    found, _ = roc_and_precision("x", truth, score)
    assert found.area == pytest.approx((pairs > 0).mean() + (pairs == 0).mean() / 2)


def test_precision_over_recall_by_hand():
    _, found = roc_and_precision("x", np.array([1, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.1]))
    assert found.area == pytest.approx(1 * 1 / 2 + 2 / 3 * 1 / 2)
    assert (found.x[0], found.y[-1]) == (0, 0.5) and sorted(found.x) == list(found.x)


def test_curves_as_in_scikit_learn():
    random = np.random.default_rng(6)
    truth, score = random.random(80) < 0.3, random.random(80).round(1)
    roc, precision = roc_and_precision("x", truth, score)
    false, true, _ = metrics.roc_curve(truth, score, drop_intermediate=False)
    precise, recall, _ = metrics.precision_recall_curve(truth, score)
    np.testing.assert_allclose((roc.x, roc.y), (false, true), atol=1e-5)
    np.testing.assert_allclose((precision.x, precision.y), (recall[::-1], precise[::-1]), atol=1e-5)
    assert roc.area == pytest.approx(metrics.roc_auc_score(truth, score))
    assert precision.area == pytest.approx(metrics.average_precision_score(truth, score))


def test_curves_of_a_yes_no_task_are_those_of_the_second_class_and_one_for_each_model():
    truth, score = np.array([0, 0, 1, 1]), np.array([[0.1], [0.6], [0.4], [0.9]])
    found = curves(on_test(truth, score, "binary", ("no", "yes"), a=1 - score), None)
    assert [(each.name, each.area) for each in found.roc_by_model] == [("fused model", 0.75), ("a", 0.25)]
    assert found.roc_by_class == () and found.positive == 0.5


def test_a_class_without_samples_has_no_curve_of_its_own():
    found = curves(on_test([0, 1, 0, 1], sure([0, 1, 1, 1])), None)
    assert [each.name for each in found.roc_by_class] == ["a", "b"]


def test_long_curves_are_thinned_without_losing_their_shape():
    random = np.random.default_rng(2)
    truth = random.random(20_000) < 0.01
    found, _ = roc_and_precision("x", truth, truth + random.normal(size=20_000))
    assert len(found.x) <= MOST_POINTS and (found.x[0], found.y[0], found.x[-1], found.y[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(found.y, found.x) == pytest.approx(found.area, abs=0.01)


def test_temperature_is_found_again_and_mends_the_error():
    random = np.random.default_rng(3)
    logits = random.normal(size=(8000, 4)) * 1.5
    truth = (special.softmax(logits, axis=1).cumsum(axis=1) < random.random((8000, 1))).sum(axis=1)
    too_sure = special.softmax(2.5 * logits, axis=1)
    assert temperature(too_sure[:4000], truth[:4000]) == pytest.approx(2.5, rel=0.05)
    classes = tuple("abcd")
    held, test = (on_test(truth[part], too_sure[part], classes=classes) for part in (slice(None, 4000), slice(4000, None)))
    found = reliability(test, held)
    assert found.fitted_on == 4000 and found.plain.error > 0.1 and found.tempered.error < 0.03
    assert sum(each.samples for each in found.plain.bins) == 4000
    assert reliability(test, None).tempered is None


def test_residuals_of_a_line():
    truth = np.arange(10.0)
    found = residuals(on_test(truth, (truth + 1)[:, None], "regression"), None)
    assert (found.error, found.explained) == pytest.approx((1, 1 - 10 / 82.5))
    assert (found.error_low, found.error_high) == pytest.approx((1, 1))
    assert found.truth == tuple(truth) and found.prediction == tuple(truth + 1)


def test_mistakes_are_told_the_surest_first_as_rows_with_words():
    truth, said = [0, 1, 2, 1], [0, 2, 2, 0]
    prediction = np.where(np.array([[1], [0], [1], [1]]), sure(said, share=0.9), sure(said, share=0.5))
    numbers = np.array([[1.5, 1, 0], [2.5, 0, 1], [3.5, 1, 0], [4.5, 0, 0]], np.float32)
    fed = Input(name="x", columns=("height", "colour"), shape=(3,), categories={"colour": ("red", "<b>")})
    found = mistakes(on_test(truth, prediction, inputs=[fed], arrays={"x": numbers}), None)
    assert found.wrong == 2
    first, second = found.shown
    assert (first.row, first.truth, first.said, first.confidence) == (103, "b", "a", pytest.approx(0.9))
    assert (first.values, second.values) == ({"height": 4.5, "colour": ""}, {"height": 2.5, "colour": "<b>"})


def test_mistakes_on_pictures_are_pictures():
    pictures = np.zeros((2, 200, 100, 3), np.float32)
    pictures[1, :, :50, 0] = 7
    fed = Input(name="x", array="x", shape=(200, 100, 3))
    found = mistakes(on_test([0, 1], sure([0, 2]), inputs=[fed], arrays={"x": pictures}), None)
    with Image.open(io.BytesIO(base64.b64decode(found.shown[0].picture))) as image:
        assert image.size == (48, 96) and image.getpixel((3, 3)) == (255, 0, 0) and image.getpixel((45, 3)) == (0, 0, 0)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (8, 1), (3, 3), (40, 15), (600, 500)])
def test_mcnemar_is_a_fair_coin(first, second):
    expected = binomtest(first, first + second, 0.5).pvalue if first + second else 1
    assert mcnemar(first, second) == mcnemar(second, first) == pytest.approx(expected)


def test_mcnemar_by_hand():
    assert mcnemar(8, 1) == pytest.approx(2 * (1 + 9) / 2**9)


def test_holm_by_hand():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.6, 0.7]) == [1, 1]


def test_paired_bootstrap_beside_scipy():
    random = np.random.default_rng(4)
    values = random.normal(0.1, 1, size=(300, 1))
    drawn = bootstrap_means(values)
    expected = stats.bootstrap((values[:, 0],), np.mean, n_resamples=1999, method="percentile", rng=5).confidence_interval
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx((expected.low, expected.high), abs=0.02)
    t_test = stats.ttest_1samp(values[:, 0], 0).pvalue
    assert bootstrap_p(drawn[:, 0], values.mean()) == pytest.approx(t_test, abs=0.03)
    np.testing.assert_array_equal(drawn, bootstrap_means(values))


@pytest.mark.parametrize(
    ("fused", "member", "average", "verdict", "words"),
    [
        (0.95, 0.80, 0.85, "helps", "Fusion helps, and that is more than luck: 95.0 %"),
        (0.95, 0.80, 0.945, "mixed", "Fusion helps against “a”, and that is more than luck; against “plain average” it could"),
        (0.90, 0.90, 0.89, "no difference", "No difference that luck could not explain"),
        (0.80, 0.95, 0.90, "hurts", "That “a” alone is better is more than luck"),
    ],
)
def test_verdicts(fused, member, average, verdict, words):
    order = np.random.default_rng(6).permutation(400)
    truth, prediction = right(np.arange(400) < 400 * fused)
    others = {
        "a": right(np.isin(np.arange(400), order[: int(400 * member)]))[1],
        "average": right(np.isin(np.arange(400), order[: int(400 * average)]))[1],
    }
    found = comparison(on_test(truth, prediction, classes=("x", "y"), **others), None)
    assert (found.verdict, words in found.sentence) == (verdict, True), found.sentence
    against = {each.name: each for each in found.against}["a"]
    assert against.difference == pytest.approx(fused - member)
    assert against.fused_alone - against.other_alone == round(400 * (fused - member))
    assert against.p == pytest.approx(binomtest(against.fused_alone, against.fused_alone + against.other_alone).pvalue)
    assert against.low <= against.difference <= against.high


LABELS = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]], np.float32)
SAID = np.array([[0.9, 0.1, 0.8], [0.2, 0.7, 0.6], [0.4, 0.9, 0.3], [0.1, 0.2, 0.3]])


def test_labels_counted_by_hand():
    found = labels(on_test(LABELS, SAID, "multilabel"), None)
    assert (found.all_right, found.f1) == pytest.approx((2 / 4, (2 / 3 + 2 / 3 + 1) / 3))
    a, b, c = found.labels
    assert (a.precision, a.recall, a.f1, a.samples) == pytest.approx((1, 1 / 2, 2 / 3, 2))
    assert (b.precision, b.recall, b.f1, b.samples) == pytest.approx((1 / 2, 1, 2 / 3, 1))
    assert (c.precision, c.recall, c.f1, c.samples) == pytest.approx((1, 1, 1, 2))


def test_a_sample_with_one_wrong_label_is_a_mistake_as_sure_as_that_label():
    found = mistakes(on_test(LABELS, SAID, "multilabel"), None)
    assert [(each.row, each.truth, each.said) for each in found.shown] == [(101, "c", "b; c"), (102, "a; b", "b")]
    assert [each.confidence for each in found.shown] == pytest.approx([0.7, 0.6])


def test_several_labels_are_compared_by_the_share_that_is_right():
    found = comparison(on_test(LABELS, SAID, "multilabel", a=1 - SAID), None)
    [against] = found.against
    assert against.test == "paired bootstrap" and against.fused_alone is None
    assert against.difference == pytest.approx(10 / 12 - 2 / 12)


def test_calibration_of_labels_is_that_of_each_yes_or_no():
    found = reliability(on_test(LABELS, SAID, "multilabel"), None)
    sure_of = np.maximum(SAID, 1 - SAID)
    right_ = (SAID > 0.5) == (LABELS > 0.5)
    assert sum(each.samples for each in found.plain.bins) == 12
    means = np.average([each.confidence for each in found.plain.bins], weights=[each.samples for each in found.plain.bins])
    assert means == pytest.approx(sure_of.mean())
    shares = np.average([each.accuracy for each in found.plain.bins], weights=[each.samples for each in found.plain.bins])
    assert shares == pytest.approx(right_.mean())


def test_without_members_nothing_is_compared():
    assert comparison(on_test([0, 1], sure([0, 1])), None) is None


def test_luck_alone_is_seldom_taken_for_more():
    """Four models of one true accuracy, many times: any false alarm among three comparisons comes in at most 5 % of them."""
    random = np.random.default_rng(7)
    alarms = 0
    for _ in range(500):
        fused, *others = random.random((4, 150)) < 0.8
        tests = [mcnemar(int((fused & ~other).sum()), int((other & ~fused).sum())) for other in others]
        alarms += min(holm(tests)) < LUCK
    assert alarms <= 0.05 * 500


def test_a_regression_is_compared_by_its_absolute_errors():
    random = np.random.default_rng(8)
    truth = random.normal(size=200)
    near, far = truth + random.normal(0, 0.1, 200), truth + random.normal(0, 0.5, 200)
    found = comparison(on_test(truth, near[:, None], "regression", a=far[:, None]), None)
    [against] = found.against
    assert found.verdict == "helps" and against.test == "paired bootstrap" and against.fused_alone is None
    assert against.difference == pytest.approx(np.abs(near - truth).mean() - np.abs(far - truth).mean())
    assert against.loss_difference == pytest.approx(((near - truth) ** 2).mean() - ((far - truth) ** 2).mean())
