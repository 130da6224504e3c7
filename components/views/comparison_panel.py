"""Layouts compared by training: the choice, the live curves, and what came of it."""

from __future__ import annotations

import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.recipe import Options, Refusal
from components.store import Run
from components.store.values import ENDED
from components.training.comparison.report import ComparedPoint, Comparison
from components.training.metrics import SHOWN, metric_of
from components.views.boundary import attempt
from components.views.comparison_figures import COSTS, cost_figure, curves_figure
from components.views.comparison_members import members_part
from components.views.comparison_table import leaderboard, score_of
from components.views.draft import Draft, branches
from components.views.figure_view import show_figures
from components.views.fitness import usable_layouts
from components.views.layout_pills import all_that_fit, layout_pills
from components.views.page import caption, notice, panel, refusal, status_chip
from components.views.run_view import KINDS
from components.views.services import engine, store

MOST_EARLIER = 50


def comparison_panel(draft: Draft) -> None:
    """The form for a new comparison, and below it the one that the address names."""
    with panel("Compare layouts by training them"):
        _form(draft)
    id = st.query_params.get("comparison")
    run = store().run(id) if id and store().comparison(id) else None
    if run is not None and run.state not in ENDED:
        _live(run.id)
    elif run is not None:
        _settled(draft, run)
    _earlier(id)


def _form(draft: Draft) -> None:
    try:
        branches(draft.recipe)
        usable = usable_layouts(draft.recipe)
    except Refusal as no:
        caption(no.sentence)
        return
    proposed = (draft.recipe.layout or "", "average", "concatenate", "stacking")
    chosen = layout_pills(usable, proposed, key="trained_layouts")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        all_that_fit(usable, chosen, pills="trained_layouts", key="train-all-layouts")
        seeds = st.number_input("Seeds", 1, 10, 3, key="comparison-seeds", width=120, help="Trainings of each layout")
        st.button(
            "Train and compare",
            type="primary",
            key="start-comparison",
            disabled=not chosen,
            on_click=attempt,
            args=(_start, draft, tuple(chosen), seeds),
        )
    frozen = all(member.frozen for member in draft.recipe.members)
    how = (
        "All members are frozen, so all layouts train in one pass."
        if frozen
        else "Not all members are frozen, so layouts train one after the other; freeze them on the Fuse page for one pass."
    )
    settings = draft.recipe.training
    caption(f"{settings.epochs} epochs, batches of {settings.batch_size}, as set on the Train page. {how}")


def _start(draft: Draft, layouts: tuple[str, ...], seeds: int) -> None:
    run = store().create_run(draft.recipe, Comparison(layouts=layouts, seeds=seeds))
    engine().submit(run.id)
    st.query_params["comparison"] = run.id


@st.fragment(run_every=0.6)
def _live(id: str) -> None:
    """Curves that grow; the fragment stops ticking when the comparison has ended."""
    run = store().run(id)
    if run.state in ENDED:
        st.rerun()
    with panel("Comparison", key="comparison-live"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            place = store().queue_position(id)
            status_chip(f"queued, {place} in line" if place else run.state, KINDS[run.state])
            st.button(
                "Cancel",
                key="cancel-comparison",
                disabled=run.state == "cancelling",
                on_click=attempt,
                args=(engine().stop, id, "cancel"),
            )
        st.progress(min(1.0, run.epoch / run.recipe.training.epochs), text=_left(run))
        _curves(run)


def _left(run: Run) -> str:
    if not run.epoch:
        return "Members run over the data …"
    left = "" if run.time_left is None else f", {int(run.time_left) // 60}:{int(run.time_left) % 60:02d} left"
    return f"{min(1.0, run.epoch / run.recipe.training.epochs):.0%} trained{left}"


def _settled(draft: Draft, run: Run) -> None:
    report, comparison = store().comparison_report(run.id), store().comparison(run.id)
    if run.recipe.data is None or comparison is None:
        return
    task = run.recipe.data.target.task
    with panel(f"Comparison {run.name}", key="comparison"):
        status_chip(run.state, KINDS[run.state])
        if run.message and run.state == "failed":
            refusal(run.message, run.detail, title="The comparison failed")
        elif run.message:
            notice(run.message)
        if report is None:
            _curves(run)
            return

        def use(layout: str, options: Options) -> None:
            draft.edit(**{**dict(run.recipe), "layout": layout, "options": options, "graph": None})
            st.switch_page("fuse.py")

        table, curves, costs, members = st.tabs(
            ["Leaderboard", "Curves", "Score and cost", "Members"], key=f"comparison-tab-{run.id}", on_change="rerun"
        )
        with table:
            if table.open:
                leaderboard(report, task, use, file_name=f"{run.name}-leaderboard.csv", key=run.id)
        with curves:
            if curves.open:
                _curves(run)
                caption(f"Validation split; each line is the mean over {comparison.seeds} trainings.")
        with costs:
            if costs.open:
                cost = st.segmented_control(
                    "Cost", list(COSTS), default="parameters", format_func=lambda name: COSTS[name].title, key=f"cost-{run.id}"
                )
                show_figures([cost_figure(report.contenders, cost or "parameters", score_of(task))], key=f"costs-{run.id}")
                caption("Circles: layouts · diamonds: members alone · dotted: beaten by no other in both · bars: over seeds.")
        with members:
            if members.open:
                members_part(report, [member.name for member in run.recipe.members], task, run.id)


def _curves(run: Run) -> None:
    points, comparison = _points(run.id), store().comparison(run.id)
    if comparison is None or run.recipe.data is None or not points:
        return
    titles = {name: LAYOUTS[name].title for name in comparison.layouts if name in LAYOUTS}
    metric, epochs = SHOWN[metric_of(run.recipe.data.target.task)], run.recipe.training.epochs
    show_figures(
        [
            curves_figure(points, "loss", "Validation loss", titles=titles, epochs=epochs),
            curves_figure(points, "metric", f"Validation {metric.title}", titles=titles, epochs=epochs),
        ],
        key="comparison-curves",
        run=run.id,
        points=len(points),
    )


def _points(id: str) -> list[ComparedPoint]:
    """All points so far; each tick reads only what is new."""
    kept = st.session_state.setdefault("compared_points", {})
    if kept.get("run") != id:
        kept.update(run=id, last=0, points=[])
    for row, point in store().compared(id, after=kept["last"]):
        kept["last"] = row
        kept["points"].append(point)
    return kept["points"]


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
