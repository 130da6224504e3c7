"""Training with live curves, and what fusion brought."""

import pandas as pd
import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.recipe import Training
from components.store.values import ENDED
from components.training.metrics import SHOWN, metric_of
from components.views.downloads import Download, download_row
from components.views.draft import Draft, edited
from components.views.live_chart import Baseline, history_table, live_chart
from components.views.page import caption, notice, page_header, panel, refusal, statistics, status_chip
from components.views.services import bound, bundled, engine, store

OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}
KINDS = {
    "queued": "idle",
    "starting": "busy",
    "running": "busy",
    "cancelling": "caution",
    "cancelled": "caution",
    "failed": "bad",
    "done": "good",
}

draft = Draft()


def settings():
    """The settings of the next run."""
    training = draft.recipe.training

    def change(**changes):
        draft.edit(training=Training(**{**dict(training), **changes}))

    with panel("Settings"):
        edited(
            st.selectbox,
            "Optimizer",
            training.optimizer,
            lambda value: change(optimizer=value),
            key="optimizer",
            options=list(OPTIMIZERS),
            format_func=OPTIMIZERS.__getitem__,
        )
        edited(
            st.number_input,
            "Learning rate",
            training.learning_rate,
            lambda value: change(learning_rate=value),
            key="learning-rate",
            min_value=1e-6,
            max_value=10.0,
            format="%.6g",
            step=1e-4,
        )
        edited(
            st.number_input,
            "Epochs",
            training.epochs,
            lambda value: change(epochs=value),
            key="epochs",
            min_value=1,
            max_value=100_000,
            step=1,
        )
        edited(
            st.number_input,
            "Batch size",
            training.batch_size,
            lambda value: change(batch_size=value),
            key="batch-size",
            min_value=1,
            max_value=65_536,
            step=1,
        )
        edited(
            st.number_input,
            "Stop early after epochs without improvement (0: never)",
            training.patience,
            lambda value: change(patience=value),
            key="patience",
            min_value=0,
            step=1,
        )
        edited(
            st.number_input, "Seed", draft.recipe.seed, lambda value: draft.edit(seed=value), key="seed", min_value=0, step=1
        )


def start():
    recipe, _ = draft.planned()
    run = store().create_run(recipe)
    engine().submit(run.id)
    st.query_params["run"] = run.id


def progress(run, points):
    """How far a run is, in big figures."""
    metric = SHOWN[metric_of(run.recipe.data.target.task)]
    reached = [point.metric for point in points if point.split == "validation"]
    left = "–" if run.time_left is None else f"{int(run.time_left) // 60}:{int(run.time_left) % 60:02d}"
    statistics(
        {
            "epoch": f"{int(run.epoch)} / {run.recipe.training.epochs}",
            f"validation {metric.title}": metric.text(reached[-1]) if reached else "–",
            "steps a second": "–" if run.steps_per_second is None else f"{run.steps_per_second:,.0f}",
            **({} if run.state in ENDED else {"time left": left}),
        }
    )
    st.progress(min(1.0, run.epoch / run.recipe.training.epochs))


