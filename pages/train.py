"""Training with live curves, and what fusion brought."""

import streamlit as st

from components.engine.exports import MODEL
from components.engine.made import take_made
from components.engine.resuming import can_resume
from components.fusion.layouts import LAYOUTS
from components.recipe import Refusal
from components.store.values import ENDED
from components.training.metrics import metric_of
from components.views.analysis_panel import show_analysis
from components.views.boundary import attempt
from components.views.draft import Draft
from components.views.gradient_trail import show_by_member, show_gradient_trail
from components.views.live_chart import history_table
from components.views.member_trials import try_members
from components.views.page import caption, notice, on_demand, page_header, panel, refusal
from components.views.predict_panel import predict_panel
from components.views.run_controls import RUN_STOPS, run_head
from components.views.run_downloads import run_downloads
from components.views.run_name import name_and_note
from components.views.run_view import show_curves, show_progress, show_scores
from components.views.services import engine, known_warnings, store
from components.views.training_form import training_form

draft = Draft()


def settings():
    """The settings of the next run."""
    with panel("Settings"):
        training_form(draft)


def in_the_way():
    """The refusal that a start would end in, None where it would not."""
    try:
        draft.planned()
    except Refusal as no:
        return no
    return None


def start_button(obstacle, running):
    """Starts a run, where nothing is in the way; beside a run that is here already that is said below it."""
    st.button(
        "Start training" if run is None else "Train again",
        type="secondary" if run is not None and can_resume(store(), run) else "primary",
        key="start",
        on_click=attempt,
        args=(start,),
        disabled=running or obstacle is not None,
        width="stretch",
    )
    if run and obstacle:
        caption(obstacle.sentence)


def before_the_first_run(obstacle):
    """What comes of the button, what is in its way, and which members the run would take that predict nothing here."""
    is_chosen = len(draft.recipe.members) > 1 and draft.recipe.data and draft.recipe.layout
    with panel("No run yet", key="empty"):
        if obstacle and is_chosen:
            refusal(obstacle.sentence, obstacle.detail, title="Training cannot start yet")
        elif obstacle:
            caption(obstacle.sentence)
        else:
            caption("Press **Start training**: the curves grow here while the model trains, and you can leave and come back.")
        for warning in known_warnings(draft.recipe):
            notice(warning)
        try_members(draft.recipe)


def start():
    recipe, _ = draft.planned()
    run = store().create_run(recipe)
    engine().submit(run.id)
    st.query_params["run"] = run.id


@st.fragment(run_every=0.5)
def live(run_id):
    """Curves that grow; the fragment stops ticking when the run has ended."""
    run = store().run(run_id)
    if run.state in ENDED:
        st.rerun()
    with panel("Curves"):
        run_head(run, RUN_STOPS)
        if run.message:
            notice(run.message)
        points = curve(run_id)
        show_progress(run, points)
        show_curves(run, points)
        show_by_member([run])


def curve(run_id):
    """All points so far; each tick reads only what is new."""
    st.session_state.curve = store().curve(run_id, st.session_state.get("curve"))
    return st.session_state.curve.points


def settled(run):
    """A run that has ended: its curves, what fusion brought, and what can be taken away."""
    points = curve(run.id)
    with panel("Curves"):
        run_head(run, RUN_STOPS)
        if run.message and run.state == "failed":
            refusal(run.message, run.detail, title="The run failed")
        elif run.message:
            notice(run.message)
        show_progress(run, points)
        show_curves(run, points)
        history_table(points, metric=metric_of(run.recipe.data.target.task), file_name=f"{run.name}-history.csv")
        gradients = on_demand("Gradients along training", key="gradient-trail")
        if gradients is not None:
            with gradients:
                show_gradient_trail(run)
    if run.result and not run.recipe.is_single:
        show_scores(run, run.result)
    if run.result:
        show_analysis(run, store().run_folder(run.id))
    predict_panel(run)
    downloads(run)


def downloads(run):
    with panel("Take away"):
        run_downloads(run)
        if (store().run_folder(run.id) / MODEL).exists() and not run.recipe.is_single:
            st.button("Use it as a member", key="become-member", on_click=attempt, args=(become_member, run))


def become_member(run):
    """The trained model joins this fusion as one more member; what scales its inputs is part of it."""
    members = " and ".join(member.name for member in run.recipe.members)
    note = f"Trained here in the run {run.name}: {run.recipe.layout} of {members}."
    with st.spinner("Opening the model in a worker …", show_time=True):
        facts = take_made(engine(), store(), store().run_folder(run.id) / "model.keras", run.name, note)
        said = draft.add_member(facts, scaling="none")
    st.toast(said or f"{run.name} is a member of this fusion now.")


def trained(recipe):
    """What a run trains: a layout, or one member alone."""
    return f"{recipe.name} alone" if recipe.is_single else recipe.layout


run_id = st.query_params.get("run")
run = store().run(run_id) if run_id else None
page_header(
    "Train",
    f"Run **{run.name}** of {trained(run.recipe)} · everything here survives a refresh; the address is the run."
    if run
    else "Train the fused model on your data, and see whether fusion helps.",
)
if run:
    name_and_note(run)
picture, choices = st.columns([3, 1], gap="medium")
with choices:
    running = run is not None and run.state not in ENDED
    start_place = st.container()
    caption(
        f"{len(draft.recipe.members)} members, {LAYOUTS[draft.recipe.layout].title if draft.recipe.layout else 'no layout yet'}"
    )
    settings()
with picture:
    empty_place = st.container()
    if running:
        live(run.id)
    elif run:
        settled(run)
    earlier = {each.id: each for each in store().find_runs(limit=100) if each.id != run_id}
    if earlier:
        with panel("Earlier runs"):
            again = st.selectbox(
                "Open a run",
                list(earlier),
                index=None,
                placeholder="One of the last 100; the Compare page finds all",
                format_func=lambda id: f"{earlier[id].name} · {trained(earlier[id].recipe)} · {earlier[id].state}",
            )
            if again:
                st.query_params["run"] = again
                st.rerun()
# Last, since the first look at data that were not bound since the app started waits for a worker.
obstacle = None if running else in_the_way()
with start_place:
    start_button(obstacle, running)
if run is None:
    with empty_place:
        before_the_first_run(obstacle)
