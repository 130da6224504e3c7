"""The registry of layouts: functions that write a fusion graph for the chosen members and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.fields import FieldInfo

from components.fusion.options import option_model, read_options
from components.fusion.writer import GraphWriter
from components.recipe import Document, Options


@dataclass(frozen=True)
class Layout:
    """One way for members to flow together. `chinese` is its usual name in Chinese, empty where it has none."""

    name: str
    title: str
    chinese: str
    summary: str
    formula: str
    reference: str
    function: Callable[..., None]
    options: type[Document]

    def write(self, writer: GraphWriter, options: Options) -> None:
        """Writes the graph.

        Raises:
            Refusal: when it cannot be used with these members and data, or an option is wrong.
        """
        values = read_options(self.options, self.title, options)
        self.function(writer, **{option: getattr(values, option) for option in self.options.model_fields})


LAYOUTS: dict[str, Layout] = {}


def layout(
    *,
    title: str,
    summary: str,
    formula: str,
    reference: str = "",
    chinese: str = "",
    options: Mapping[str, FieldInfo] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a function as a layout, under its own name with `-` for `_`; its typed arguments are its options."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__.replace("_", "-")
        LAYOUTS[name] = Layout(
            name=name,
            title=title,
            chinese=chinese,
            summary=summary,
            formula=formula,
            reference=reference,
            function=function,
            options=option_model(function, options or {}),
        )
        return function

    return register