@st.fragment(run_every=0.5)
def live(run_id):
    """Curves that grow; the fragment stops ticking when the run has ended."""
    run = store().run(run_id)
    if run.state in ENDED:
        st.rerun()
    with panel("Curves"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            place = store().queue_position(run_id)
            status_chip(f"queued, {place} in line" if place else run.state, KINDS[run.state])
            st.button("Cancel", key="cancel", disabled=run.state == "cancelling", on_click=lambda: engine().cancel(run_id))
        points = curve(run_id)
        progress(run, points)
        chart(run, points)


def curve(run_id):
    """All points so far; each tick reads only what is new."""
    kept = st.session_state.setdefault("curve", {})
    if kept.get("run") != run_id:
        kept.update(run=run_id, last=0, points=[])
    fresh = store().points(run_id, after=kept["last"])
    if fresh:
        kept["last"] = fresh[-1][0]
        kept["points"].extend(point for _, point in fresh)
    return kept["points"]


def chart(run, points):
    place = {member.name: index for index, member in enumerate(run.recipe.members)}
    baselines = [
        Baseline(name=score.name, index=place.get(score.name), loss=score.loss, metric=score.metric) for score in run.baselines
    ]
    live_chart(
        points,
        run=run.id,
        metric=metric_of(run.recipe.data.target.task),
        epochs=run.recipe.training.epochs,
        baselines=baselines,
    )
    caption("thin line: training · thick line: validation · dashed: what each member and their plain average reach alone")


def settled(run):
    """A run that has ended: its curves, what fusion brought, and what can be taken away."""
    points = curve(run.id)
    with panel("Curves"):
        status_chip(run.state, KINDS[run.state])
        if run.message and run.state == "failed":
            refusal(run.message, run.detail, title="The run failed")
        elif run.message:
            notice(run.message)
        progress(run, points)
        chart(run, points)
        history_table(points, metric=metric_of(run.recipe.data.target.task), file_name=f"{run.name}-history.csv")
    if run.result:
        brought(run)
    downloads(run)


def brought(run):
    """Test scores of the fused model beside those of the members and of their plain average."""
    metric = SHOWN[metric_of(run.recipe.data.target.task)]
    scores = [score for score in run.result.scores if score.split == "test"]
    fused = next(score for score in scores if score.kind == "fused")
    others = [score for score in scores if score.kind != "fused" and score.metric is not None]
    with panel("Does fusion help?"):
        if others:
            best = (max if metric.higher_is_better else min)(others, key=lambda score: score.metric)
            st.markdown(
                f"**{metric.text(fused.metric)}** {metric.title} on the test split for the fused model, "
                f"**{metric.text(best.metric)}** for the best of what was there before ({best.name}). "
                + in_samples(run, fused.metric - best.metric)
            )
        st.dataframe(
            pd.DataFrame(
                {"Model": s.name, "Kind": s.kind, metric.title.capitalize(): s.metric, "Loss": s.loss, "Note": s.note}
                for s in scores
            ),
            hide_index=True,
            key="scores",
        )
        caption("The test split was opened once, after training.")
        for note in run.result.notes:
            notice(note)


def in_samples(run, difference):
    """A difference of accuracies as a number of test samples, so that nobody takes a handful for a trend."""
    if metric_of(run.recipe.data.target.task) != "accuracy":
        return ""
    count = bound(run.recipe.data).test
    return f"That is a difference of {abs(round(difference * count))} among {count:,} test samples."


def downloads(run):
    folder = store().run_folder(run.id)
    files = {
        "model.keras": "Model (.keras)",
        "history.csv": "History (.csv)",
        "predictions.csv": "Test predictions (.csv)",
        "recipe.json": "Recipe (.json)",
    }
    ready = [
        Download(label=label, file_name=f"{run.name}-{file}", data=(folder / file).read_bytes)
        for file, label in files.items()
        if (folder / file).exists()
    ]
    if (folder / "script.py").exists():
        script = (folder / "script.py").read_text(encoding="utf-8")
        archive = f"{run.name}-script.zip"
        ready.append(Download(label="Script with members (.zip)", file_name=archive, data=lambda: bundled(run.recipe, script)))
    if ready:
        with panel("Take away"):
            download_row(ready, key="downloads")


run_id = st.query_params.get("run")
run = store().run(run_id) if run_id else None
page_header(
    "Train",
    f"Run **{run.name}** of {run.recipe.layout} · everything here survives a refresh; the address is the run."
    if run
    else "Train the fused model on your data, and see whether fusion helps.",
)
picture, choices = st.columns([3, 1], gap="medium")
with choices:
    running = run is not None and run.state not in ENDED
    st.button(
        "Start training" if run is None else "Train again",
        type="primary",
        key="start",
        on_click=start,
        disabled=running,
        width="stretch",
    )
    caption(
        f"{len(draft.recipe.members)} members, {LAYOUTS[draft.recipe.layout].title if draft.recipe.layout else 'no layout yet'}"
    )
    settings()
with picture:
    if run is None:
        with panel("No run yet", key="empty"):
            caption("Press **Start training**: the curves grow here while the model trains, and you can leave and come back.")
    elif running:
        live(run.id)
    else:
        settled(run)
    earlier = {each.id: each for each in store().runs() if each.id != run_id}
    if earlier:
        with panel("Earlier runs"):
            again = st.selectbox(
                "Open a run",
                list(earlier),
                index=None,
                placeholder="Choose a run",
                format_func=lambda id: f"{earlier[id].name} · {earlier[id].recipe.layout} · {earlier[id].state}",
            )
            if again:
                st.query_params["run"] = again
                st.rerun()
