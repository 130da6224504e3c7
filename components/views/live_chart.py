"""Loss and metric while a run is training: drawn anew a few times a second, and a zoom survives it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.training.events import Metric, Point
from components.training.history import history_csv
from components.training.metrics import SHOWN
from components.views.curves import Baseline, curve_figure
from components.views.downloads import Download, download_row
from components.views.figure_view import show_figures
from components.views.page import on_demand
from components.views.rate_curve import rate_figure


def live_chart(
    points: Sequence[Point],
    *,
    run: str,
    metric: Metric,
    epochs: int,
    baselines: Sequence[Baseline] = (),
    height: int = 320,
    key: str = "live_chart",
) -> None:
    """Two charts side by side: thin line training, thick line validation, dashed baselines. Below them the learning rate.

    Call it within a fragment with `run_every` while the run lasts, and without afterwards. `run` keeps the zoom: a new run
    starts unzoomed. The root element carries the number of points received as `data-points`.
    """
    loss = curve_figure(points, "loss", "Loss", epochs=epochs, baselines=baselines, height=height)
    second = curve_figure(points, "metric", SHOWN[metric].title.capitalize(), epochs=epochs, baselines=baselines, height=height)
    show_figures([loss, second], key=key, run=run, points=len(points))
    rate = rate_figure(points, epochs=epochs)
    if rate is not None:
        show_figures([rate], key=f"{key}-rate", run=run)


def history_table(points: Sequence[Point], *, metric: Metric, file_name: str) -> None:
    """The points as a table and as a CSV download, below the chart; sent once a person opens that part of the page."""
    part = on_demand("The numbers behind the curves", key=f"numbers-{file_name}")
    if part is None:
        return
    with part:
        st.dataframe(
            [point.model_dump() for point in points],
            hide_index=True,
            column_config={"metric": SHOWN[metric].title.capitalize()},
        )
        csv = Download("History as CSV", file_name, lambda: history_csv(points, metric), "text/csv")
        download_row([csv], key="history")
