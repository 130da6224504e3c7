"""What is predicted: the target and its task, further targets beside it, and which output of a member predicts which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from components.data.binding import inputs_of, is_label, labels_of, target_of, target_of_labels, with_targets
from components.data.facts import Column, DatasetFacts
from components.data.wording import listed
from components.fusion.predicted import predicted
from components.models.facts import MemberFacts
from components.recipe import Data, Target, Task
from components.views.draft import Draft, edited
from components.views.page import caption, on_demand
from components.views.services import facts

TASKS: dict[Task, str] = {
    "binary": "Yes or no",
    "multiclass": "One of several classes",
    "multilabel": "Several labels at once",
    "regression": "A number",
}
NOTHING = ""


def target_form(draft: Draft, data: Data, dataset: DatasetFacts, members: Sequence[MemberFacts]) -> None:
    """The widgets; each change is one edit of the draft."""
    columns = {column.name: column for column in dataset.columns}

    def predict(target: Target) -> None:
        """The first target anew: what it leaves free may feed the members."""
        others = tuple(each for each in data.others if not set(each.sources) & set(target.sources))
        sources = [name for each in (target, *others) for name in each.sources]
        bind(target=target, others=others, inputs=inputs_of(dataset, sources, members))

    def bind(**changes: object) -> None:
        draft.edit(data=Data(**{**dict(data), **changes}))

    def choose_task(task: Task) -> None:
        predict(_as(task, data.target, columns))

    first = data.target.sources[0]
    edited(
        st.selectbox,
        "Target",
        first,
        lambda name: predict(target_of(columns[name], members)),
        key="target",
        options=_usable(columns),
    )
    edited(st.selectbox, "Task", data.target.task, choose_task, key="task", options=list(TASKS), format_func=TASKS.__getitem__)
    if data.target.columns:
        edited(
            st.multiselect,
            "Labels: columns of 0 and 1",
            list(data.target.columns),
            lambda names: predict(target_of_labels([columns[name] for name in columns if name in names])),
            key="labels",
            options=[name for name, column in columns.items() if is_label(column)],
        )
    # A part whose title changed would close.
    part = on_demand("Also predict …", key="others")
    if part is None and data.others:
        caption(f"Also {listed(target.name for target in data.others)}.")
    if part is not None:
        with part:
            _others(data, columns, members, lambda others: draft.edit(data=with_targets(data, dataset, others, members)))
    _outputs(draft, data)


def _others(
    data: Data, columns: Mapping[str, Column], members: Sequence[MemberFacts], choose: Callable[[list[Target]], None]
) -> None:
    known = {each.sources[0]: each for each in data.others}

    def chosen(names: list[str]) -> None:
        choose([known.get(name) or target_of(columns[name], members) for name in names])

    def changed(name: str, target: Target) -> None:
        choose([target if each == name else other for each, other in known.items()])

    def to_task(name: str, target: Target) -> Callable[[Task], None]:
        return lambda task: changed(name, _as(task, target, columns))

    def to_weight(name: str, target: Target) -> Callable[[float], None]:
        return lambda weight: changed(name, target.model_copy(update={"weight": weight}))

    edited(
        st.multiselect,
        "Further targets, each at an output of its own",
        list(known),
        chosen,
        key="further-targets",
        options=[name for name in _usable(columns) if name not in data.target.sources],
    )
    for name, target in known.items():
        task, weight = st.columns(2)
        with task:
            edited(
                st.selectbox,
                f"Task of {target.name}",
                target.task,
                to_task(name, target),
                key=f"task-{name}",
                options=list(TASKS),
                format_func=TASKS.__getitem__,
            )
        with weight:
            edited(
                st.number_input,
                f"Loss weight of {target.name}",
                target.weight,
                to_weight(name, target),
                key=f"weight-{name}",
                min_value=0.001,
                step=0.1,
            )
    caption("The members' branches are shared; every target has a head, a loss and scores of its own. The first counts once.")


def _outputs(draft: Draft, data: Data) -> None:
    """Which output predicts what, where a member has several or there are several targets."""
    known = facts(draft.recipe)
    unclear = [each for each in draft.recipe.members if len(data.targets) > 1 or len(known[each.name].outputs) > 1]

    def to_target(member: str, said: list[str], place: int) -> Callable[[str], None]:
        return lambda name: draft.edit_member(member, targets=(*said[:place], name, *said[place + 1 :]))

    part = on_demand("What the members' outputs predict", key="outputs-predict") if unclear else None
    if part is None:
        return
    with part:
        for member in unclear:
            found = {place: name for name, place in predicted(member, known[member.name], data.targets).items()}
            said = [found.get(place, NOTHING) for place in range(len(known[member.name].outputs))]
            for place, output in enumerate(known[member.name].outputs):
                edited(
                    st.selectbox,
                    f"{member.name}, output {output.name[:40]}",
                    said[place],
                    to_target(member.name, said, place),
                    key=f"predicts-{member.name}-{place}",
                    options=[NOTHING, *(target.name for target in data.targets)],
                    format_func=lambda name: name or "nothing of these",
                )


def _usable(columns: Mapping[str, Column]) -> list[str]:
    return [name for name, column in columns.items() if not column.shape or labels_of(column)]


def _as(task: Task, target: Target, columns: Mapping[str, Column]) -> Target:
    """The same target under another task; several columns of 0 and 1 stand for the labels where no single one names them."""
    column = columns[target.sources[0]]
    if task == "multilabel":
        found = [column] if labels_of(column) else [each for each in columns.values() if is_label(each)]
        return target_of_labels(found or [column]).model_copy(update={"weight": target.weight})
    classes = () if task == "regression" else column.classes
    return Target(name=column.name, task=task, classes=classes, weight=target.weight)
