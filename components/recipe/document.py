"""What every value object of a recipe has in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Shape = tuple[int | None, ...]
"""A tensor's shape without its batch axis; `None` stands for an axis of any length."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""A name that is safe as a Keras layer name, a file name and an address: lower case, digits, `-` and `_`."""


RARELY_USED: dict[str, JsonValue] = {"rarely used": True}
"""The mark, as a field's `json_schema_extra`, of a setting that a form folds away."""


class Document(BaseModel):
    """An immutable value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tensor(Document):
    """A named tensor as it enters or leaves a model."""

    name: str
    shape: Shape
    dtype: str = "float32"
