"""Loss and metric while a run is training: drawn anew a few times a second, and a zoom survives it."""

from __future__ import annotations

from collections.abc import Sequence

from components.recipe import Document
from components.training.events import Metric, Point


class Baseline(Document):
    """What a member alone, or the plain average (`index` None), reaches: a dashed line named at its end."""

    name: str
    index: int | None
    loss: float | None
    metric: float | None


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
    """Two charts side by side: thin line training, thick line validation, dashed baselines.

    Call it within a fragment with `run_every`. `run` keeps the zoom: a new run starts unzoomed. At most 500 points a line are
    sent. The root element carries the number of points received as `data-points`.
    """
    raise NotImplementedError


def history_table(points: Sequence[Point], *, metric: Metric, file_name: str) -> None:
    """The points as a table and as a CSV download, in an expander below the chart."""
    raise NotImplementedError
