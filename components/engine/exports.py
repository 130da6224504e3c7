"""What a run left, in other formats: made by a worker when it is first asked for, and kept in the run's folder."""

from __future__ import annotations

from pathlib import Path

from components.engine.client import Engine
from components.models.exports import EXPORTS, Exported
from components.recipe import Refusal
from components.store import ENDED, Run, Store
from components.store.lock import FileLock
from components.training.metrics import metric_of

MODEL = "model.keras"
"""The trained model in a run's folder."""

LOGS = "tensorboard.zip"


def export_run(engine: Engine, store: Store, run: Run, format: str) -> Path:
    """The model of a run in a format of `EXPORTS`.

    Raises:
        Refusal: when the run left no model, or the format cannot hold it.
    """
    model = _model(store, run)
    made = _made(store, run, f"{format}{EXPORTS[format].suffix}")
    # A worker reads uploads and members alone, so the model lies among them meanwhile.
    with FileLock(made.with_name("lock")):
        if not _is_fresh(made, model):
            with model.open("rb") as stream:
                upload = store.save_upload(stream, MODEL)
            try:
                answer = engine.request("export_model", path=str(upload.path), format=format, file=str(made))
            finally:
                store.discard(upload.sha256)
            _said(made).write_text(Exported.model_validate(answer).model_dump_json(), encoding="utf-8")
    return made


def exported(store: Store, run: Run, format: str) -> tuple[Path, Exported] | None:
    """The file that `export_run` made of a run's model before, and what it said; None when there is none."""
    made = _made(store, run, f"{format}{EXPORTS[format].suffix}")
    if not (_said(made).exists() and _is_fresh(made, _model(store, run))):
        return None
    return made, Exported.model_validate_json(_said(made).read_bytes())


def event_files(engine: Engine, store: Store, run: Run) -> Path:
    """The curves of a run that has ended as TensorBoard reads them, in a ZIP.

    Raises:
        Refusal: when the run has not ended, or has no curves.
    """
    points = [point.model_dump() for point in store.curve(run.id).points]
    if run.state not in ENDED or not points or run.recipe.data is None:
        raise Refusal(f"The run {run.name} has no curves to take away yet. Wait until it has ended.")
    made = _made(store, run, LOGS)
    if made_event_files(store, run) is None:
        metric = metric_of(run.recipe.data.target.task)
        engine.request("event_files", points=points, metric=metric, file=str(made))
    return made


def made_event_files(store: Store, run: Run) -> Path | None:
    """The archive that `event_files` made before, unless the run went on since."""
    made = _made(store, run, LOGS)
    fresh = made.exists() and run.ended is not None and made.stat().st_mtime >= run.ended.timestamp()
    return made if fresh else None


def _model(store: Store, run: Run) -> Path:
    model = store.run_folder(run.id) / MODEL
    if not model.exists():
        raise Refusal(f"The run {run.name} left no model: it ended before its training began. Train it again.")
    return model


def _made(store: Store, run: Run, name: str) -> Path:
    folder = store.run_folder(run.id) / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / name


def _said(made: Path) -> Path:
    return made.with_name(f"{made.stem}.json")


def _is_fresh(made: Path, model: Path) -> bool:
    """Whether a file was made of the model as it is now: a run that is resumed writes another."""
    return made.exists() and made.stat().st_mtime_ns >= model.stat().st_mtime_ns
