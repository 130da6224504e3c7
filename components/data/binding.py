"""Which columns feed the model and which is predicted: a proposal, and the check of a person's own choice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from components.data.columns import FEW_CLASSES, TARGET_NAMES
from components.data.facts import Column, DatasetFacts
from components.data.wording import listed
from components.recipe import Data, Input, Refusal, Shape, Target, Task
from components.recipe.wording import shown

if TYPE_CHECKING:
    from components.models.facts import MemberFacts

FEWEST_ROWS = 6
ROW_NUMBERS = ("id", "index", "row", "row_id")
"""Columns of these names that never repeat a value only number the rows; they are not proposed as inputs."""
NUMERIC = ("number", "integer", "boolean")


def propose(facts: DatasetFacts, members: Sequence[MemberFacts] = (), target: Target | None = None) -> Data:
    """Proposes a binding: a target unless one is given, its task, and all other numbers as inputs.

    The target is a column named like one (`target`, `label`, `class`, `y`…), else the only column of few words among numbers,
    else the last. Single values become one input `x`, in the order of the file; each array becomes an input of its own. A
    picture without an axis of channels gets one, unless a member takes it as it is.

    Raises:
        Refusal: when there is no column that could be a target, or nothing is left to feed the model.
    """
    target = target or _target(facts, members)
    inputs = inputs_of(facts, target.name, members)
    return Data(sha256=facts.sha256, file_name=facts.file_name, reading=facts.reading, inputs=inputs, target=target)


def inputs_of(
    facts: DatasetFacts, target: str, members: Sequence[MemberFacts] = (), only: Sequence[str] | None = None
) -> tuple[Input, ...]:
    """What feeds the model beside the target: all numbers, or the columns and arrays named by `only`, in the order of the file.

    Raises:
        Refusal: when nothing is left to feed the model.
    """
    left = [column for column in facts.columns if column.name != target and (only is None or column.name in only)]
    scalars = tuple(column.name for column in left if column.shape == () and (only is not None or _feeds(column, facts)))
    inputs = [Input(name="x", columns=scalars, shape=(len(scalars),))] if scalars else []
    for column in left:
        if column.shape and column.kind in NUMERIC:
            taken = {each.name for each in inputs}
            inputs.append(Input(name=_name(column.name, taken), array=column.name, shape=_picture(column.shape, members)))
    if not inputs:
        raise Refusal(
            f"{shown(facts.file_name)} has no numbers beside the target “{shown(target)}”; a model needs at least one column."
        )
    return tuple(inputs)


def target_of(column: Column, members: Sequence[MemberFacts] = ()) -> Target:
    """A column as a target, with the task that its values suggest.

    Text and truth values are classes. Whole numbers are classes where there are at most 20 of them, or as many as a member
    has units for class probabilities; all else is a regression, as are whole numbers over which the members predict a number.
    """
    task = _task(column, members)
    return Target(name=column.name, task=task, classes=() if task == "regression" else column.classes)


def check(data: Data, facts: DatasetFacts) -> None:
    """Checks a binding against the dataset.

    Raises:
        Refusal: with one sentence on the first thing that does not fit.
    """
    columns = {column.name: column for column in facts.columns}
    file = shown(facts.file_name)
    check_rows(facts)
    if data.target.name not in columns:
        raise Refusal(
            f"{file} has no column “{shown(data.target.name)}”, which the target was to be; it has {listed(columns)}. "
            "Choose the target again."
        )
    _check_target(data.target, columns[data.target.name])
    if not data.inputs:
        raise Refusal("No input was chosen; choose at least one column or array that feeds the model.")
    names = [each.name for each in data.inputs]
    if len(set(names)) < len(names):
        raise Refusal(f"Two inputs have the same name ({listed(names)}); each needs a name of its own.")
    for each in data.inputs:
        _check_input(each, data.target, columns, file)


def check_rows(facts: DatasetFacts) -> None:
    """Checks that there are enough samples for a split.

    Raises:
        Refusal: when there are not.
    """
    if facts.rows < FEWEST_ROWS:
        raise Refusal(
            f"{shown(facts.file_name)} has {facts.rows} samples; at least {FEWEST_ROWS} are needed for training, "
            "validation and test."
        )


def _check_target(target: Target, column: Column) -> None:
    name = shown(target.name)
    if column.shape:
        raise Refusal(f"The target “{name}” has the shape {column.shape} for each sample; one value a sample was expected.")
    if target.task == "regression":
        if column.kind not in NUMERIC:
            raise Refusal(
                f"The target “{name}” holds {column.kind}; a regression needs numbers. Choose a classification instead."
            )
        if column.minimum is not None and column.minimum == column.maximum:
            raise Refusal(f"The target “{name}” is {column.minimum:g} in every row; there is nothing to learn. Choose another.")
        return
    if not column.classes:
        raise Refusal(
            f"The target “{name}” has too many different values for a classification; choose another column or a regression."
        )
    if len(column.classes) < 2:
        raise Refusal(f"The target “{name}” has the one class {listed(column.classes)}; at least two are needed.")
    if target.task == "binary" and len(target.classes) != 2:
        raise Refusal(f"The target “{name}” has {len(target.classes)} classes; a yes/no task has two. Choose multi-class.")
    unknown = [each for each in column.classes if each not in target.classes]
    if unknown:
        raise Refusal(f"The target “{name}” holds {listed(unknown)}, which the binding does not name. Choose the target again.")


def _check_input(each: Input, target: Target, columns: dict[str, Column], file: str) -> None:
    wanted = each.columns if each.array is None else (each.array,)
    absent = [name for name in wanted if name not in columns]
    if absent or not wanted:
        raise Refusal(
            f"The input “{each.name}” takes {listed(absent) or 'nothing'}; {file} has {listed(columns)}. Choose again."
        )
    if target.name in wanted:
        raise Refusal(
            f"“{shown(target.name)}” is the target and also flows into the input “{each.name}”; take it out of the inputs."
        )
    text = [name for name in wanted if columns[name].kind not in NUMERIC]
    if text:
        raise Refusal(f"The input “{each.name}” takes {listed(text)}, which holds text; only numbers can flow into a model.")
    if each.array is None and any(columns[name].shape for name in wanted):
        raise Refusal(f"The input “{each.name}” mixes columns and arrays; an array needs an input of its own.")
    values = len(wanted) if each.array is None else prod(_known(columns[each.array].shape))
    if prod(_known(each.shape)) != values:
        raise Refusal(
            f"The input “{each.name}” has {values} values a sample; its shape {each.shape} holds {prod(_known(each.shape))}."
        )


def _known(shape: Shape) -> tuple[int, ...]:
    return tuple(axis or 1 for axis in shape)


def _target(facts: DatasetFacts, members: Sequence[MemberFacts]) -> Target:
    scalars = [column for column in facts.columns if column.shape == () and column.kind != "time"]
    named = [column for name in TARGET_NAMES for column in scalars if column.name.lower() == name]
    classed = [column for column in scalars if 2 <= len(column.classes) <= FEW_CLASSES]
    # Of a table, the last column is the habit; only a column that cannot be predicted makes us look further to the left.
    usable = [column for column in scalars[-1:] if column.kind in NUMERIC or column.classes]
    # Text cannot flow into a model, so a single column of words among numbers is there to be predicted.
    words = [column for column in classed if column.kind not in NUMERIC]
    candidates = named or (words if len(words) == 1 else []) or usable or classed[-1:]
    if not candidates:
        raise Refusal(
            f"{shown(facts.file_name)} has no column that could be a target: {listed(c.name for c in facts.columns)}."
        )
    return target_of(candidates[0], members)


def _task(column: Column, members: Sequence[MemberFacts]) -> Task:
    count = len(column.classes)
    units = {
        member.outputs[0].shape[-1] for member in members if member.head in ("softmax", "logits") and member.outputs[0].shape
    }
    heads = {member.head for member in members}
    if column.kind == "number" or (column.kind == "integer" and (not count or heads == {"linear"})):
        return "regression"
    if column.kind == "integer" and count > FEW_CLASSES and count not in units:
        return "regression"
    return "binary" if count == 2 else "multiclass"


def _feeds(column: Column, facts: DatasetFacts) -> bool:
    numbers_rows = column.name.lower() in ROW_NUMBERS and column.kind == "integer" and not column.classes
    return column.kind in NUMERIC and column.missing < facts.rows and not numbers_rows


def _picture(shape: Shape, members: Sequence[MemberFacts]) -> Shape:
    taken = {len(each.shape) for member in members for each in member.inputs}
    return (*shape, 1) if len(shape) == 2 and 2 not in taken else shape


def _name(name: str, taken: set[str]) -> str:
    slug = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:50] or "input"
    return slug if slug not in taken else next(f"{slug}-{n}" for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)
