"""What a run's test split tells, one tab an analysis; what lies in a closed tab is not drawn."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from components.store.values import Run
from components.training.analysis.findings import ANALYSIS, Analysis, Findings
from components.views.analysis_sections import Section, sections
from components.views.figure_view import show_figures
from components.views.page import caption, panel


@st.fragment
def show_analysis(run: Run, folder: Path) -> None:
    """The analyses of a finished run, output by output; nothing where its folder holds none. A tab draws this part alone."""
    path = folder / ANALYSIS
    if not path.exists():
        return
    outputs = analysis_of(path, path.stat().st_mtime_ns).outputs
    with panel("On the test split", key="analysis"):
        chosen = 0
        if len(outputs) > 1:
            names = [each.output for each in outputs]
            chosen = names.index(st.segmented_control("Output", names, default=names[0], key="analysis-output") or names[0])
        _show(outputs[chosen], run)


@lru_cache(16)
def analysis_of(path: Path, changed: int) -> Analysis:
    """The analysis in a run's folder; `changed` is when it was written, so that another one is read anew."""
    return Analysis.model_validate_json(path.read_bytes())


def _show(findings: Findings, run: Run) -> None:
    found = sections(findings, {member.name: place for place, member in enumerate(run.recipe.members)})
    if not found:
        caption("The fused model's predictions are not all numbers, so there is nothing to analyse.")
        return
    tabs = st.tabs([section.title for section in found], key="analysis-tab", on_change="rerun")
    for tab, section in zip(tabs, found, strict=True):
        with tab:
            if tab.open:
                show_section(section)


def show_section(section: Section) -> None:
    """A section's sentence, figures and tables."""
    caption(section.sentence)
    if section.figures:
        show_figures(section.figures, key=f"analysis-{section.title}".lower().replace(" ", "-"))
    if section.html:
        st.html(section.html)
