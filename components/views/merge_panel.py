"""Weight space: members of one architecture become one model of that architecture, which is a member again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from components.engine.merging import merge_members
from components.models.facts import MemberFacts
from components.models.weight_space.facts import MergeReport, Merging
from components.models.weight_space.methods import MERGES, Merge
from components.recipe import Member, Recipe
from components.recipe.names import slug, unused
from components.recipe.wording import shown
from components.training.metrics import SHOWN, Shown, metric_of
from components.views.boundary import attempt
from components.views.draft import Draft, edited
from components.views.figure_view import show_figures
from components.views.merge_figure import barrier_figures
from components.views.option_form import option_form
from components.views.page import caption, notice
from components.views.services import barrier, engine, store

NEEDS = {"base": "a base", "data": "data", "validation": "a target"}
SWITCHES = {
    "align": ("Align hidden units first", "Puts every member's hidden units into the first one's order (Git Re-Basin)."),
    "repair": ("Repair hidden units", "Gives merged units the mean and deviation that they have in the members (REPAIR)."),
    "re_estimate": ("Measure moving statistics anew", "Batch normalization is measured on the training split after the merge."),
}


def merge_panel(draft: Draft) -> None:
    """Choices, a look at the line between two members before anything is merged, the merge, and what came of it."""
    merging: Merging = st.session_state.setdefault("merging", Merging())
    method = MERGES[merging.method]
    choices, looks = st.columns([2, 3], gap="medium")
    with choices:
        _choices(merging, method)
        base = _base(draft.recipe) if "base" in method.needs else None
        with st.container(horizontal=True):
            look = st.toggle(
                "Look before",
                key="look-before",
                disabled=len(draft.recipe.members) != 2,
                help="Shows loss and metric on the line between two members, before anything is merged.",
            )
            st.button(
                "Merge into a new member",
                key="merge",
                on_click=attempt,
                args=(_merge, draft, merging, base),
                disabled="base" in method.needs and base is None,
            )
    with looks:
        done: MergeReport | None = st.session_state.get("merged")
        if done:
            made: MemberFacts = st.session_state.merged_member
            notice(f"**{made.file_name}** is a member now and stands on the shelf. {' '.join(done.notes)}")
            st.button("Add it to this fusion", key="add-merged", on_click=attempt, args=(draft.add_member, made))
            _report(done, draft.recipe)
        elif look and len(draft.recipe.members) == 2:
            with st.spinner("Measuring the line between them in a worker …", show_time=True):
                _report(barrier(draft.recipe, merging), draft.recipe)
        else:
            caption(
                "The merged model costs no more to run than one member. It needs members of one architecture; from different "
                "starts they must be aligned first, and the line between them shows whether that is enough."
            )


def _choices(merging: Merging, method: Merge) -> None:
    def change(**fields: Any) -> None:
        st.session_state.merging = merging.model_copy(update=fields)
        st.session_state.pop("merged", None)

    edited(
        st.selectbox,
        "Merge",
        merging.method,
        lambda name: change(method=name, options={}),
        key="merge-method",
        options=list(MERGES),
        format_func=lambda name: _title(MERGES[name]),
    )
    caption(" · ".join(filter(None, (method.formula, method.reference))))
    st.write(method.summary)
    option_form(method.options, merging.options, lambda options: change(options=options), key=f"merge-{method.name}")
    for field, (label, help) in SWITCHES.items():
        edited(
            st.toggle,
            label,
            getattr(merging, field),
            partial(_switch, change, field),
            key=f"merge-{field}",
            help=help,
        )
    for failure in method.failures:
        caption(failure)


def _switch(change: Callable[..., None], field: str, value: bool) -> None:
    change(**{field: value})


def _title(method: Merge) -> str:
    needs = " and ".join(NEEDS[need] for need in method.needs)
    return f"{method.title} (needs {needs})" if needs else method.title


def _base(recipe: Recipe) -> Member | None:
    """The model that the members were trained on from, chosen among all that are here and no members."""
    chosen = {member.sha256 for member in recipe.members}
    cards = {card.sha256: card for card in store().members() if card.sha256 not in chosen}
    sha256 = st.selectbox(
        "Base: the model that the members were trained on from",
        list(cards),
        index=None,
        format_func=lambda sha256: shown(cards[sha256].file_name),
        placeholder="Choose it" if cards else "Upload it on the Models page first",
        key="merge-base",
    )
    if sha256 is None:
        return None
    name = unused(slug(cards[sha256].file_name), [member.name for member in recipe.members])
    return Member(name=name, sha256=sha256, file_name=cards[sha256].file_name)


def _merge(draft: Draft, merging: Merging, base: Member | None) -> None:
    with st.spinner("Merging in a worker …", show_time=True):
        name = unused(f"merged-{merging.method}", [slug(card.file_name) for card in store().members()])
        bare = draft.recipe.model_copy(update={"graph": None})
        facts, report = merge_members(engine(), store(), bare, merging, name, base)
    st.session_state.merged, st.session_state.merged_member = report, facts


def _report(report: MergeReport, recipe: Recipe) -> None:
    metric = SHOWN[metric_of(recipe.data.target.task if recipe.data else "multiclass")]
    if report.similarity:
        caption(report.similarity.sentence)
    if report.curves:
        show_figures(barrier_figures(report.curves, report.members, metric), key=f"barrier-{report.method}")
        caption("; ".join(f"barrier {curve.title}: **{curve.barrier:.3g}**" for curve in report.curves))
    if report.scores:
        st.dataframe(_scores(report, metric), hide_index=True)
        caption("On the validation split.")


def _scores(report: MergeReport, metric: Shown) -> pd.DataFrame:
    return pd.DataFrame(
        {"Model": shown(score.name), "Kind": score.kind, metric.title.capitalize(): score.metric, "Loss": score.loss}
        for score in report.scores
    )
