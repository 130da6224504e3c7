"""Several targets: the layout is written once for each, over shared branches; the script trains what the app trains."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from components.data.load import load_samples
from components.data.split import split
from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plannable
from components.fusion.predicted import predicted
from components.fusion.script import write_script
from components.fusion.start import start_difference
from components.recipe import Data, Member, OperatorNode, OutputNode, Recipe, Refusal, Target
from components.training.feed import feed
from tests.fusion.members import NUMBER, TAGS, Case, dense, facts_of
from tests.plain_keras import PlainKeras

CLASS = Target(name="y", task="multiclass", classes=("0", "1", "2"))
HEIGHT = Target(name="height", task="regression", weight=0.25)
MARKS = Target(name="marks", task="multilabel", classes=("0", "1"), weight=2.0)


def two_heads(hidden: int, first: str = "kind", second: str = "size") -> keras.Model:
    """A number first, then three classes."""
    x = layers.Input((12,))
    h = layers.Dense(hidden, activation="relu", name="hidden")(x)
    number, classes = layers.Dense(1, name=second)(h), layers.Dense(3, activation="softmax", name=first)(h)
    return keras.Model(x, [number, classes])


def case_of(others: tuple[Target, ...], **models: keras.Model) -> Case:
    case = Case(models, target=CLASS)
    # Small enough that no probability is rounded to 0 or 1.
    case.samples /= 9
    case.data = case.data.model_copy(update={"others": others})
    return case


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The samples of every case with all three targets, one of them with a gap; members are made with a seed."""
    keras.utils.set_random_seed(0)
    case, random = case_of(()), np.random.default_rng(5)
    height = random.normal(size=40).astype("float32")
    height[4] = np.nan
    labels = (random.random((40, 2)) < 0.5).astype("int8")
    labels[0] = 1
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels, height=height, marks=labels)
    return tmp_path


JUDGE = """
results["test"] = test
results.update({name: values for name, values in targets.items()})
results["loss"] = model.evaluate(feed(test), goal(test), return_dict=True, verbose=0)["loss"]
for place, output in enumerate(model(feed(test), training=False)):
    results[f"output {place}"] = output.numpy()
"""


@pytest.mark.parametrize("layout", ["concatenate", "joint"])
def test_the_script_reads_trains_and_judges_all_targets(layout: str, stored: Path, eager_keras: PlainKeras) -> None:
    if layout == "joint":
        case = case_of((HEIGHT,), a=two_heads(4), b=two_heads(5))
    else:
        case = case_of((HEIGHT, MARKS), a=dense(), b=dense(hidden=4))
    for name, model in case.models.items():
        model.save(stored / f"{name}.keras")
    recipe = case.recipe(layout)
    script = write_script(recipe, case.facts)
    results = eager_keras.run(script + JUDGE, stored)
    samples = load_samples(case.data, stored / "data.npz")
    test = split(samples, case.data.split).test
    assert len(samples.target) == 39 and "A sample has no target" in " ".join(samples.notes)
    np.testing.assert_array_equal(results["test"], test)
    for target, values in zip(case.data.targets, samples.targets, strict=True):
        np.testing.assert_allclose(results[target.name], values)
    fed = [values[test] for values in feed(recipe, samples)]
    fused = build(recipe, case.models)(fed if len(fed) > 1 else fed[0], training=False)
    np.testing.assert_allclose(results["before training"], fused[-1], atol=1e-6)
    y, height, *labels = (values[test] for values in samples.targets)
    outputs = [node for node in recipe.graph.nodes if isinstance(node, OutputNode)]
    expected = 0.0
    for place, node in enumerate(outputs):
        given = results[f"output {place}"].astype(float)
        if node.target == "y":
            expected += -np.log(given[np.arange(len(test)), y]).mean()
        elif node.target == "height":
            expected += 0.25 * np.mean((given[:, 0] - height) ** 2)
        else:
            expected -= 2 * np.where(labels[0] > 0, np.log(given), np.log(1 - given)).mean()
    assert [node.target for node in outputs] == (
        ["y", "y", "height", "height"] if layout == "joint" else ["y", "height", "marks"]
    )
    assert results["loss"] == pytest.approx(expected, rel=1e-4)
    reloaded = keras.models.load_model(stored / "fused.keras")(fed if len(fed) > 1 else fed[0], training=False)
    np.testing.assert_allclose(results["after training"], reloaded[-1], atol=1e-6)


