"""A run in pictures and figures: how far it is, its curves, and what it brought."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import isfinite

import pandas as pd
import streamlit as st

from components.store.values import ENDED, Run, State
from components.training.events import Metric, Point, Result, Score
from components.training.metrics import SHOWN, Shown, metric_of
from components.views.live_chart import Baseline, live_chart
from components.views.page import Kind, caption, notice, panel, statistics

KINDS: dict[State, Kind] = {
    "queued": "idle",
    "starting": "busy",
    "running": "busy",
    "pausing": "caution",
    "finishing": "busy",
    "cancelling": "caution",
    "paused": "idle",
    "cancelled": "caution",
    "failed": "bad",
    "done": "good",
}
"""How each state of a run looks."""


def _metric(run: Run) -> Metric:
    return metric_of(run.recipe.data.target.task if run.recipe.data else "multiclass")


def show_progress(run: Run, points: Sequence[Point]) -> None:
    """How far a run is and how fast, in big figures, and below the bar in small ones."""
    metric = SHOWN[_metric(run)]
    reached = [point.metric for point in points if point.split == "validation" and isfinite(point.metric)]
    speed = run.steps_per_second
    statistics(
        {
            "epoch": f"{int(run.epoch)} / {run.recipe.training.epochs}",
            f"validation {metric.title}": metric.text(reached[-1]) if reached else "–",
            "samples a second": "–" if speed is None else f"{speed * run.recipe.training.batch_size:,.0f}",
            **({} if run.state in ENDED else {"time left": _clock(run.time_left)}),
        }
    )
    st.progress(min(1.0, run.epoch / run.recipe.training.epochs))
    rates = [point.learning_rate for point in points[-8:] if point.learning_rate is not None]
    said = {
        "learning rate": f"{rates[-1]:.3g}" if rates else None,
        "a step": f"{1000 / speed:,.3g} ms" if speed else None,
        "steps": f"{run.steps:,}",
        "memory": f"{run.memory / 1e9:.2f} GB" if run.memory else None,
    }
    caption(" · ".join(f"{name} **{value}**" for name, value in said.items() if value))


def _clock(seconds: float | None) -> str:
    """Minutes and seconds, and hours where there are some."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def show_curves(run: Run, points: Sequence[Point]) -> None:
    """Loss and metric, with what members and average reach alone as dashed lines."""
    place = {member.name: index for index, member in enumerate(run.recipe.members)}
    baselines = [
        Baseline(name=score.name, index=place.get(score.name), loss=score.loss, metric=score.metric)
        for score in run.baselines
        if not score.target
    ]
    live_chart(
        points,
        run=run.id,
        metric=_metric(run),
        epochs=run.recipe.training.epochs,
        baselines=baselines,
    )
    caption("thin line: training · thick line: validation · dashed: what each member and their plain average reach alone")


def _score_table(scores: Sequence[Score], metric: Shown, key: str) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Model": score.name,
                "Kind": score.kind,
                metric.title.capitalize(): score.metric,
                "95 %": "–" if score.low is None or score.high is None else f"{score.low:.3f} – {score.high:.3f}",
                "Loss": score.loss,
                "Note": score.note,
            }
            for score in scores
        ),
        hide_index=True,
        key=key,
        column_config={"95 %": st.column_config.TextColumn(help=f"The interval of the {metric.title}")},
    )


def show_scores(run: Run, result: Result) -> None:
    """The verdict and what is worth reading beside it; for each target the test scores of fused model, members and average."""
    metric = SHOWN[result.metric]
    tested = [score for score in result.scores if score.split == "test"]
    with panel("Does fusion help?"):
        if result.verdict:
            st.html(f'<p class="lead">{escape(result.verdict)}</p>')
        for note in result.notes:
            notice(note)
        tasks = {target.name: target.task for target in (run.recipe.data.others if run.recipe.data else ())}
        for name in dict.fromkeys(score.target for score in tested):
            if name:
                st.html(f'<h3 class="panel-title">{escape(name)}</h3>')
            shown = SHOWN[metric_of(tasks[name])] if name else metric
            _score_table([score for score in tested if score.target == name], shown, key=f"scores-{name}" if name else "scores")
        caption("The test split was opened once, after training.")
