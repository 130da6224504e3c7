"""The validation curves of a comparison, read as they come."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.fusion.layouts import LAYOUTS
from components.store import Run
from components.training.comparison.report import ComparedPoint
from components.training.metrics import SHOWN, metric_of
from components.views.comparison_figures import curves_figure
from components.views.figure_view import show_figures
from components.views.services import store


def comparison_curves(run: Run) -> Sequence[ComparedPoint]:
    """Draws loss and metric of every layout over each other, once there is something; gives all points."""
    points, comparison = _points(run.id), store().comparison(run.id)
    if comparison is None or run.recipe.data is None or not points:
        return points
    titles = {name: LAYOUTS[name].title for name in comparison.layouts if name in LAYOUTS}
    metric, epochs = SHOWN[metric_of(run.recipe.data.target.task)], run.recipe.training.epochs
    show_figures(
        [
            curves_figure(points, "loss", "Validation loss", titles=titles, epochs=epochs),
            curves_figure(points, "metric", f"Validation {metric.title}", titles=titles, epochs=epochs),
        ],
        key="comparison-curves",
        run=run.id,
        points=len(points),
    )
    return points


def _points(id: str) -> Sequence[ComparedPoint]:
    """All points so far; each tick reads only what is new."""
    st.session_state.compared_curves = store().compared_curves(id, st.session_state.get("compared_curves"))
    points: tuple[ComparedPoint, ...] = st.session_state.compared_curves.points
    return points
