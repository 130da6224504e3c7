"""Runs as people find, name, note and delete them."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from components.recipe import Data, Input, Member, Recipe, Refusal, Target
from components.store import Run, Store, Upload
from components.training.environment import Environment


def recipe(layout: str = "average", member: str = "Kätzchen.keras", sha256: str = "ab" * 32) -> Recipe:
    data = Data(
        sha256="example:digits",
        file_name="Digits",
        inputs=(Input(name="image", array="images", shape=(8, 8, 1)),),
        target=Target(name="digit", task="multiclass"),
    )
    return Recipe(members=(Member(name="cat", sha256=sha256, file_name=member),), data=data, layout=layout)


def found(store: Store, text: str) -> set[str]:
    return {run.id for run in store.find_runs(text)}


def test_runs_are_found_by_what_a_person_remembers(store: Store) -> None:
    average, gate = store.create_run(recipe()), store.create_run(recipe("low-rank-gate", "dog_100%.h5"))
    store.request_stop(gate.id, "cancel")
    store.rename_run(average.id, "Für Übung 3")
    store.keep_note(gate.id, "  Worse on the ÖBB data\nthan last time ")
    assert store.run(gate.id).note == "Worse on the ÖBB data\nthan last time"
    for text in ("", "cat", "CAT digits", "h"):
        assert found(store, text) == {average.id, gate.id}, text
    for text in ("FÜR übung", "average", "kätz", "queued", "average KÄTZCHEN"):
        assert found(store, text) == {average.id}, text
    for text in ("low-rank", "Low rank gate", "100%", "öbb", "cancelled", gate.name, "g_100"):
        assert found(store, text) == {gate.id}, text
    for text in ("sha256", "%%", "cat nothing", "members", "_%", "canc", "g-100"):
        assert found(store, text) == set(), text
    assert found(store, "cat\0 digits") == {average.id, gate.id}
    assert [run.id for run in store.find_runs(limit=1)] == [gate.id], "the newest first"


def test_whether_there_are_runs(store: Store) -> None:
    assert not store.has_runs()
    store.create_run(Recipe())
    assert store.has_runs()


def test_a_name_is_one_line_and_need_not_be_unique(store: Store) -> None:
    one, other = store.create_run(Recipe()), store.create_run(Recipe())
    store.rename_run(one.id, " best\u202e\nof\x00 all " + "x" * 100)
    name = store.run(one.id).name
    assert name.startswith("best  of  all xx") and len(name) == 60 and name.isprintable()
    with pytest.raises(Refusal, match="needs a name"):
        store.rename_run(one.id, " \n")
    assert store.run_called(one.id) == store.run_called(name) == store.run(one.id)
    store.rename_run(other.id, name)
    with pytest.raises(Refusal, match=r"2 runs .* by its id"):
        store.run_called(name)
    with pytest.raises(Refusal, match="no run called"):
        store.run_called("nothing")


def test_a_note_is_kept_as_it_was_written_up_to_a_length(store: Store) -> None:
    run = store.create_run(Recipe())
    store.keep_note(run.id, "a\0b" + "ü" * 5000)
    assert store.run(run.id).note == "ab" + "ü" * 3998
    store.keep_note(run.id, "")
    assert store.run(run.id).note == ""


def test_new_names_are_not_taken(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from components.store import runs

    names = iter(["calm-delta", "calm-delta", "keen-pool"] + ["calm-delta"] * 30)
    monkeypatch.setattr(runs, "new_name", lambda: next(names))
    assert [store.create_run(Recipe()).name for _ in range(2)] == ["calm-delta", "keen-pool"]


def upload(store: Store, text: str) -> Upload:
    kept = store.save_upload(io.BytesIO(text.encode()), "a.keras")
    store.canonical(kept.sha256).write_bytes(b"clean")
    return kept


def test_the_last_run_takes_what_it_alone_named_with_it(store: Store) -> None:
    first, shared = upload(store, "first"), upload(store, "shared")
    runs = [
        store.create_run(recipe(sha256=first.sha256)),
        *(store.create_run(recipe(sha256=shared.sha256)) for _ in range(2)),
    ]
    for run in runs:
        store.request_stop(run.id, "cancel")
    folder = store.run_folder(runs[0].id)
    store.remove_runs([runs[0].id, runs[1].id])
    assert not first.path.exists() and not store.canonical(first.sha256).exists() and not folder.exists()
    assert shared.path.exists() and store.canonical(shared.sha256).exists()
    store.remove_run(runs[2].id)
    assert not shared.path.exists()
    assert store.find_runs() == ()


def test_what_still_runs_is_not_deleted_and_nothing_with_it(store: Store) -> None:
    ended, waiting = store.create_run(Recipe()), store.create_run(Recipe())
    store.request_stop(ended.id, "cancel")
    with pytest.raises(Refusal, match=rf"{waiting.name} \(queued\)"):
        store.remove_runs([ended.id, waiting.id])
    assert found(store, "") == {ended.id, waiting.id}


def test_a_run_knows_what_it_was_made_with_and_how_long_it_took(store: Store) -> None:
    run = store.create_run(Recipe())
    assert run.seconds is None and run.environment is None
    made_with = Environment(tributary="1", python="3", tensorflow="2", keras="3", system="Linux", device="a processor")
    store.change_state(run.id, "starting")
    store.keep_environment(run.id, made_with)
    running = store.run(run.id)
    assert running.seconds is not None and running.seconds >= 0
    store.change_state(run.id, "failed", "It held a \0.", "\0")
    ended = store.run(run.id)
    assert ended.environment == made_with and (ended.message, ended.detail) == (
        "It held a \N{REPLACEMENT CHARACTER}.",
        "\N{REPLACEMENT CHARACTER}",
    )
    assert ended.seconds == (ended.ended - ended.started).total_seconds()  # type: ignore[operator]


def test_two_homes_share_a_database_and_train_their_own_runs(store: Store, url: str, tmp_path: Path) -> None:
    other = Store(tmp_path / "other", url)
    mine, theirs = store.create_run(Recipe()), other.create_run(Recipe())
    assert store.home_id != other.home_id
    assert (store.queue(), other.queue()) == ((mine.id,), (theirs.id,))
    assert {run.id for run in store.find_runs()} == {mine.id, theirs.id}
    for run in (mine, theirs):
        store.change_state(run.id, "starting")
    ids: list[list[str]] = [[run.id for run in each.runs_here("starting")] for each in (store, other)]
    assert ids == [[mine.id], [theirs.id]]
    other.close()


def test_the_runs_of_a_home_stay_its_own(store: Store, url: str) -> None:
    run: Run = store.create_run(Recipe())
    again = Store(store.home, url)
    assert again.queue() == (run.id,)
    again.close()
