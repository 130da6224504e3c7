"""How much of the error reaches each layer."""

import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plannable
from components.gradients.predicted import predicted
from components.gradients.table import to_csv
from components.views.downloads import Download, download_row
from components.views.draft import Draft, branches
from components.views.gradient_bars import show_gradients
from components.views.page import caption, next_step, page_header, panel
from components.views.services import bound, gradients

draft = Draft()
page_header(
    "Gradients",
    "How much of the error reaches each layer, on one probe batch, the same seed and one scale? Training has not begun.",
)
members, data = branches(draft.recipe)


def told(recipe, report):
    """The report with each member's share of the gradient in its summary, and what theory predicts beside what was measured."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in report.shares.items())
    rules = "; ".join(predicted(recipe, report))
    sentences = (report.summary, f"Of what reaches the members: {shares}." if shares else "", f"{rules}." if rules else "")
    return report.model_copy(update={"summary": " ".join(filter(None, sentences))})


usable = [name for name, fitness in plannable(members, data, bound(data)).items() if fitness.refusal is None]

with panel("Layouts side by side"):
    proposed = [name for name in dict.fromkeys((draft.recipe.layout, "average", "series")) if name in usable][:2]
    kept = [name for name in st.session_state.get("compared", proposed) if name in usable]
    st.session_state.compared = kept
    chosen = st.pills(
        "Layouts",
        usable,
        selection_mode="multi",
        format_func=lambda name: LAYOUTS[name].title,
        key="compared",
        persist_state="session",
        label_visibility="collapsed",
    )
    st.button(
        "All that fit",
        key="all-layouts",
        on_click=lambda: st.session_state.update(compared=usable),
        disabled=len(chosen) == len(usable),
    )

if not chosen:
    caption("Choose one layout or more; their gradients are drawn on one scale.")
else:
    recipes = tuple(draft.planned(name)[0] for name in chosen)
    with st.spinner("Measuring in a worker: one forward and one backward pass for each layout …", show_time=True):
        reports = gradients(recipes)
    places = {member.name: index for index, (member, _) in enumerate(members)}
    show_gradients([told(recipe, report) for recipe, report in zip(recipes, reports, strict=True)], places)
    caption(f"Probe batch of {reports[0].samples} training samples · seed {draft.recipe.seed} · one logarithmic scale for all.")
    download_row(
        [Download(label="Table (.csv)", file_name="gradients.csv", data=lambda: to_csv(reports), mime="text/csv")],
        key="gradient-downloads",
    )
    next_step("Train", "train.py")
