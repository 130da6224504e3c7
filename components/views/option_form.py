"""A form made of an options model: one widget a field, as its type and bounds ask."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from components.recipe import Document, Options
from components.recipe.document import RARELY_USED
from components.views.draft import edited
from components.views.page import on_demand, refusal


def option_form(
    model: type[Document],
    options: Options,
    change: Callable[[Options], None],
    *,
    key: str,
    below: Mapping[str, Callable[[], None]] | None = None,
    without: Collection[str] = (),
) -> None:
    """Shows every option that leaves a choice, with its default or its value in `options`.

    Fields marked as `RARELY_USED` come last, folded away. `change` is handed all options when one was changed. `below` draws
    something more below the option of a name; options in `without` are left out.
    """
    choices = {
        name: field
        for name, field in model.model_fields.items()
        if len(get_args(field.annotation)) != 1 and name not in without
    }
    rare = {name: field for name, field in choices.items() if field.json_schema_extra == RARELY_USED}
    for name, field in choices.items():
        if name not in rare:
            _option(name, field, options, change, key)
            if below and name in below:
                below[name]()
    if rare and (place := on_demand("More settings", key=f"more-{key}")):
        with place:
            for name, field in rare.items():
                _option(name, field, options, change, key)


def _option(name: str, field: FieldInfo, options: Options, change: Callable[[Options], None], key: str) -> None:
    if field.annotation == tuple[float, ...]:
        _numbers(name, field, options, change, key)
        return
    label = field.description or name.replace("_", " ").capitalize()
    value = options.get(name, field.get_default(call_default_factory=True))
    widget, settings = _widget(field)
    edited(
        widget,
        label,
        value,
        partial(_change_one, change, options, name),
        key=f"option-{key}-{name}",
        **settings,
    )


def _change_one(change: Callable[[Options], None], options: Options, name: str, value: Any) -> None:
    change({**options, name: value})


def _numbers(name: str, field: FieldInfo, options: Options, change: Callable[[Options], None], key: str) -> None:
    """A list of numbers as text. What cannot be read stays in the field, with a sentence below it."""
    at = f"option-{key}-{name}"
    problem = f"{at}-problem"

    def enter(text: str) -> None:
        try:
            numbers = [float(part) for part in text.replace(";", " ").replace(",", " ").split()]
        except ValueError:
            st.session_state[problem] = text
        else:
            st.session_state.pop(problem, None)
            change({**options, name: numbers})

    kept = ", ".join(f"{number:g}" for number in options.get(name, ()))
    unread = st.session_state.get(problem)
    edited(st.text_input, field.description or name, kept if unread is None else unread, enter, key=at, placeholder="0.5, 0.5")
    if unread is not None:
        refusal(f"“{unread[:60]}” is not a list of numbers. Write them like 0.5, 0.5; the weights before still hold.")


def _widget(field: FieldInfo) -> tuple[Callable[..., Any], dict[str, Any]]:
    kind = field.annotation
    bounds = {
        {"Ge": "min_value", "Le": "max_value"}[type(bound).__name__]: getattr(bound, type(bound).__name__.lower())
        for bound in field.metadata
        if type(bound).__name__ in ("Ge", "Le")
    }
    if kind is bool:
        return st.toggle, {}
    if get_origin(kind) is Literal:
        return st.selectbox, {"options": list(get_args(kind))}
    if kind is int:
        return st.number_input, {"step": 1, **bounds}
    if kind is float:
        bounds = {side: float(bound) for side, bound in bounds.items()}
        # One step is a tenth of the default, so that the buttons fit a rate of 0.001 as well as a share of 0.5.
        return st.number_input, {"format": "%.6g", "step": (field.default or 1.0) / 10, **bounds}
    return st.text_input, {}
