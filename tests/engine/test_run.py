"""A real run from the queue to its files, by way of the supervisor."""

from __future__ import annotations

import csv
import io
import json
import signal
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
import psutil
import pytest
from scipy.stats import binomtest

from components.data.facts import Bound
from components.engine.client import Engine
from components.engine.made import take_made
from components.engine.predicting import predict_upload
from components.engine.resuming import can_resume
from components.fusion.plan import plan
from components.recipe import Member, Recipe, Refusal, Training
from components.store import Store
from components.store.values import Curve
from components.training.analysis.findings import Analysis
from components.training.events import Point
from tests.engine.waiting import ended, points_of, until
from tests.plain_keras import PlainKeras


@pytest.fixture
def endless(recipe: Recipe) -> Recipe:
    return recipe.model_copy(update={"training": Training(epochs=100_000)})


def test_a_run_leaves_curves_scores_and_files(
    engine: Engine,
    shared_store: Store,
    recipe: Recipe,
    plain_keras: PlainKeras,
) -> None:
    run = shared_store.create_run(recipe)
    engine.submit(run.id)
    run = ended(shared_store, run.id)
    assert (run.state, run.message, run.detail) == ("done", "", "")
    assert run.epoch == 3.0 and run.steps == run.result.steps and run.result.epochs == 3  # type: ignore[union-attr]
    assert run.environment is not None and run.environment.keras == version("keras") and "cores" in run.environment.device
    points = shared_store.curve(run.id).points
    assert [point.epoch for point in points if point.split == "validation"] == [0.0, 1.0, 2.0, 3.0]
    assert {score.kind for score in run.baselines} == {"member", "average"}

    folder = shared_store.run_folder(run.id)
    assert Recipe.model_validate_json((folder / "recipe.json").read_text()) == recipe
    with open(folder / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(int(row["step"]), float(row["loss"])) for row in rows] == [(point.step, point.loss) for point in points]
    compile((folder / "script.py").read_text(), "script.py", "exec")

    from sklearn.datasets import load_digits

    digits = load_digits()
    [fused] = plain_keras.predict(folder / "model.keras", [digits.images[..., None].astype("float32")])
    accuracy = float(np.mean(fused.argmax(axis=1) == digits.target))
    scores = {(score.kind, score.split): score.metric for score in run.result.scores}  # type: ignore[union-attr]
    assert accuracy == pytest.approx(scores["fused", "test"], abs=0.05)
    with np.load(folder / "predictions.npz") as arrays:
        rows, truth = arrays["test.rows"], arrays["test.target"]
        right = arrays["test.fused.prediction"].argmax(axis=1) == truth
        alone = {name: arrays[f"test.member.{name}"].argmax(axis=1) == truth for name in ("mlp", "cnn")}
        np.testing.assert_allclose(arrays["test.fused.prediction"], fused[rows], atol=1e-6)
    [findings] = Analysis.model_validate_json((folder / "analysis.json").read_text()).outputs
    assert findings.comparison and findings.comparison.sentence == run.result.verdict  # type: ignore[union-attr]
    for compared in findings.comparison.against[:2]:
        other = alone[compared.name]
        discordant = int((right & ~other).sum()), int((other & ~right).sum())
        assert (compared.fused_alone, compared.other_alone) == discordant
        assert compared.p == pytest.approx(binomtest(discordant[0], sum(discordant)).pvalue if any(discordant) else 1.0)
    assert not [path.name for path in folder.iterdir() if "part" in path.name]

    new = io.BytesIO()
    np.savez(new, image=digits.images[::50])
    new.seek(0)
    predicted, table = predict_upload(engine, shared_store, run, [(new, "new.npz")])
    lines = pd.read_csv(table)
    assert (predicted.samples, len(lines), predicted.headings[:2]) == (36, 36, ("row", "prediction"))
    np.testing.assert_allclose(lines[[str(digit) for digit in range(10)]], fused[::50], atol=1e-6)
    assert (lines["prediction"] == fused[::50].argmax(axis=1)).all()
    new.seek(0)
    with pytest.raises(Refusal, match="2 files were brought"):
        predict_upload(engine, shared_store, run, [(new, "new.npz"), (new, "other.npz")])

    member = take_made(engine, shared_store, folder / "model.keras", run.name, "Trained here.")
    assert member.head == "softmax" and member.outputs[0].shape == (10,) and "Trained here." in member.notes
    again = Member(name="again", sha256=member.sha256, file_name=member.file_name)
    chosen = [(again, member), *((each, shared_store.member(each.sha256)) for each in recipe.members)]
    assert recipe.data
    bound = Bound.model_validate(engine.request("bind", data=recipe.data.model_dump(mode="json")))
    graph = plan("concatenate", {}, chosen, recipe.data, bound).graph
    whole = recipe.model_copy(update={"members": tuple(each for each, _ in chosen), "graph": graph})
    built = engine.request("build", recipe=whole.model_dump(mode="json"))
    assert built["parameters"] > member.parameters
    shared_store.discard(member.sha256)


