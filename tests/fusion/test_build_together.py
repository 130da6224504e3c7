"""Layouts built as one model: each is what it is when it is built alone."""

from __future__ import annotations

import numpy as np
import pytest

from components.fusion.build import build
from components.fusion.build_together import build_together
from components.fusion.plan import plannable
from components.recipe import Recipe, Refusal
from tests.fusion.members import CASES, Case, dense


def frozen(name: str) -> Case:
    """A case whose members are all frozen."""
    case = CASES[name]()
    case.settings = {member: {**case.settings.get(member, {}), "frozen": True} for member in case.models}
    return case


def recipes_of(case: Case) -> list[Recipe]:
    """One recipe for each layout that fits."""
    return [case.recipe(name) for name, fit in plannable(case.members, case.data, None).items() if fit.refusal is None]


@pytest.mark.parametrize("name", ["regression", "three members"])
def test_every_layout_begins_with_the_weights_and_predictions_that_it_has_alone(name: str) -> None:
    case = frozen(name)
    recipes = recipes_of(case)
    assert len(recipes) > 8
    joint = build_together(recipes, case.models)
    assert joint.bindings == ("x",)
    together = case.predict(joint.model)
    for index, recipe in enumerate(recipes):
        alone = build(recipe, case.models)
        for place, expected in zip(joint.outputs[index], case.predict(alone), strict=True):
            np.testing.assert_allclose(together[place], expected, atol=1e-6, err_msg=str(recipe.layout))
        for ours, theirs in zip(joint.single(index).trainable_weights, alone.trainable_weights, strict=True):
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=f"{recipe.layout} {theirs.path}")


def test_what_layouts_share_is_there_once_and_what_they_learn_is_not() -> None:
    case = frozen("images and vectors")
    recipes = [case.recipe(name) for name in ("concatenate", "stacking", "average", "maximum")]
    model = build_together(recipes, case.models).model
    names = [operation.name for operation in model.operations]
    assert [names.count(member) for member in case.models] == [1, 1]
    assert {len(model.get_layer(member)._inbound_nodes) for member in case.models} == {1}
    paths = [weight.path for weight in model.weights]
    assert len(set(paths)) == len(paths)
    assert sum(len(build(recipe, case.models).trainable_weights) for recipe in recipes) == len(model.trainable_weights)


def test_layouts_that_would_train_the_same_member_are_refused() -> None:
    case = Case({"a": dense(), "b": dense(hidden=7)}, settings={"a": {"frozen": True}})
    with pytest.raises(Refusal, match="b is not frozen"):
        build_together([case.recipe("concatenate"), case.recipe("stacking")], case.models)


def test_one_recipe_twice_has_two_heads_that_begin_alike() -> None:
    case = frozen("images and vectors")
    model = build_together([case.recipe("concatenate")] * 2, case.models).model
    first, second = model.trainable_weights[:2], model.trainable_weights[2:]
    for one, other in zip(first, second, strict=True):
        assert one is not other
        np.testing.assert_array_equal(one.numpy(), other.numpy())
