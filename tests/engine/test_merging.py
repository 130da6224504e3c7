"""Members of the shelf merged by real workers: the new member is a member, and its scores are those of plain Keras."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from components.cli import main
from components.data.binding import propose
from components.data.load import load_samples
from components.data.split import split
from components.engine.client import Engine
from components.engine.merging import merge_members
from components.engine.uploads import take_example, take_shelf_member
from components.models.shelf import shelf
from components.models.weight_space.facts import MergeReport, Merging
from components.models.weight_space.methods import MERGES
from components.recipe import Member, Recipe, Refusal
from components.store import Store
from tests.engine.forked import tributary
from tests.plain_keras import PlainKeras

NAMES = ("digits-dense-a", "digits-dense-b", "digits-base", "digits-low", "digits-high", "digits-mlp")


@pytest.fixture(scope="module")
def merging_recipe(engine: Engine, shared_store: Store) -> Recipe:
    """All members of the shelf that these tests merge, and the digits."""
    members, cards = [], []
    for shelved in shelf("example:digits"):
        if shelved.name in NAMES:
            card = take_shelf_member(engine, shared_store, shelved)
            members.append(Member(name=shelved.name, sha256=card.sha256, file_name=card.file_name, scaling="unit"))
            cards.append(card)
    data = propose(take_example(engine, shared_store, "digits"), cards)
    return Recipe(members=tuple(members), data=data)


def only(recipe: Recipe, *names: str) -> Recipe:
    return recipe.model_copy(update={"members": tuple(recipe.member(name) for name in names)})


def validation(recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    assert recipe.data is not None
    rows = split(load_samples(recipe.data, None), recipe.data.split).validation
    digits = load_digits()
    return (digits.data[rows] / 16).astype("float32"), digits.target[rows]


def test_two_specialists_become_a_member(
    engine: Engine, shared_store: Store, merging_recipe: Recipe, plain_keras: PlainKeras
) -> None:
    recipe = only(merging_recipe, "digits-low", "digits-high")
    base = merging_recipe.member("digits-base")
    merging = Merging(method="task-arithmetic", options={"scale": 1.5})
    facts, report = merge_members(engine, shared_store, recipe, merging, "both halves", base)
    assert facts == shared_store.member(facts.sha256)
    assert facts.file_name == "both halves.keras"
    assert any("Task arithmetic of digits-low, digits-high" in note for note in facts.notes)
    scores = {score.name: score for score in report.scores}
    x, y = validation(merging_recipe)
    [said] = plain_keras.predict(shared_store.canonical(facts.sha256), [x])
    assert scores["merged"].metric == pytest.approx((said.argmax(axis=1) == y).mean())
    assert scores["merged"].loss == pytest.approx(-np.log(said[np.arange(len(y)), y]).mean(), rel=1e-3)
    assert scores["merged"].metric > 0.85 > 0.6 > max(scores["digits-low"].metric, scores["digits-high"].metric)
    [low] = plain_keras.predict(shared_store.canonical(recipe.members[0].sha256), [x])
    assert scores["digits-low"].metric == pytest.approx((low.argmax(axis=1) == y).mean())
    assert not list((shared_store.home / "exports").glob(f"{facts.sha256}*"))


def test_the_barrier_between_twins_falls_with_alignment(engine: Engine, merging_recipe: Recipe) -> None:
    recipe = only(merging_recipe, "digits-dense-a", "digits-dense-b").model_dump(mode="json")
    asked = Merging(align=True, repair=True).model_dump(mode="json")
    report = MergeReport.model_validate(engine.request("barrier", recipe=recipe, merging=asked))
    assert report.similarity is not None and report.similarity.verdict == "independent"
    plain, aligned, repaired = report.curves
    assert [curve.title for curve in report.curves] == ["as they are", "aligned", "aligned, repaired"]
    assert plain.barrier > 2 * aligned.barrier
    assert repaired.points[5].metric > report.scores[0].metric - 0.03 > plain.points[5].metric
    for curve in report.curves:
        assert [point.share for point in curve.points] == pytest.approx(np.linspace(0, 1, 11).tolist())
        assert curve.points[0].metric == pytest.approx(report.scores[0].metric, abs=0.01)


def test_without_data_weights_alone_are_merged(
    engine: Engine, shared_store: Store, merging_recipe: Recipe, plain_keras: PlainKeras
) -> None:
    recipe = only(merging_recipe, "digits-dense-a", "digits-dense-b").model_copy(update={"data": None})
    facts, report = merge_members(engine, shared_store, recipe, Merging(), "plain average")
    assert report.curves == report.scores == ()
    files = [shared_store.canonical(each.sha256) for each in (*recipe.members, facts)]
    first, second, merged = (keras_weights(plain_keras, str(path)) for path in files)
    for name in merged:
        np.testing.assert_allclose(merged[name], (first[name] + second[name]) / 2, atol=1e-6)


def keras_weights(plain_keras: PlainKeras, path: str) -> dict[str, np.ndarray]:
    script = f"import keras\nresults = dict(zip('abcdefghij', keras.models.load_model({path!r}).get_weights()))"
    return plain_keras.run(script, Path("/"))


def test_members_that_do_not_belong_together_are_refused(engine: Engine, shared_store: Store, merging_recipe: Recipe) -> None:
    known = len(shared_store.members())
    with pytest.raises(Refusal, match="different architectures"):
        merge_members(engine, shared_store, only(merging_recipe, "digits-dense-a", "digits-mlp"), Merging(), "x")
    one, other = only(merging_recipe, "digits-low", "digits-high").members
    scaled = merging_recipe.model_copy(update={"members": (one, other.model_copy(update={"scaling": "none"}))})
    with pytest.raises(Refusal, match="one scaling for all"):
        merge_members(engine, shared_store, scaled, Merging(), "x")
    with pytest.raises(Refusal, match="as the base"):
        merge_members(engine, shared_store, only(merging_recipe, "digits-low", "digits-high"), Merging(method="ties"), "x")
    assert len(shared_store.members()) == known


def test_the_command_line_merges_files(tmp_path: Path, merging_recipe: Recipe, plain_keras: PlainKeras) -> None:
    low, high, base = (f"digits-{name}.keras" for name in ("low", "high", "base"))
    for member in shelf("example:digits"):
        shutil.copy(member.path, tmp_path)
    words: tuple[str, ...] = ("--member", low, high, "--base", base, "--method", "ties", "--option", "density=0.5", "scale=0.7")
    digits = load_digits()
    np.savez(tmp_path / "digits.npz", pixels=digits.data.astype("float32"), digit=digits.target)
    words += ("--data", "digits.npz", "--target", "digit", "--out", "merged.keras")
    done = tributary(tmp_path / "home", "merge", *words, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    x, y = validation(merging_recipe)
    [said] = plain_keras.predict(tmp_path / "merged.keras", [x])
    line = next(line for line in done.stdout.splitlines() if line.strip().startswith("merged"))
    assert float(line.split()[-1]) == pytest.approx((said.argmax(axis=1) == y).mean(), abs=1e-4)
    assert list((tmp_path / "home" / "scratch").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--method", "blend"), "No merge is called “blend”"),
        (("--method", "slerp", "--option", "t=2"), "“t” of slerp"),
        (("--method", "slerp", "--option", "t"), "name=value"),
        (("--method", "ties", "--base", "nowhere.keras"), "nowhere.keras is not a file"),
    ],
)
def test_the_command_line_refuses_at_once(
    words: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    [member] = [each for each in shelf() if each.name == "digits-low"]
    assert main(["merge", "--member", str(member.path), *words, "--out", str(tmp_path / "merged.keras")]) == 1
    said = capsys.readouterr()
    assert sentence in said.err and said.out == ""


def test_the_command_line_lists_every_merge(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["merges"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name} " in said for name in MERGES)
