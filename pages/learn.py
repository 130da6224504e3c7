"""Every layout and operator with formula and source."""

import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.fusion.operator import OPERATORS
from components.views.page import caption, page_header, panel

page_header("Learn", "What does each layout do, where does it come from, and how is it known to fail?")
layouts, operators = st.tabs(["Layouts", "Operators"], key="lessons", on_change="rerun")
with layouts:
    for layout in LAYOUTS.values() if layouts.open else ():
        with panel(layout.title, key=f"layout-{layout.name}"):
            st.write(layout.summary)
            st.code(layout.formula, language=None)
            caption(layout.reference)
with operators:
    for operator in OPERATORS.values() if operators.open else ():
        with panel(operator.title, key=f"operator-{operator.name}"):
            st.write(operator.summary)
            st.code(operator.formula, language=None)
            for failure in operator.failures:
                caption(failure)
            if operator.reference:
                caption(operator.reference)
            with st.expander("The lines that run"):
                st.code(operator.source, language="python")
