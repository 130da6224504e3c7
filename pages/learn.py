"""Every layout and operator with formula and source."""

from itertools import groupby

import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.fusion.operator import OPERATORS
from components.views.lesson import Lesson, lessons
from components.views.page import page_header, panel

page_header("Learn", "What does each layout do, where does it come from, and how is it known to fail?")
layouts, operators = st.tabs(["Layouts", "Operators"], key="lessons", on_change="rerun")
if layouts.open:
    with layouts:
        for family, group in groupby(LAYOUTS.values(), key=lambda layout: layout.family):
            with panel(family.capitalize()):
                lessons(
                    Lesson(
                        title=layout.title,
                        chinese=layout.chinese,
                        summary=layout.summary,
                        formula=layout.formula,
                        reference=layout.reference,
                    )
                    for layout in group
                )
if operators.open:
    with operators, panel("Operators"):
        lessons(
            Lesson(
                title=operator.title,
                summary=operator.summary,
                formula=operator.formula,
                reference=operator.reference,
                failures=operator.failures,
                source=operator.source,
            )
            for operator in sorted(OPERATORS.values(), key=lambda operator: operator.title)
        )
