"""Whether a binding fits its dataset, told in one sentence."""

from __future__ import annotations

from math import prod

from components.data.binding import NUMERIC, is_label, labels_of
from components.data.facts import Column, DatasetFacts
from components.data.wording import listed
from components.recipe import Data, Input, Refusal, Shape, Target
from components.recipe.wording import shown

FEWEST_ROWS = 6


def check(data: Data, facts: DatasetFacts) -> None:
    """Checks a binding against the dataset.

    Raises:
        Refusal: with one sentence on the first thing that does not fit.
    """
    columns = {column.name: column for column in facts.columns}
    file = shown(facts.file_name)
    check_rows(facts)
    for target in data.targets:
        absent = [name for name in target.sources if name not in columns]
        if absent:
            raise Refusal(
                f"{file} has no column {listed(absent)}, which the target was to be; it has {listed(columns)}. "
                "Choose the target again."
            )
        _check_gaps(target, [columns[name] for name in target.sources], facts.rows)
        _check_target(target, [columns[name] for name in target.sources])
    sources = [name for target in data.targets for name in target.sources]
    twice = sorted({name for name in sources if sources.count(name) > 1})
    if twice:
        raise Refusal(f"{listed(twice)} is predicted twice; each column belongs to one target. Take one of them out.")
    gone = [name for name in (data.split.group, data.split.order) if name and name not in columns]
    if gone:
        raise Refusal(f"The split goes by {listed(gone)}, which {file} does not have. Choose the split again.")
    if not data.inputs:
        raise Refusal("No input was chosen; choose at least one column or array that feeds the model.")
    names = [each.name for each in data.inputs]
    if len(set(names)) < len(names):
        raise Refusal(f"Two inputs have the same name ({listed(names)}); each needs a name of its own.")
    for each in data.inputs:
        _check_input(each, sources, columns, file)


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


def _check_gaps(target: Target, columns: list[Column], rows: int) -> None:
    present = rows - max((column.missing for column in columns if not column.shape), default=0)
    # Of labels in text, an empty cell says that there is none.
    if target.separator is None and present < FEWEST_ROWS:
        raise Refusal(
            f"The target “{shown(target.name)}” has a value in {present} of {rows} rows; at least {FEWEST_ROWS} are needed. "
            "Choose another column, or fill it."
        )


def _check_target(target: Target, columns: list[Column]) -> None:
    name, column = shown(target.name), columns[0]
    if target.task == "multilabel":
        _check_labels(target, columns)
        return
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


def _check_labels(target: Target, columns: list[Column]) -> None:
    name = shown(target.name)
    if target.columns:
        other = [column.name for column in columns if not is_label(column)]
        if other:
            raise Refusal(f"{listed(other)} of the target “{name}” holds something else than 0 and 1. Choose other columns.")
        known: tuple[str, ...] = target.columns
    else:
        known = labels_of(columns[0])
        if not known:
            raise Refusal(
                f"The target “{name}” does not hold several labels: several columns of 0 and 1 are expected, an array of them, "
                "or text with “;”, “|” or “,” between labels that recur. Choose another column or task."
            )
    if len(target.classes) < 2:
        raise Refusal(f"The target “{name}” has {len(target.classes)} label; at least two are needed. Choose yes or no.")
    if set(known) != set(target.classes):
        raise Refusal(
            f"The target “{name}” has the labels {listed(known)}, and the binding names {listed(target.classes)}. "
            "Choose the target again."
        )


def _check_input(each: Input, targets: list[str], columns: dict[str, Column], file: str) -> None:
    wanted = each.columns if each.array is None else (each.array,)
    absent = [name for name in wanted if name not in columns]
    if absent or not wanted:
        raise Refusal(
            f"The input “{each.name}” takes {listed(absent) or 'nothing'}; {file} has {listed(columns)}. Choose again."
        )
    both = [name for name in wanted if name in targets]
    if both:
        raise Refusal(f"{listed(both)} is the target and also flows into the input “{each.name}”; take it out of the inputs.")
    text = [name for name in wanted if columns[name].kind not in NUMERIC and name not in each.categories]
    if text:
        raise Refusal(f"The input “{each.name}” takes {listed(text)}, which holds text; only numbers can flow into a model.")
    if each.array is None and any(columns[name].shape for name in wanted):
        raise Refusal(f"The input “{each.name}” mixes columns and arrays; an array needs an input of its own.")
    values = sum(len(each.categories.get(name, "1")) for name in wanted)
    if each.array is not None:
        values = prod(_known(columns[each.array].shape))
    if prod(_known(each.shape)) != values:
        raise Refusal(
            f"The input “{each.name}” has {values} values a sample; its shape {each.shape} holds {prod(_known(each.shape))}."
        )


def _known(shape: Shape) -> tuple[int, ...]:
    return tuple(axis or 1 for axis in shape)