def test_each_target_is_averaged_over_the_outputs_that_predict_it() -> None:
    case = case_of((HEIGHT,), a=two_heads(4), b=two_heads(5))
    classes, numbers = case.predict(build(case.recipe("average"), case.models))
    said = [model(case.samples, training=False) for model in case.models.values()]
    np.testing.assert_allclose(classes, np.mean([each[1] for each in said], axis=0), atol=1e-6)
    np.testing.assert_allclose(numbers, np.mean([each[0] for each in said], axis=0), atol=1e-5)


def test_features_are_joined_once_and_every_target_has_a_head() -> None:
    case = case_of((HEIGHT,), a=dense(), b=dense(hidden=4))
    graph = case.plan("concatenate").graph
    operators = [node for node in graph.nodes if isinstance(node, OperatorNode)]
    assert [node.operator for node in operators] == ["concatenate", "head", "head"]
    assert [node.start for node in operators if node.operator == "head"] == [True, False]


@pytest.mark.parametrize("layout", ["concatenate", "weighted-average", "stacking"])
def test_a_start_is_measured_at_the_output_of_its_own_target(layout: str) -> None:
    heads = {"a": dense(), "b": dense(hidden=4)} if layout == "concatenate" else {"a": two_heads(4), "b": two_heads(5)}
    case = case_of((HEIGHT,), **heads)
    recipe = case.recipe(layout)
    found = start_difference(recipe, build(recipe, case.models), case.models, [case.samples])
    assert found is not None and found[1] < 1e-5


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_meets_two_targets_or_is_refused_with_a_sentence(layout: str) -> None:
    third = {"c": two_heads(3)} if layout == "trimmed-mean" else {}
    case = case_of((HEIGHT,), a=two_heads(4), b=two_heads(5), **third)
    refusal = plannable(case.members, case.data, None)[layout].refusal
    if refusal is not None:
        assert "is one number" in refusal or "tokens" in refusal
        return
    recipe = case.recipe(layout)
    model = build(recipe, case.models)
    targets = [node.target for node in recipe.graph.nodes if isinstance(node, OutputNode)]
    assert set(targets) == {"y", "height"} and len(targets) == len(model.outputs)
    for target, output in zip(targets, case.predict(model), strict=True):
        assert output.shape == (40, 3 if target == "y" else 1)
        if target == "y" and layout != "majority-vote":
            np.testing.assert_allclose(output.sum(axis=1), 1, atol=1e-5)


def test_a_member_that_does_not_predict_a_target_is_named() -> None:
    case = case_of((HEIGHT,), both=two_heads(4), one=dense())
    with pytest.raises(Refusal, match=r"one does not predict “height”\. Say on the Data page"):
        case.plan("average")
    assert len([node for node in case.plan("joint").graph.nodes if isinstance(node, OutputNode)]) == 3
    with pytest.raises(Refusal, match="No member predicts “height”"):
        case_of((HEIGHT,), a=dense(), b=dense()).plan("joint")


@pytest.mark.parametrize(
    ("named", "targets", "expected"),
    [
        ((), (CLASS, HEIGHT), {"y": 1, "height": 0}),
        ((), (Target(name="Kind", task="regression"), NUMBER), {"Kind": 1, "y": 0}),
        (("", "y"), (CLASS, HEIGHT), {"y": 1}),
        (("height", "y"), (CLASS, HEIGHT), {"y": 1, "height": 0}),
        ((), (CLASS,), {}),
        (("", "y"), (CLASS,), {"y": 1}),
        ((), (TAGS, NUMBER.model_copy(update={"name": "z"})), {"z": 0}),
    ],
)
def test_outputs_are_bound_as_said_by_name_or_by_form(
    named: tuple[str, ...], targets: tuple[Target, ...], expected: dict[str, int]
) -> None:
    member = Member(name="m", sha256="0", file_name="m.keras", targets=named)
    assert predicted(member, facts_of(two_heads(3)), targets) == expected


def test_old_recipes_have_one_target() -> None:
    data = Data.model_validate({"sha256": "1", "file_name": "f", "inputs": [], "target": {"name": "y", "task": "regression"}})
    assert data.targets == (data.target,) and Recipe(data=data).data.alone(data.target) is data
