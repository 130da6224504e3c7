"""What is known of a run, in the words of the pages."""

from __future__ import annotations

from components.fusion.layouts import LAYOUTS
from components.recipe.wording import shown
from components.store import Run
from components.training.metrics import SHOWN


def row(run: Run) -> dict[str, object]:
    """A run's line in the table: test scores of the fused model, the best member and the plain average."""
    tested = [score for score in run.result.scores if score.split == "test" and not score.target] if run.result else []
    metric = SHOWN[run.result.metric] if run.result else None

    def reached(kind: str) -> float | None:
        values = [score.metric for score in tested if score.kind == kind and score.metric is not None]
        return (max if metric and metric.higher_is_better else min)(values, default=None)

    return {
        "Run": run.name,
        "Started": run.started or run.created,
        "Layout": layout_title(run),
        "Members": " + ".join(member.name for member in run.recipe.members),
        "Data": shown(run.recipe.data.file_name) if run.recipe.data else "",
        "State": run.state,
        "Metric": metric.title if metric else "",
        "Fused": None if run.recipe.is_single else reached("fused"),
        "Best member": reached("fused" if run.recipe.is_single else "member"),
        "Plain average": reached("average"),
        "Seconds": run.seconds,
        "Note": shown(run.note, 200),
    }


def layout_title(run: Run) -> str:
    """What a run trains, as a person reads it."""
    layout = run.recipe.layout
    if run.recipe.is_single:
        return "one member alone"
    return LAYOUTS[layout].title if layout in LAYOUTS else layout or "a graph of its own"


def about(run: Run) -> dict[str, str]:
    """What is known of a run beyond its scores."""
    known = {"Created": f"{run.created:%Y-%m-%d %H:%M} UTC", "Address": f"/train?run={run.id}"}
    if run.seconds is not None:
        known["Duration"] = f"{run.seconds:,.1f} s, {run.steps:,} steps, {run.epoch:g} of {run.recipe.training.epochs} epochs"
    if run.environment is not None:
        made_with = run.environment
        known["Device"] = f"{made_with.device}; {made_with.system}"
        known["Versions"] = (
            f"Tributary {made_with.tributary}, Python {made_with.python}, "
            f"TensorFlow {made_with.tensorflow}, Keras {made_with.keras}"
        )
    if run.message:
        known["Told"] = run.message
    if run.note:
        known["Note"] = run.note
    return known
