"""A search over settings of a recipe: which are tried, and in what order."""

from __future__ import annotations

from math import prod
from typing import Literal

from pydantic import Field, model_validator

from components.recipe.document import Document

Method = Literal["grid", "random", "halving"]
"""Every combination; combinations drawn at random; drawn at random, and given up early where they fall behind."""

Setting = bool | int | float | str


class Over(Document):
    """One setting that is searched: `layout`, a field of the training settings, or an option of the layouts that have it.

    Either a range from `low` to `high`, on a logarithmic scale, or `values`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    low: float | None = Field(None, gt=0)
    high: float | None = Field(None, gt=0)
    values: tuple[Setting, ...] = Field((), max_length=100)

    @model_validator(mode="after")
    def _one_of_both(self) -> Over:
        is_range = self.low is not None and self.high is not None and self.low < self.high
        if is_range == bool(self.values) or (not is_range and (self.low or self.high)):
            raise ValueError(f"{self.name} takes a range from a lower to a higher number, or values")
        if len(set(map(repr, self.values))) < len(self.values):
            raise ValueError(f"{self.name} has a value twice")
        return self


class Search(Document):
    """What is tried: `trials` combinations, or all of a grid, in which a range has `points` points."""

    method: Method = "random"
    trials: int = Field(12, ge=1, le=1000)
    points: int = Field(3, ge=2, le=20)
    over: tuple[Over, ...] = Field(min_length=1, max_length=8)

    @model_validator(mode="after")
    def _each_once(self) -> Search:
        if len({over.name for over in self.over}) < len(self.over):
            raise ValueError("a setting is searched twice")
        if self.count > 1000:
            raise ValueError(f"{self.count} combinations are more than 1,000")
        return self

    @property
    def count(self) -> int:
        """How many trials there will be."""
        if self.method != "grid":
            return self.trials
        return prod(len(over.values) or self.points for over in self.over)
