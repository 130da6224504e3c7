"""Predictions of a run's model for files that a person brings: made by a worker, kept in the run's folder as a table."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from components.engine.client import Engine
from components.engine.pairs import File
from components.recipe import PictureReading, Refusal
from components.store import Run, Store
from components.training.predicted import Predicted

TABLE = "new-predictions.csv"
"""The last predictions for new samples, in a run's folder."""


def predict_upload(engine: Engine, store: Store, run: Run, files: Sequence[File]) -> tuple[Predicted, Path]:
    """Lets the trained model of a run predict an uploaded file, or several pictures; nothing of them is kept.

    Returns:
        What was predicted, and where its table lies as CSV.

    Raises:
        Refusal: when the run left no model, or a file cannot be read or does not hold what the model takes.
    """
    folder = store.run_folder(run.id)
    if not (folder / "model.keras").exists():
        raise Refusal(f"The run {run.name} left no model to predict with. Train it again.")
    if len(files) > 1 and not (run.recipe.data and isinstance(run.recipe.data.reading, PictureReading)):
        raise Refusal(f"{len(files)} files were brought; tables and arrays are predicted one file at a time. Bring one.")
    stream, file_name = files[0] if len(files) == 1 else (_zipped(files), f"{len(files)} files.zip")
    kept = []
    try:
        # A worker reads uploads and members alone, so the model lies among them meanwhile.
        with (folder / "model.keras").open("rb") as model:
            kept.append(store.save_upload(model, "model.keras"))
        kept.append(store.save_upload(stream, file_name))
        answer = engine.request(
            "predict",
            recipe=run.recipe.model_dump(mode="json"),
            model=str(kept[0].path),
            path=str(kept[1].path),
            file_name=kept[1].file_name,
            table=str(folder / TABLE),
        )
    finally:
        for upload in kept:
            store.discard(upload.sha256)
    return Predicted.model_validate(answer), folder / TABLE


def _zipped(files: Sequence[File]) -> io.BytesIO:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as made:
        for stream, name in files:
            made.writestr(name, stream.read())
    archive.seek(0)
    return archive
