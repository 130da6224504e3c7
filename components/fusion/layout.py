"""The registry of layouts: functions that write a fusion graph for the chosen members and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic.fields import FieldInfo

from components.fusion.writer import GraphWriter
from components.recipe import Document, Options, Refusal
from components.recipe.options import option_model, read_options

MOST_MEMBERS = 16

Family = Literal["output space", "feature space", "chains", "joint"]
"""What flows together: predictions, features, one member into the next, or nothing but the training."""


@dataclass(frozen=True)
class Layout:
    """One way for members to flow together. `chinese` is its usual name in Chinese, empty where it has none.

    `guarantee` is a sentence on what holds of its predictions by construction, whatever the members. It takes `fewest` to
    `MOST_MEMBERS` members.
    """

    name: str
    title: str
    family: Family
    chinese: str
    summary: str
    formula: str
    reference: str
    function: Callable[..., None]
    options: type[Document]
    fewest: int = 2
    guarantee: str = ""

    def write(self, writer: GraphWriter, options: Options) -> None:
        """Writes the graph, once for each target; see `GraphWriter.turn_to`.

        Raises:
            Refusal: when it cannot be used with these members and data, or an option is wrong.
        """
        self._count(len(writer.members))
        values = read_options(self.options, self.title, options)
        for target in writer.targets:
            writer.turn_to(target)
            self.function(writer, **{option: getattr(values, option) for option in self.options.model_fields})

    def _count(self, members: int) -> None:
        if not self.fewest <= members <= MOST_MEMBERS:
            raise Refusal(
                f"{self.title} takes {self.fewest} to {MOST_MEMBERS} members; {members} chosen. Choose them on the Models page."
            )


LAYOUTS: dict[str, Layout] = {}


def layout(
    *,
    title: str,
    family: Family,
    summary: str,
    formula: str,
    reference: str = "",
    chinese: str = "",
    options: Mapping[str, FieldInfo] | None = None,
    fewest: int = 2,
    guarantee: str = "",
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers a function as a layout, under its own name with `-` for `_`; its typed arguments are its options."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__.replace("_", "-")
        LAYOUTS[name] = Layout(
            name=name,
            title=title,
            family=family,
            chinese=chinese,
            summary=summary,
            formula=formula,
            reference=reference,
            function=function,
            options=option_model(function, options or {}),
            fewest=fewest,
            guarantee=guarantee,
        )
        return function

    return register
