"""A run in pictures and figures: how far it is, its curves, and what it brought."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from components.store.values import ENDED, Run, State
from components.training.events import Metric, Point, Result
from components.training.metrics import SHOWN, metric_of
from components.views.live_chart import Baseline, live_chart
from components.views.page import Kind, caption, notice, panel, statistics
from components.views.services import bound

KINDS: dict[State, Kind] = {
    "queued": "idle",
    "starting": "busy",
    "running": "busy",
    "cancelling": "caution",
    "cancelled": "caution",
    "failed": "bad",
    "done": "good",
}
"""How each state of a run looks."""


def _metric(run: Run) -> Metric:
    return metric_of(run.recipe.data.target.task if run.recipe.data else "multiclass")


def show_progress(run: Run, points: Sequence[Point]) -> None:
    """How far a run is, in big figures."""
    metric = SHOWN[_metric(run)]
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


def show_curves(run: Run, points: Sequence[Point]) -> None:
    """Loss and metric, with what members and average reach alone as dashed lines."""
    place = {member.name: index for index, member in enumerate(run.recipe.members)}
    baselines = [
        Baseline(name=score.name, index=place.get(score.name), loss=score.loss, metric=score.metric) for score in run.baselines
    ]
    live_chart(
        points,
        run=run.id,
        metric=_metric(run),
        epochs=run.recipe.training.epochs,
        baselines=baselines,
    )
    caption("thin line: training · thick line: validation · dashed: what each member and their plain average reach alone")


def show_scores(run: Run, result: Result) -> None:
    """Test scores of the fused model beside those of the members and of their plain average."""
    metric = SHOWN[result.metric]
    tested = [score for score in result.scores if score.split == "test"]
    with panel("Does fusion help?"):
        sentence = _comparison(run, result)
        if sentence:
            st.markdown(sentence)
        st.dataframe(
            pd.DataFrame(
                {"Model": s.name, "Kind": s.kind, metric.title.capitalize(): s.metric, "Loss": s.loss, "Note": s.note}
                for s in tested
            ),
            hide_index=True,
            key="scores",
        )
        caption("The test split was opened once, after training.")
        for note in result.notes:
            notice(note)


def _comparison(run: Run, result: Result) -> str:
    """The fused model beside the best of what was there before; a difference of accuracies also as a number of samples."""
    metric = SHOWN[result.metric]
    reached = {score.name: score.metric for score in result.scores if score.split == "test" and score.metric is not None}
    fused = next((reached.pop(score.name, None) for score in result.scores if score.kind == "fused"), None)
    if fused is None or not reached or run.recipe.data is None:
        return ""
    best = (max if metric.higher_is_better else min)(reached, key=lambda name: reached[name])
    said = (
        f"**{metric.text(fused)}** {metric.title} on the test split for the fused model, "
        f"**{metric.text(reached[best])}** for the best of what was there before ({best})."
    )
    if result.metric == "accuracy":
        # So that nobody takes a handful for a trend.
        count = bound(run.recipe.data).test
        said += f" That is a difference of {abs(round((fused - reached[best]) * count))} among {count:,} test samples."
    return said
