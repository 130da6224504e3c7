"""Members whose classes are others than the target's, or stand in another order, are aligned by name."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from components.fusion.build import build
from components.fusion.plan import Plan
from components.recipe import AdapterNode, Refusal, Target
from tests.fusion.members import YES_NO, Case, dense

LETTERS = Target(name="letter", task="multiclass", classes=("a", "b", "c", "d"))


def _case(target: Target = LETTERS, **members: tuple[keras.Model, tuple[str, ...]]) -> Case:
    models = {name: model for name, (model, _) in members.items()}
    return Case(models, target=target, settings={name: {"classes": classes} for name, (_, classes) in members.items()})


def _by_name(case: Case, name: str) -> dict[str, np.ndarray]:
    """The probability of each of a member's own classes, by the class's name."""
    member = next(member for member, _ in case.members if member.name == name)
    given = case.models[name](case.samples, training=False).numpy().astype("float64")
    if case.models[name].layers[-1].activation is keras.activations.linear:
        given = np.exp(given - given.max(axis=1, keepdims=True))
        given /= given.sum(axis=1, keepdims=True)
    if given.shape[1] == 1:
        given = np.concatenate([1 - given, given], axis=1)
    return dict(zip(member.classes, given.T, strict=True))


def _aligned(case: Case, name: str) -> np.ndarray:
    own = _by_name(case, name)
    found = np.stack([own.get(letter, np.zeros(len(case.samples))) for letter in case.target.classes], axis=1)
    return found / found.sum(axis=1, keepdims=True)


def _operators(planned: Plan) -> list[str]:
    return [node.operator for node in planned.graph.nodes if isinstance(node, AdapterNode)]


def test_another_order_is_put_right_before_anything_is_averaged() -> None:
    case = _case(x=(dense(units=4, activation=None), ("d", "b", "a", "c")), y=(dense(units=4), ("a", "b", "c", "d")))
    planned = case.plan("average")
    assert [note.sentence for note in planned.notes] == [
        "Softmax, since x ends in logits and the target takes probabilities.",
        "Class order, since x has the classes in the order “d”, “b”, “a” and “c”.",
    ]
    fused = case.predict(build(case.recipe("average"), case.models))[0]
    np.testing.assert_allclose(fused, (_aligned(case, "x") + _aligned(case, "y")) / 2, atol=1e-6)


def test_classes_that_a_member_does_not_know_get_nothing_and_those_not_asked_for_are_left_out() -> None:
    case = _case(few=(dense(units=2), ("c", "a")), many=(dense(units=6), ("z", "d", "c", "y", "b", "a")))
    planned = case.plan("average")
    assert _operators(planned) == ["class-order", "class-order", "shares"]
    assert (
        "few knows 2 classes, and 2 of them are among the target's 4; what it does not know gets 0" in planned.notes[0].sentence
    )
    assert "many knows 6 classes, and 4 of them are among the target's 4." in planned.notes[1].sentence
    fused = case.predict(build(case.recipe("average"), case.models))[0]
    np.testing.assert_allclose(fused, (_aligned(case, "few") + _aligned(case, "many")) / 2, atol=1e-6)


def test_logits_are_put_in_order_as_they_are() -> None:
    case = _case(x=(dense(units=5, activation=None), ("d", "b", "q", "a", "c")), y=(dense(units=4), ()))
    assert _operators(case.plan("logit-average")) == ["class-order", "log"]
    fused = case.predict(build(case.recipe("logit-average"), case.models))[0]
    geometric = np.sqrt(_aligned(case, "x") * case.models["y"](case.samples).numpy().clip(1e-7))
    np.testing.assert_allclose(fused, geometric / geometric.sum(axis=1, keepdims=True), atol=1e-5)


@pytest.mark.parametrize("layout", ["average", "logit-average", "boosting", "stacking"])
def test_a_yes_no_member_that_says_no_first_is_turned_round(layout: str) -> None:
    turned = dense(units=1, activation="sigmoid")
    case = _case(YES_NO, turned=(turned, ("yes", "no")), two=(dense(units=2), ("yes", "no")))
    yes = [np.clip(_by_name(case, name)["yes"], 1e-7, 1)[:, None] for name in case.models]
    no = [np.clip(_by_name(case, name)["no"], 1e-7, 1)[:, None] for name in case.models]
    odds = [np.log(each) - np.log(other) for each, other in zip(yes, no, strict=True)]
    mean = np.mean(yes, axis=0) if layout == "average" else 1 / (1 + np.exp(-np.mean(odds, axis=0)))
    expected = 1 / (1 + np.exp(-odds[0] - 0.1 * odds[1])) if layout == "boosting" else mean
    fused = case.predict(build(case.recipe(layout), case.models))[0]
    np.testing.assert_allclose(fused, expected, atol=1e-5)


def test_a_union_takes_each_class_from_the_members_that_know_it() -> None:
    case = _case(x=(dense(units=2), ("b", "a")), y=(dense(units=3), ("d", "c", "b")), z=(dense(units=2), ("d", "a")))
    known = [_by_name(case, name) for name in case.models]
    largest = np.stack([np.max([own[letter] for own in known if letter in own], axis=0) for letter in "abcd"], axis=1)
    fused = case.predict(build(case.recipe("union"), case.models))[0]
    np.testing.assert_allclose(fused, largest / largest.sum(axis=1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize(
    ("layout", "classes", "words"),
    [
        ("average", ("p", "q", "r"), "“p”, “q” and “r”, and “letter” has “a”, “b”, “c” and “d”: none of them"),
        ("average", ("p", "q", "a"), "1 of them is the same by name"),
        ("average", ("p\x1b[31m", "q", "a"), "“p [31m”"),
        ("union", ("b", "a", "c"), "None of the members knows the class “d”"),
    ],
)
def test_classes_that_do_not_meet_are_refused(layout: str, classes: tuple[str, ...], words: str) -> None:
    case = _case(x=(dense(), classes), y=(dense(), classes))
    with pytest.raises(Refusal) as refusal:
        case.plan(layout)
    assert words in refusal.value.sentence and "\x1b" not in refusal.value.sentence


def test_a_head_over_features_does_not_start_from_classes_in_another_order() -> None:
    planned = _case(x=(dense(units=4), ("d", "b", "a", "c")), y=(dense(units=4), ())).plan("concatenate")
    assert planned.notes[-1].sentence == (
        "The head starts at random, since x has other classes than the target, or the same in another order."
    )


def test_names_that_do_not_fit_the_units_say_nothing() -> None:
    case = _case(x=(dense(units=4), ("d", "b")), y=(dense(units=4), ("a", "a", "b", "c")))
    assert _operators(case.plan("average")) == []
