"""What a run leaves, judged anew: on the recipe's own test split, and on the same samples in a file of their own."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from components.data.bound import bind
from components.data.new_samples import labelled
from components.data.split import Splits, split
from components.fusion.build import build
from components.recipe import Split
from components.training.after import judge
from tests.training.test_evaluate import bound_example, dense, recipe_of


def standardised(samples, splits, part):
    """These samples, by mean and spread of the training split."""
    known, x = samples.inputs["x"][splits.training], samples.inputs["x"][part]
    return (x - known.mean(axis=0)) / known.std(axis=0)


@pytest.fixture(scope="module")
def trained():
    """The wine example with a calibration share, and two members that want their inputs standardised."""
    data, samples, _ = bound_example("wine")
    data = data.model_copy(update={"split": Split(calibration=0.2)})
    splits = split(samples, data.split)
    scaled, y = standardised(samples, splits, splits.training), samples.target[splits.training]
    models = {
        name: dense((13,), 3, "softmax", scaled, y, "sparse_categorical_crossentropy", seed=seed, epochs=epochs)
        for name, seed, epochs in (("short", 0, 2), ("long", 1, 8))
    }
    recipe = recipe_of(data, models, scalings=dict.fromkeys(models, "standard"))
    return recipe, build(recipe, models), models, samples, splits


def test_what_is_left_agrees_with_itself(trained, tmp_path):
    recipe, model, models, samples, splits = trained
    judged = judge(recipe, model, models, samples, splits, tmp_path)
    with np.load(tmp_path / "predictions.npz") as arrays:
        kept = dict(arrays)
    said, truth = kept["test.fused.prediction"], kept["test.target"]
    fused = next(score for score in judged.scores if (score.kind, score.split) == ("fused", "test"))
    assert fused.metric == pytest.approx(accuracy_score(truth, said.argmax(axis=1)))
    assert fused.loss == pytest.approx(log_loss(truth, said), rel=1e-4)
    np.testing.assert_allclose(kept["test.average"], (kept["test.member.short"] + kept["test.member.long"]) / 2, atol=1e-6)
    assert len(kept["calibration.rows"]) == len(splits.calibration)
    [findings] = judged.analysis.outputs
    assert findings.reliability.fitted_on == len(splits.calibration)
    with (tmp_path / "predictions.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    classes = recipe.data.target.classes
    assert lines[0] == ["row", "target", "prediction", *classes]
    assert [int(line[0]) for line in lines[1:]] == kept["test.rows"].tolist()
    assert [line[2] for line in lines[1:]] == [classes[number] for number in said.argmax(axis=1)]
    np.testing.assert_allclose([[float(value) for value in line[3:]] for line in lines[1:]], said, atol=1e-6)


def test_a_member_with_its_classes_in_another_order_is_named_beside_the_verdict(trained):
    recipe, model, models, samples, splits = trained
    short, long = recipe.members
    turned = long.model_copy(update={"classes": recipe.data.target.classes[1:] + recipe.data.target.classes[:1]})
    judged = judge(recipe.model_copy(update={"members": (short, turned)}), model, models, samples, splits)
    [warning] = [sentence for sentence in judged.warnings if sentence.startswith("long ")]
    [alone] = [each for each in judged.scores if each.name == "long" and each.split == "validation"]
    assert f"is right on {alone.metric:.0%} of {len(splits.validation)} validation samples" in warning
    right = models["long"].predict(standardised(samples, splits, splits.validation), verbose=0).argmax(axis=1)
    assert f"be right on {np.mean(right == samples.target[splits.validation]):.0%}: name them" in warning
    assert not any(sentence.startswith("long ") for sentence in judge(recipe, model, models, samples, splits).warnings)


def test_the_same_samples_in_another_file_get_the_same_scores(trained, tmp_path):
    recipe, model, models, samples, splits = trained
    classes = recipe.data.target.classes
    file = tmp_path / "held out.csv"
    with file.open("w", newline="") as opened:
        table = csv.writer(opened)
        table.writerow([recipe.data.target.name, *recipe.data.inputs[0].columns])
        for place in splits.test:
            table.writerow([classes[samples.target[place]], *samples.inputs["x"][place].tolist()])
    found = labelled(file, file.name, recipe.data, lambda: pytest.fail("nothing is missing in this file"))
    every = Splits(np.arange(0), np.arange(0), np.arange(len(found.target)))
    expected = [score for score in judge(recipe, model, models, samples, splits).scores if score.split == "test"]
    scores = judge(recipe, model, models, found, every, bound=bind(recipe.data, None)).scores
    assert [score.name for score in scores] == [score.name for score in expected]
    for score, wanted in zip(scores, expected, strict=True):
        assert (score.loss, score.metric) == pytest.approx((wanted.loss, wanted.metric), rel=1e-4)


def test_each_output_of_a_joint_model_is_analysed(trained, tmp_path):
    recipe, _, models, samples, splits = trained
    joint = recipe_of(recipe.data, models, "joint", dict.fromkeys(models, "standard"))
    judged = judge(joint, build(joint, models), models, samples, splits, tmp_path)
    first, second = judged.analysis.outputs
    assert first.output != second.output
    for findings in (first, second):
        assert {each.name for each in findings.comparison.against} == {"short", "long", "plain average"}
    with np.load(tmp_path / "predictions.npz") as arrays:
        for findings, member in ((first, "short"), (second, "long")):
            kept = arrays[f"test.fused.{findings.output}"]
            np.testing.assert_allclose(kept, arrays[f"test.member.{member}"], atol=1e-5)
