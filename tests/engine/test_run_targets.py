"""A whole run, in this process, over a table with oddities: several targets, labels in words, gaps, a constant column."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from components.data.binding import propose, target_of, with_targets
from components.data.bound import bind
from components.data.check import check
from components.data.read import read_dataset
from components.engine.loading import Loader
from components.engine.run import run_recipe
from components.fusion.plan import plan
from components.models.intake import open_member
from components.recipe import Member, Recipe, Training
from components.store.files import Files
from components.training.events import Point, Score
from components.training.new_predictions import predict_file
from tests.plain_keras import PlainKeras


class Quiet:
    """Follows a run and lets it be."""

    def __init__(self) -> None:
        self.scores: tuple[Score, ...] = ()

    def baselines(self, scores: tuple[Score, ...]) -> None:
        self.scores = scores

    def started(self) -> None: ...

    def taken_up(self, points: list[Point]) -> None: ...

    def point(self, point: Point) -> None: ...

    def trouble(self, sentence: str) -> None: ...

    def stop(self) -> bool:
        return False

    def finish(self) -> bool:
        return False


def test_a_run_over_odd_data_predicts_all_targets_and_the_saved_model_opens_in_plain_keras(
    tmp_path: Path, plain_keras: PlainKeras
) -> None:
    random, files = np.random.default_rng(0), Files(tmp_path / "home")
    frame = pd.DataFrame(random.normal(size=(90, 3)).round(4), columns=["a", "b", "c"])
    frame["fixed"] = 7
    words = np.array(["left", "right", "up"])
    frame["tags"] = [" | ".join(words[row]) for row in frame[["a", "b", "c"]].to_numpy() > 0]
    frame["sum"] = frame["a"] + frame["b"]
    frame["kind"] = np.where(frame["c"] > 1, "high", "low")
    frame.loc[3, "a"] = frame.loc[5, "sum"] = np.nan
    upload = files.save_upload(io.BytesIO(frame.to_csv(index=False).encode()), "odd.csv")
    told = read_dataset(upload.path, "odd.csv", upload.sha256)
    columns = {column.name: column for column in told.columns}
    data = propose(told, target=target_of(columns["tags"]))
    data = with_targets(data, told, [target_of(columns["sum"]), target_of(columns["kind"])])
    check(data, told)
    bound = bind(data, upload.path)
    assert [each.task for each in data.targets] == ["multilabel", "regression", "binary"]
    for words_told in ("A sample has no target", "name no label", "1 missing values", "“fixed” has the same value"):
        assert words_told in " ".join(bound.notes)

    facts, members = {}, []
    for seed, name in enumerate("pq"):
        keras.utils.set_random_seed(seed)
        x = keras.Input((4,))
        h = keras.layers.Dense(6, "relu")(x)
        path = tmp_path / f"{name}.keras"
        keras.Model(x, keras.layers.Dense(3, "sigmoid")(h)).save(path)
        sha256 = f"{seed:064d}"
        facts[name] = open_member(path, path.name, files.canonical(sha256))
        members.append(Member(name=name, sha256=sha256, file_name=path.name, scaling="standard"))
    planned = plan("concatenate", {}, [(each, facts[each.name]) for each in members], data, bound)
    recipe = Recipe(
        members=tuple(members),
        data=data,
        layout="concatenate",
        graph=planned.graph,
        training=Training(epochs=2, learning_rate=0.01),
    )
    folder, listener = tmp_path / "run", Quiet()
    folder.mkdir()
    result = run_recipe(recipe, facts, files, folder, listener)
    assert result is not None and result.metric == "label_accuracy"
    assert {score.name for score in listener.scores} == {"p", "q", "plain average"}
    reached = {score.target: score for score in result.scores if score.kind == "fused" and score.split == "test"}
    assert set(reached) == {"", "sum", "kind"} and all(np.isfinite(score.loss) for score in reached.values())
    refused = [score for score in result.scores if score.kind == "member" and score.target == "sum" and score.split == "test"]
    assert [score.note.startswith(f"{score.name} does not predict “sum”") for score in refused] == [True, True]

    with (folder / "predictions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    places = np.array([int(row["row"]) for row in rows])
    raw = frame[["a", "b", "c", "fixed"]].to_numpy("float32")
    kept = ~np.isnan(raw).any(axis=1)
    labels, numbers, kinds = plain_keras.predict(folder / "model.keras", [raw])
    for place, row in zip(places, rows, strict=True):
        assert row["target"].replace("; ", " | ") == (frame["tags"][place] or "") and row["kind"] == frame["kind"][place]
        if kept[place]:
            assert float(row["sum: prediction"]) == pytest.approx(numbers[place, 0], abs=1e-5)
            assert float(row["left"]) == pytest.approx(labels[place, 0], abs=1e-5)
            assert row["kind: prediction"] == data.others[1].classes[int(kinds[place, 0] > 0.5)]

    new = frame.drop(columns=["tags", "sum", "kind"])[10:16]
    new.to_csv(tmp_path / "new.csv", index=False)
    table = tmp_path / "said.csv"
    model = keras.models.load_model(folder / "model.keras")
    predict_file(recipe, model, tmp_path / "new.csv", "new.csv", Loader(files).reference(recipe), table)
    with table.open(encoding="utf-8") as file:
        said = [float(row["sum: prediction"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(said, numbers[10:16, 0], atol=1e-5)
