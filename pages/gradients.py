"""How much of the error reaches each layer."""

import streamlit as st

from components.gradients.judged import judged
from components.gradients.measures import MEASURES
from components.gradients.sentences import sentences
from components.gradients.table import members_csv, paths_csv, to_csv
from components.views.downloads import Download, download_row
from components.views.draft import Draft, branches
from components.views.fitness import usable_layouts
from components.views.gradient_bars import gradient_range, show_gradients
from components.views.gradient_graph import show_gradient_graph
from components.views.gradient_requests import gradients
from components.views.gradient_runs import show_runs
from components.views.gradient_settings import choose_measure, choose_probing, choose_thresholds
from components.views.gradient_table import show_side_by_side
from components.views.layout_pills import all_that_fit, layout_pills
from components.views.page import caption, next_step, on_demand, page_header, panel

draft = Draft()
page_header(
    "Gradients",
    "How much of the error reaches each layer, on one probe batch, the same seed and one scale?",
)
members, _ = branches(draft.recipe)


def told(recipe, report):
    """The report with all that is said of it in its summary."""
    return report.model_copy(update={"summary": " ".join(sentences(recipe, report))})


usable = usable_layouts(draft.recipe)

with panel("Layouts side by side"):
    proposed = [name for name in dict.fromkeys((draft.recipe.layout, "average", "series")) if name in usable][:2]
    chosen = layout_pills(usable, proposed, key="compared")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        all_that_fit(usable, chosen, pills="compared", key="all-layouts")
        probing = choose_probing()
        thresholds = choose_thresholds()

if not chosen:
    caption("Choose one layout or more; their gradients are drawn on one scale.")
else:
    recipes = tuple(draft.planned(name)[0] for name in chosen)
    with st.spinner("Measuring in a worker: one forward and one backward pass for each layout …", show_time=True):
        measured = gradients(recipes, probing)
    reports = [judged(report, thresholds) for report in measured]
    places = {member.name: index for index, (member, _) in enumerate(members)}
    bars_tab, graph_tab, table_tab = st.tabs(["Bars", "Graph", "Side by side"], key="gradients-tab", on_change="rerun")
    with bars_tab:
        if bars_tab.open:
            measure = choose_measure("bars")
            show_gradients([told(recipe, report) for recipe, report in zip(recipes, reports, strict=True)], places, measure)
    with graph_tab:
        if graph_tab.open:
            titles = {report.layout: report.title for report in reports}
            drawn = st.selectbox("Layout", list(titles), format_func=titles.__getitem__, key="gradient-graph-layout")
            at = list(titles).index(drawn)
            with panel("Graph", key="gradient-graph"):
                show_gradient_graph(recipes[at], members, reports[at], gradient_range(reports))
    with table_tab:
        if table_tab.open:
            measure = choose_measure("table")
            with panel(f"{MEASURES[measure].title} by layer and layout", key="gradient-heat"):
                show_side_by_side(recipes, reports, places, measure)
    when = f"after {probing.steps} steps" if probing.steps else "before training"
    probe = f"Probe batch of {reports[0].samples} training samples"
    caption(f"{probe} · {when} · seed {draft.recipe.seed} · one logarithmic scale for all.")
    tables = {
        "Layers": lambda: to_csv(reports),
        "Members": lambda: members_csv(recipes, reports),
        "Paths": lambda: paths_csv(reports),
    }
    download_row(
        [
            Download(label=f"{name} (.csv)", file_name=f"gradients-{name.lower()}.csv", data=data, mime="text/csv")
            for name, data in tables.items()
            if name != "Paths" or any(report.forks for report in reports)
        ],
        key="gradient-downloads",
    )
    trails = on_demand("Along runs", key="gradient-trails")
    if trails is not None:
        with trails:
            show_runs()
    next_step("Train", "train.py")
