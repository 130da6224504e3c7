"""How a dataset's file is read: recognised from its content once, kept with the recipe, and changeable by hand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from components.recipe.document import Document

Encoding = Literal[
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1250", "cp1251", "gb18030", "shift_jis"
]
"""Python's names. `utf-8-sig` and `utf-16` begin with a byte order mark; `cp1252` is Windows' extension of Latin-1."""

Separator = Literal["comma", "semicolon", "tab", "bar"]
Decimal = Literal["point", "comma"]
Thousands = Literal["none", "comma", "point", "space", "apostrophe"]

MARKS = {"none": "", "comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "point": ".", "space": " ", "apostrophe": "'"}
"""The character that each word stands for."""


class TableReading(Document):
    """A text table. The descriptions are what a person reads beside each field."""

    format: Literal["csv"] = "csv"
    encoding: Encoding = Field("utf-8", description="Encoding")
    separator: Separator = Field("comma", description="Values are separated by")
    decimal: Decimal = Field("point", description="Decimal mark")
    thousands: Thousands = Field("none", description="Mark between thousands")
    title_lines: int = Field(0, ge=0, le=100, description="Lines above the table")
    header: bool = Field(True, description="The first line holds names")


class SheetReading(Document):
    """The first sheet of an Excel workbook; rows without any value do not count."""

    format: Literal["xlsx"] = "xlsx"
    title_rows: int = Field(0, ge=0, le=100, description="Rows above the table")
    header: bool = Field(True, description="The first row holds names")


class PictureReading(Document):
    """Pictures in a zip archive, each brought to one size in pixels and to one or three channels."""

    format: Literal["images"] = "images"
    height: int = Field(ge=1, le=1024, description="Height in pixels")
    width: int = Field(ge=1, le=1024, description="Width in pixels")
    channels: Literal["grey", "colour"] = Field("colour", description="Channels")


class ArrayReading(Document):
    """NumPy arrays or a Parquet table: such a file says by itself how it is read."""

    format: Literal["npz", "parquet"]


Reading = Annotated[TableReading | SheetReading | PictureReading | ArrayReading, Field(discriminator="format")]
