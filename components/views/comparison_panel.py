"""Layouts compared by training: the choice, the live curves, and what came of it."""

from __future__ import annotations

import streamlit as st

from components.recipe import Options
from components.store import Run
from components.store.values import ENDED
from components.training.comparison.report import ComparisonReport
from components.training.comparison.tables import curves_csv
from components.views.comparison_curves import comparison_curves
from components.views.comparison_figures import COSTS, cost_figure
from components.views.comparison_form import comparison_form
from components.views.comparison_members import members_part
from components.views.comparison_table import leaderboard, rows_so_far, score_of
from components.views.downloads import Download, download_row
from components.views.draft import Draft
from components.views.figure_view import show_figures
from components.views.go_to import go_to
from components.views.page import caption, notice, on_demand, panel, refusal
from components.views.run_controls import CANCEL, StopButton, run_head
from components.views.run_deletion import deletion
from components.views.services import store

MOST_EARLIER = 50

STOPS = (StopButton("pause", "Pause", "Trainings that have ended are kept; the one under way begins again later"), CANCEL)


def comparison_panel(draft: Draft) -> None:
    """The comparison that the address names, and the form of a new one, which is folded away where there is one."""
    id = st.query_params.get("comparison")
    run = store().run(id) if id and store().comparison(id) else None
    with panel("Compare layouts by training them" if run is None else f"Comparison {run.name}", key="comparison"):
        if run is None:
            comparison_form(draft)
            _earlier(id)
            return
        if run.state in ENDED:
            _settled(draft, run)
            deletion([run], key="comparison", what="this comparison", goes="the leaderboard, the curves", address="comparison")
        else:
            _live(run.id)
        part = on_demand("Another comparison", key="new-comparison")
        if part is not None:
            with part:
                comparison_form(draft)
                _earlier(id)


@st.fragment(run_every=0.6)
def _live(id: str) -> None:
    """Curves and rows that grow; the fragment stops ticking when the comparison has ended."""
    run = store().run(id)
    if run.state in ENDED:
        st.rerun()
    run_head(run, STOPS, key="-comparison")
    st.progress(min(1.0, run.epoch / run.recipe.training.epochs), text=_left(run))
    comparison_curves(run)
    report = store().comparison_report(id)
    if report is not None and run.recipe.data is not None:
        rows_so_far(report, run.recipe.data.target.task)


def _left(run: Run) -> str:
    if not run.epoch:
        return "Members run over the data, and gradients are measured …"
    left = "" if run.time_left is None else f", {int(run.time_left) // 60}:{int(run.time_left) % 60:02d} left"
    return f"{min(1.0, run.epoch / run.recipe.training.epochs):.0%} trained{left}"


def _settled(draft: Draft, run: Run) -> None:
    """A comparison that has ended or was stopped: what it brought, so far as it came."""
    report = store().comparison_report(run.id)
    run_head(run, STOPS, key="-comparison")
    if run.message and run.state == "failed":
        refusal(run.message, run.detail, title="The comparison failed")
    elif run.message:
        notice(run.message)
    if report is None:
        comparison_curves(run)
    else:
        _tabs(draft, run, report)


def _tabs(draft: Draft, run: Run, report: ComparisonReport) -> None:
    comparison, data = store().comparison(run.id), run.recipe.data
    if comparison is None or data is None:
        return

    def use(layout: str, options: Options) -> None:
        draft.edit(**{**dict(run.recipe), "layout": layout, "options": options, "graph": None})
        go_to("fuse.py")

    table, curves, costs, members = st.tabs(
        ["Leaderboard", "Curves", "Score and cost", "Members"], key=f"comparison-tab-{run.id}", on_change="rerun"
    )
    with table:
        if table.open:
            leaderboard(report, data.target.task, use, name=run.name, key=run.id)
    with curves:
        if curves.open:
            points = comparison_curves(run)
            lines = "one training" if comparison.seeds == 1 else f"the mean over {comparison.seeds} trainings"
            caption(f"Validation split; each line is {lines}.")
            text = curves_csv(points)
            download_row(
                [Download("Curves (.csv)", f"{run.name}-curves.csv", lambda: text, "text/csv")], key=f"curves-{run.id}"
            )
    with costs:
        if costs.open:
            cost = st.segmented_control(
                "Cost", list(COSTS), default="parameters", format_func=lambda name: COSTS[name].title, key=f"cost-{run.id}"
            )
            shown = cost_figure(report.contenders, cost or "parameters", score_of(data.target.task))
            show_figures([shown], key=f"costs-{run.id}")
            caption(
                "Circles: layouts · diamonds: members alone · square: their plain average · dotted: beaten by no other in both "
                "· bars: over seeds. The figures are columns of the leaderboard."
            )
    with members:
        if members.open:
            members_part(report, [member.name for member in run.recipe.members], data.target.task, run)


def _earlier(current: str | None) -> None:
    earlier = {run.id: run for run in store().comparisons()[:MOST_EARLIER] if run.id != current}
    if not earlier:
        return
    chosen = st.selectbox(
        "Open a comparison",
        list(earlier),
        index=None,
        placeholder="Earlier comparisons",
        format_func=lambda id: f"{earlier[id].name} · {_layouts(id)} · {earlier[id].state}",
        label_visibility="collapsed",
        key="earlier-comparisons",
    )
    if chosen:
        st.query_params["comparison"] = chosen
        st.rerun()


def _layouts(id: str) -> str:
    comparison = store().comparison(id)
    return f"{len(comparison.layouts)} layouts" if comparison else ""
