"""Option models, made from the keyword arguments of a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import ValidationError, create_model
from pydantic.fields import FieldInfo

from components.recipe.document import Document
from components.recipe.graph import Options
from components.recipe.refusal import Refusal
from components.recipe.wording import shown


def option_model(
    function: Callable[..., Any], described: Mapping[str, FieldInfo], given: Collection[str] = ("name",)
) -> type[Document]:
    """The options of an operator, layout or merge: the typed arguments of its function after the first one.

    Args:
        function: The function; its first argument is what it works on.
        given: Names of further arguments that are given by the program, not chosen.
        described: For an option a pydantic `Field` with its bounds and its description.
    """
    parameters = list(inspect.signature(function, eval_str=False).parameters.values())[1:]
    fields: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.name in given:
            continue
        annotation = eval(parameter.annotation, function.__globals__)
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        field = described.get(parameter.name)
        fields[parameter.name] = (annotation, default) if field is None else (annotation, _with_default(field, default))
    return create_model(f"{function.__name__.title().replace('_', '')}Options", __base__=Document, **fields)


def _with_default(field: FieldInfo, default: Any) -> FieldInfo:
    return FieldInfo.merge_field_infos(field, default=default)


def read_options(model: type[Document], title: str, options: Options) -> Document:
    """Options as typed values.

    Raises:
        Refusal: when one is unknown, missing or out of bounds.
    """
    try:
        return model.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Refusal(f"The option “{shown(name)}” of {title.lower()} cannot be used: {first['msg']}.", str(error)) from error
