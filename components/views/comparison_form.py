"""A new comparison: which layouts, how many seeds."""

from __future__ import annotations

import streamlit as st

from components.recipe import Refusal
from components.training.comparison.report import Comparison
from components.views.boundary import attempt
from components.views.draft import Draft
from components.views.fitness import usable_layouts
from components.views.layout_pills import all_that_fit, layout_pills
from components.views.page import caption
from components.views.services import engine, store


def comparison_form(draft: Draft) -> None:
    """The choice, and the button that starts it; a sentence where nothing can be compared."""
    try:
        usable = usable_layouts(draft.recipe)
    except Refusal as no:
        caption(no.sentence)
        return
    targets = draft.recipe.data.targets if draft.recipe.data else ()
    if len(targets) > 1:
        caption(
            f"Layouts are compared on one target, and these data have {len(targets)}. Take the further ones out on the "
            "Data page."
        )
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
    if not chosen:
        caption("Choose one layout or more; each is trained in the same way, beside the members alone.")
        return
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
