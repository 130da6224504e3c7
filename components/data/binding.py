"""Which columns feed the model and which is predicted: a proposal for a dataset."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from components.data.columns import FEW_CLASSES, MANY_CLASSES, TARGET_NAMES
from components.data.facts import Column, DatasetFacts
from components.data.wording import listed
from components.recipe import Data, Input, Refusal, Shape, Target, Task
from components.recipe.wording import shown

if TYPE_CHECKING:
    from components.models.facts import MemberFacts

ROW_NUMBERS = re.compile(r"(?i:index|row|id|.*[^a-z]id)|.*[a-z]I[Dd]")
"""Whole numbers of many values under such a name (`index`, `patient id`, `row_id`, `SampleID`) only tell rows apart; they are
not proposed as inputs."""
NUMERIC = ("number", "integer", "boolean")
_YES_NO = ({"0", "1"}, {"false", "true"})


def propose(facts: DatasetFacts, members: Sequence[MemberFacts] = (), target: Target | None = None) -> Data:
    """Proposes a binding: a target unless one is given, its task, and all other numbers and repeated words as inputs.

    The target is a column named like one (`target`, `label`, `class`, `y`…), else the only column of few words among numbers,
    else the last. Single values become one input `x`, in the order of the file; each array becomes an input of its own. A
    picture without an axis of channels gets one, unless a member takes it as it is.

    Raises:
        Refusal: when there is no column that could be a target, or nothing is left to feed the model.
    """
    target = target or _target(facts, members)
    inputs = inputs_of(facts, target.sources, members)
    return Data(sha256=facts.sha256, file_name=facts.file_name, reading=facts.reading, inputs=inputs, target=target)


def inputs_of(
    facts: DatasetFacts, targets: Collection[str], members: Sequence[MemberFacts] = (), only: Sequence[str] | None = None
) -> tuple[Input, ...]:
    """What feeds the model beside the targets' columns: all numbers, or the columns and arrays named by `only`, in their order.

    Behind the numbers come columns of text with few different values, one place for each of their categories, as
    `pandas.get_dummies` has them: where `only` names them, or there are no members, or one takes as many numbers.

    Raises:
        Refusal: when nothing is left to feed the model.
    """
    left = [column for column in facts.columns if column.name not in targets and (only is None or column.name in only)]
    scalars = [column for column in left if column.shape == () and feedable(column)]
    if only is None:
        scalars = [column for column in scalars if _is_proposed(column, facts)]
    numbers = [column.name for column in scalars if column.kind != "text"]
    categories = {column.name: column.classes for column in scalars if column.kind == "text"}
    width = len(numbers) + sum(map(len, categories.values()))
    if only is None and members and numbers and (width,) not in {each.shape for member in members for each in member.inputs}:
        width, categories = len(numbers), {}
    inputs = [Input(name="x", columns=(*numbers, *categories), shape=(width,), categories=categories)] if width else []
    for column in left:
        if column.shape and column.kind in NUMERIC:
            taken = {each.name for each in inputs}
            inputs.append(Input(name=_name(column.name, taken), array=column.name, shape=_picture(column.shape, members)))
    if not inputs:
        raise Refusal(
            f"{shown(facts.file_name)} has no numbers beside the target {listed(targets)}, nor words that repeat; a model "
            "needs at least one such column."
        )
    return tuple(inputs)


def feedable(column: Column) -> bool:
    """Whether a column or array can feed a model: as numbers, or as at most 200 categories."""
    return column.kind in NUMERIC or (column.kind == "text" and 1 < len(column.classes) <= MANY_CLASSES)


def with_targets(data: Data, facts: DatasetFacts, others: Sequence[Target], members: Sequence[MemberFacts] = ()) -> Data:
    """The binding with these targets beside the first; their columns leave the inputs, and the other inputs stay.

    Raises:
        Refusal: when nothing is left to feed the model.
    """
    sources = {name for target in (data.target, *others) for name in target.sources}
    fed = [name for each in data.inputs for name in (each.columns or (each.array or "",))]
    left = [name for name in fed if name not in sources]
    inputs = data.inputs if left == fed else inputs_of(facts, sources, members, only=left)
    return data.model_copy(update={"others": tuple(others), "inputs": inputs})


def is_label(column: Column) -> bool:
    """Whether a column says of each sample whether a label applies: 0 and 1, or truth values."""
    return not column.shape and bool(column.classes) and any(set(column.classes) <= each for each in _YES_NO)


def labels_of(column: Column) -> tuple[str, ...]:
    """The labels of which a column or an array may name several for each sample; empty where it names none.

    Of an array of 0 and 1 they are the numbers of its places.
    """
    if len(column.shape) == 1 and column.shape[0] and column.shape[0] > 1:
        numbers = column.kind == "integer" and (column.minimum, column.maximum) == (0, 1)
        return tuple(map(str, range(column.shape[0]))) if numbers or column.kind == "boolean" else ()
    return column.labels


def target_of_labels(columns: Sequence[Column]) -> Target:
    """A target of several labels at once: of columns of 0 and 1, one a label; or of the one column or array that names them."""
    if len(columns) == 1 and labels_of(columns[0]):
        [column] = columns
        return Target(name=column.name, task="multilabel", classes=labels_of(column), separator=column.separator)
    names = tuple(column.name for column in columns)
    return Target(name=", ".join(names), task="multilabel", classes=names, columns=names)


def target_of(column: Column, members: Sequence[MemberFacts] = ()) -> Target:
    """A column as a target, with the task that its values suggest.

    Text with `;` or `|` between words that recur names several labels at once. Other text and truth values are classes. Whole
    numbers are classes where there are at most 20 of them, or as many as a member has units for class probabilities; all else
    is a regression, as are whole numbers over which the members predict a number.
    """
    if column.separator in ("semicolon", "bar") or column.shape:
        return target_of_labels([column])
    task = _task(column, members)
    return Target(name=column.name, task=task, classes=() if task == "regression" else column.classes)


def _target(facts: DatasetFacts, members: Sequence[MemberFacts]) -> Target:
    labels = _label_columns(facts, members)
    if labels:
        return target_of_labels(labels)
    scalars = [column for column in facts.columns if column.shape == () and column.kind != "time"]
    named = [column for name in TARGET_NAMES for column in scalars if column.name.lower() == name]
    classed = [column for column in scalars if 2 <= len(column.classes) <= FEW_CLASSES]
    # Of a table, the last column is the habit; only a column that cannot be predicted makes us look further to the left.
    usable = [column for column in scalars[-1:] if column.kind in NUMERIC or column.classes]
    # A single column of words among numbers is mostly there to be predicted.
    words = [column for column in classed if column.kind not in NUMERIC]
    candidates = named or (words if len(words) == 1 else []) or usable or classed[-1:]
    if not candidates:
        raise Refusal(
            f"{shown(facts.file_name)} has no column that could be a target: {listed(c.name for c in facts.columns)}."
        )
    return target_of(candidates[0], members)


def _label_columns(facts: DatasetFacts, members: Sequence[MemberFacts]) -> list[Column]:
    """The array of 0 and 1 that is named like a target, or the last columns of 0 and 1 where a member has a unit for each."""
    arrays = [column for column in facts.columns if column.shape and column.name.lower() in TARGET_NAMES and labels_of(column)]
    if arrays:
        return arrays[:1]
    scalars = [column for column in facts.columns if column.shape == ()]
    for member in members:
        units = (member.outputs[0].shape or (1,))[-1] or 1 if member.task == "multi-label" else 0
        last = scalars[-units:] if 1 < units < len(scalars) else []
        if last and all(map(is_label, last)):
            return last
    return []


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


def _is_proposed(column: Column, facts: DatasetFacts) -> bool:
    numbers_rows = ROW_NUMBERS.fullmatch(column.name) is not None and column.kind == "integer" and not column.classes
    few = column.kind != "text" or len(column.classes) <= FEW_CLASSES
    return few and column.missing < facts.rows and not numbers_rows


def _picture(shape: Shape, members: Sequence[MemberFacts]) -> Shape:
    taken = {len(each.shape) for member in members for each in member.inputs}
    return (*shape, 1) if len(shape) == 2 and 2 not in taken else shape


def _name(name: str, taken: set[str]) -> str:
    slug = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:50] or "input"
    return slug if slug not in taken else next(f"{slug}-{n}" for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)
