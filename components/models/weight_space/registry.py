"""The registry of merges.

A merge is one small function over lists of arrays, one list a member and one array a weight. To add one, write such a function
in a module of `methods/`:

    @merge(
        title="Sum",
        summary="Adds the members' weights up.",
        formula="θ = Σ θ_m",
    )
    def weight_sum(members: Sequence[Arrays], *, factor: float = 1.0) -> Arrays:
        return [factor * sum(arrays) for arrays in zip(*members, strict=True)]

Its keyword-only arguments are its options. What it needs beside the members, it names as further arguments: `base`, the weights
of a common ancestor; `fishers` and `grams`, measured on data; `score`, which judges weights on validation data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic.fields import FieldInfo

from components.recipe import Document, Options, Refusal
from components.recipe.options import option_model, read_options

Array = npt.NDArray[np.float64]
Arrays = list[Array]
"""The weights of one model, in the order of the architecture."""

Need = Literal["base", "data", "validation"]
"""Beside members of one architecture: the weights they were trained from, samples, or samples with their target."""

NEEDS: dict[str, Need] = {"base": "base", "fishers": "data", "grams": "data", "score": "validation"}
"""What a function may take beside the members and its options, and what that needs."""

MOST_MEMBERS = 16


@dataclass(frozen=True)
class Merge:
    """One way to merge: its function, its options, what it needs and what is known of it.

    `linear` functions are applied to moving statistics too; for others these are averaged with the shares that `shares` gives
    from the options and the number of members.
    """

    name: str
    title: str
    summary: str
    formula: str
    reference: str
    function: Callable[..., Arrays]
    options: type[Document]
    ingredients: tuple[str, ...]
    fewest: int
    most: int
    failures: tuple[str, ...]
    linear: bool
    shares: Callable[[Any, int], Sequence[float]]

    @property
    def needs(self) -> tuple[Need, ...]:
        """What is needed beside members of one architecture."""
        return tuple(dict.fromkeys(NEEDS[name] for name in self.ingredients))

    def read(self, options: Options) -> Document:
        """Typed options; missing ones have their defaults.

        Raises:
            Refusal: when one is unknown or out of bounds.
        """
        return read_options(self.options, self.title, options)

    def apply(self, members: Sequence[Arrays], ingredients: Mapping[str, Any], options: Document) -> Arrays:
        """The merged arrays; the members' stay as they are.

        Args:
            members: Arrays in float64, in one order for all members.
            ingredients: What the function needs beside them, by the names of its arguments.
            options: As `read` gives them.

        Raises:
            Refusal: when the options do not fit the members.
        """
        typed = {option: getattr(options, option) for option in self.options.model_fields}
        return self.function(members, **{name: ingredients[name] for name in self.ingredients}, **typed)


MERGES: dict[str, Merge] = {}


def equal_shares(options: Any, members: int) -> Sequence[float]:
    """The same share for every member."""
    return [1 / members] * members


def merge(
    *,
    title: str,
    summary: str,
    formula: str,
    reference: str = "",
    options: Mapping[str, FieldInfo] | None = None,
    fewest: int = 2,
    most: int = MOST_MEMBERS,
    failures: tuple[str, ...] = (),
    linear: bool = False,
    shares: Callable[[Any, int], Sequence[float]] = equal_shares,
) -> Callable[[Callable[..., Arrays]], Callable[..., Arrays]]:
    """Registers a function as a merge, under the function's own name with `-` for `_`.

    Args:
        title: What a person reads.
        summary: What it does, in one sentence.
        formula: The same as mathematics.
        reference: Who described it, and when.
        options: Bounds and descriptions of options, by the name of the argument.
        fewest: The fewest members that it takes.
        most: The most members that it takes.
        failures: Sentences on how it is known to fail.
        linear: Whether it is an average, and so may be applied to moving statistics too.
        shares: The say of each member, where that is averaged which the function is not applied to.
    """

    def register(function: Callable[..., Arrays]) -> Callable[..., Arrays]:
        name = function.__name__.replace("_", "-")
        named = function.__code__.co_varnames[: function.__code__.co_argcount]
        MERGES[name] = Merge(
            name=name,
            title=title,
            summary=summary,
            formula=formula,
            reference=reference,
            function=function,
            options=option_model(function, options or {}, given=named),
            ingredients=named[1:],
            fewest=fewest,
            most=most,
            failures=failures,
            linear=linear,
            shares=shares,
        )
        return function

    return register


def find(name: str) -> Merge:
    """The merge of this name.

    Raises:
        Refusal: when there is none.
    """
    if name not in MERGES:
        raise Refusal(f"No merge is called “{name[:60]}”. Known are {', '.join(MERGES)}.")
    return MERGES[name]
