"""What a run left, in other formats, made by a real worker."""

from __future__ import annotations

import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.cli import main
from components.engine.client import Engine
from components.engine.exports import event_files, export_run, exported, made_event_files
from components.recipe import Recipe, Refusal
from components.store import Run, Store
from components.training.events import Point
from tests.engine.forked import tributary
from tests.engine.waiting import ended


@pytest.fixture(scope="module")
def run(engine: Engine, shared_store: Store, recipe: Recipe) -> Run:
    """A run that has ended, with the model of the recipe as it starts."""
    run = cancelled(shared_store, recipe)
    shared_store.append_points(run.id, [Point(step=1, epoch=0.5, split="training", loss=float("nan"), metric=0.5)])
    made = Path(engine.request("export", recipe=recipe.model_dump(mode="json")))
    (shared_store.run_folder(run.id) / "model.keras").write_bytes(made.read_bytes())
    return run


def cancelled(store: Store, recipe: Recipe) -> Run:
    id = store.create_run(recipe).id
    store.request_stop(id, "cancel")
    return ended(store, id)


def blobs(store: Store) -> set[Path]:
    return {path for path in store.blobs.rglob("*") if path.is_file()}


def test_a_format_is_made_once_and_again_for_another_model(engine: Engine, shared_store: Store, run: Run) -> None:
    name = "savedmodel"
    before = blobs(shared_store)
    assert exported(shared_store, run, name) is None
    made = export_run(engine, shared_store, run, name)
    assert exported(shared_store, run, name) is not None and blobs(shared_store) == before
    written = made.stat().st_mtime_ns
    assert export_run(engine, shared_store, run, name) == made and made.stat().st_mtime_ns == written
    os.utime(shared_store.run_folder(run.id) / "model.keras")
    assert exported(shared_store, run, name) is None


def test_the_curves_come_as_event_files(engine: Engine, shared_store: Store, run: Run, recipe: Recipe) -> None:
    with zipfile.ZipFile(event_files(engine, shared_store, run)) as archive:
        [name] = archive.namelist()
        assert name.startswith("training/events.out.tfevents.") and archive.getinfo(name).file_size > 100
    assert made_event_files(shared_store, run) == event_files(engine, shared_store, run)
    later = run.model_copy(update={"ended": datetime.now(UTC) + timedelta(hours=1)})
    assert made_event_files(shared_store, later) is None, "it went on since"


def test_a_run_without_model_or_curves_is_refused(engine: Engine, shared_store: Store, recipe: Recipe) -> None:
    run = cancelled(shared_store, recipe)
    with pytest.raises(Refusal, match="has ended"):
        event_files(engine, shared_store, run)
    with pytest.raises(Refusal, match="left no model"):
        export_run(engine, shared_store, run, "tflite")


def test_the_command_line_exports_the_model_of_a_run_by_its_name(
    shared_store: Store, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_STORE", shared_store.url)
    done = tributary(shared_store.home, "export", run.name, "--format", "savedmodel", "--out", tmp_path / "model.zip")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"Wrote {tmp_path / 'model.zip'}." and "Its outputs" in done.stdout
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        assert "saved_model/saved_model.pb" in archive.namelist()


def test_the_command_line_says_what_it_cannot_export(
    shared_store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBUTARY_HOME", str(shared_store.home))
    for model, format, sentence in (
        ("nothing", "tflite", "“nothing” is neither a model file nor one run"),
        ("nothing", "tape", "no format “tape”. Choose one of savedmodel, tflite"),
    ):
        assert main(["export", model, "--format", format, "--out", str(tmp_path / "x")]) == 1
        assert sentence in capsys.readouterr().err
