"""How a dataset's file was read, to be changed where it was recognised wrongly."""

from __future__ import annotations

import streamlit as st
from pydantic import TypeAdapter

from components.recipe import ArrayReading, Options, Reading
from components.views.draft import Draft
from components.views.option_form import option_form

_READING: TypeAdapter[Reading] = TypeAdapter(Reading)


def reading_form(draft: Draft) -> None:
    """The fields of the reading that the recipe names, closed at first; nothing where a file leaves no choice."""
    data = draft.recipe.data
    if data is None or data.reading is None or isinstance(data.reading, ArrayReading):
        return

    def change(options: Options) -> None:
        draft.read_again(_READING.validate_python(options))

    with st.expander("How the file is read"):
        option_form(type(data.reading), data.reading.model_dump(), change, key="reading")
