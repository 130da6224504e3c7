"""Training small members on the chosen dataset: two different ones at once, or one as a person wants it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.engine.small_members import train_small_member, trained_here, trained_member, training_for
from components.models.small_member import KINDS, SmallMember, kinds_for, pair_for
from components.recipe import Data, Refusal, Training
from components.recipe.names import slug, unused
from components.store.values import ENDED, Run
from components.training.metrics import SHOWN, metric_of
from components.views.boundary import attempt
from components.views.draft import Draft
from components.views.page import caption, refusal, status_chip
from components.views.run_view import KINDS as STATE_KINDS
from components.views.services import bound, engine, store


def is_training() -> bool:
    """Whether a small member of this visitor is being trained."""
    return any(run.state not in ENDED for run in _followed())


def offer_pair(draft: Draft, data: Data, *, primary: bool) -> None:
    """A button that trains two different small members on the data."""
    first, second = pair_for(data)
    caption(
        f"Two small networks, one **{first.name}** and one **{second.name}**, learn from the training split alone and become "
        "members. That takes some seconds each."
    )
    if st.button("Train two small members", key="train-pair", type="primary" if primary else "secondary"):
        settings = training_for(bound(data).training)
        _train(draft, data, [(first, settings), (second, settings)])


def small_member_form(draft: Draft, data: Data) -> None:
    """What a small member is made of, and a button that trains it."""
    kinds = kinds_for(data)
    kind = st.selectbox("Kind", kinds, key="small-kind", format_func=lambda kind: KINDS[kind].title)
    shown = KINDS[kind]
    left, right = st.columns(2)
    name = left.text_input("Name", kind, key=f"small-name-{kind}", max_chars=40)
    seed = right.number_input("Seed", min_value=0, value=0, step=1, key="small-seed")
    width = left.number_input(
        "Filters of the first layer" if shown.needs_picture else "Units in each layer", 1, 512, shown.width, key=f"width-{kind}"
    )
    depth = right.number_input("Layers", 1, 6, shown.depth, key=f"depth-{kind}")
    usual = training_for(bound(data).training).epochs
    epochs = left.number_input("Epochs at most", 1, 10_000, usual, key="small-epochs")
    if st.button("Train it", key="train-small"):
        order = SmallMember(name=slug(name), kind=kind, width=width, depth=depth, seed=seed)
        _train(draft, data, [(order, training_for(bound(data).training, epochs))])


def show_trainings(draft: Draft) -> None:
    """The small members that this visitor trains: how far each is; one that is done becomes a member of the fusion."""
    runs = _followed()
    for run in runs:
        if run.state == "done":
            # First, so that one that cannot be taken in is told once; it waits on the shelf then.
            _unfollow(run.id)
            with st.spinner(f"Taking in {run.recipe.name} …", show_time=True):
                take_trained(draft, run)
            st.rerun()
    for run in runs:
        if run.state in ENDED:
            refusal(run.message, run.detail, title=f"{run.recipe.name} was not trained")
            st.button("Dismiss", key=f"dismiss-{run.id}", on_click=_unfollow, args=(run.id,))
    working = [run for run in runs if run.state not in ENDED]
    if working:
        _live(tuple(run.id for run in working))


def take_trained(draft: Draft, run: Run) -> None:
    """Adds what a run has trained to the fusion."""
    draft.add_member(trained_member(engine(), store(), run))


@st.fragment(run_every=0.5)
def _live(ids: tuple[str, ...]) -> None:
    """Ticks while the runs are at work, and lets the page be drawn anew when one has ended."""
    runs = [store().run(id) for id in ids]
    if any(run.state in ENDED for run in runs):
        st.rerun()
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, run.epoch / run.recipe.training.epochs), text=_progress(run))
            status_chip(run.state, STATE_KINDS[run.state])
            st.button(
                "Cancel",
                key=f"cancel-{run.id}",
                disabled=run.state == "cancelling",
                on_click=attempt,
                args=(engine().stop, run.id, "cancel"),
            )


def _progress(run: Run) -> str:
    """How far a run is: `wide · epoch 12 of 44 · accuracy 95.1 % on the validation split`."""
    said = f"{run.recipe.name} · epoch {int(run.epoch)} of {run.recipe.training.epochs}"
    reached = [point.metric for point in store().curve(run.id).points if point.split == "validation"]
    if not reached or run.recipe.data is None:
        return said
    metric = SHOWN[metric_of(run.recipe.data.target.task)]
    return f"{said} · {metric.title} {metric.text(reached[-1])} on the validation split"


def _train(draft: Draft, data: Data, orders: Sequence[tuple[SmallMember, Training]]) -> None:
    """Starts a run for each; their names are those of no other member."""
    taken = {member.name for member in draft.recipe.members}
    try:
        with st.spinner("Building what is to be trained …", show_time=True):
            for order, training in orders:
                named = order.model_copy(update={"name": unused(order.name, taken)})
                taken.add(named.name)
                run = train_small_member(engine(), store(), data, named, training)
                _follow([*_ids(), run.id])
    except Refusal as no:
        refusal(no.sentence, no.detail)
    else:
        st.rerun()


def _ids() -> list[str]:
    """The runs that this visitor follows; their ids also stand in the address, so that a refresh loses none."""
    found: list[str] = st.session_state.setdefault("trainings", st.query_params.get_all("training"))
    return found


def _follow(ids: list[str]) -> None:
    st.session_state.trainings = ids
    st.query_params["training"] = ids


def _unfollow(id: str) -> None:
    _follow([each for each in _ids() if each != id])


def _followed() -> list[Run]:
    ids = _ids()
    if ids:
        # Another page has taken them off the address.
        _follow(ids)
    return [run for run in reversed(trained_here(store())) if run.id in ids] if ids else []