def processes_of(id: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["cmdline"]) if id in (process.info["cmdline"] or [])]


def test_a_run_is_paused_and_killed_goes_on_each_time_and_ends_with_its_best(
    engine: Engine, shared_store: Store, endless: Recipe
) -> None:
    store = shared_store
    id = store.create_run(endless).id
    watched: Curve[Point] | None = None

    def steps_seen() -> list[int]:
        """By whoever watches from before the first stop."""
        nonlocal watched
        watched = store.curve(id, watched)
        return [point.step for point in watched.points if point.split == "training"]

    engine.submit(id)
    points_of(store, id, more_than=20)
    during = store.run(id)
    assert during.state == "running" and during.steps_per_second and during.steps_per_second > 0
    assert during.memory and during.memory > 100e6
    assert engine.status().running == 1

    asked = time.monotonic()
    assert engine.stop(id, "pause")
    assert ended(store, id).state == "paused" and time.monotonic() - asked < 3
    assert not processes_of(id) and can_resume(store, store.run(id))
    paused_at = steps_seen()[-1]

    assert engine.resume(id)
    until(lambda: steps_seen()[-1:] > [paused_at + 100], seconds=90)
    [process] = processes_of(id)
    process.send_signal(signal.SIGKILL)
    killed = ended(store, id)
    assert killed.state == "failed" and "The system stopped this run" in killed.message and can_resume(store, killed)
    assert engine.request("echo", value=1) == 1

    assert engine.resume(id)
    until(lambda: store.run(id).state == "running" and steps_seen()[-1:] > [paused_at + 200], seconds=90)
    asked = time.monotonic()
    assert engine.stop(id, "finish")
    assert store.run(id).state == "finishing"
    done = ended(store, id)
    assert (done.state, done.message) == ("done", "") and not can_resume(store, done)
    assert done.result and {score.kind for score in done.result.scores} == {"fused", "member", "average"}
    assert done.result.steps == done.steps < 100_000 and "Stopped by hand" in " ".join(done.result.notes)
    assert (store.run_folder(id) / "model.keras").exists()
    assert store.curve(id, watched) == store.curve(id), "whoever watched all along sees what a fresh look shows"
    steps = steps_seen()
    assert steps == sorted(set(steps)), "one curve, without a step that is told twice"
    validations = [point.epoch for point in store.curve(id).points if point.split == "validation"]
    assert validations == list(range(len(validations)))
    assert not engine.resume(id)


def test_a_recipe_that_cannot_be_trained_says_why(engine: Engine, shared_store: Store, endless: Recipe) -> None:
    run = shared_store.create_run(endless.model_copy(update={"graph": None}))
    engine.submit(run.id)
    run = ended(shared_store, run.id)
    assert run.state == "failed" and "graph" in run.message
    assert "Traceback" not in json.dumps(run.detail)
