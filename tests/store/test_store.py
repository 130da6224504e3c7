from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.data.facts import Column, DatasetFacts
from components.models.facts import LayerRow, MemberFacts
from components.models.settings import MemberSettings
from components.recipe import Member, Recipe, Refusal, Tensor
from components.store import ENDED, Store, home_folder, store_url
from components.store.values import BEFORE, STOPPING
from components.training.events import Point, Result, Score

SHA256 = "ab" * 32


def member_facts(sha256: str = SHA256, file_name: str = "digits.keras") -> MemberFacts:
    return MemberFacts(
        sha256=sha256,
        file_name=file_name,
        size=12,
        format="keras",
        keras_version="3.15.1",
        inputs=(Tensor(name="x", shape=(64,)),),
        outputs=(Tensor(name="y", shape=(10,)),),
        head="softmax",
        parameters=650,
        layers=(LayerRow(name="dense", kind="Dense", shape=(10,), parameters=650, trainable=True),),
    )


def dataset_facts(sha256: str = SHA256) -> DatasetFacts:
    column = Column(name="age", kind="number", minimum=1.5)
    return DatasetFacts(sha256=sha256, file_name="t.csv", size=3, format="csv", rows=2, columns=(column,))


def point(step: int, loss: float = 0.5) -> Point:
    return Point(step=step, epoch=step / 10, split="training", loss=loss, metric=0.9)


def test_cards_come_back_as_they_were_in_order(store: Store) -> None:
    store.add_member(member_facts())
    store.add_member(member_facts("cd" * 32, "second.h5"))
    store.add_dataset(dataset_facts("example:digits"))
    assert store.members() == (member_facts(), member_facts("cd" * 32, "second.h5"))
    assert store.member(SHA256) == member_facts()
    assert store.dataset("example:digits") == dataset_facts("example:digits")
    assert store.datasets() == (dataset_facts("example:digits"),)


def test_the_same_bytes_again_replace_the_card(store: Store) -> None:
    store.add_member(member_facts())
    store.add_member(member_facts("cd" * 32))
    store.add_member(member_facts(file_name="again.keras"))
    assert [facts.file_name for facts in store.members()] == ["again.keras", "digits.keras"]


def test_rename_and_remove(store: Store) -> None:
    upload = store.save_upload(io.BytesIO(b"bytes"), "a.keras")
    store.add_member(member_facts(upload.sha256))
    store.rename(upload.sha256, "../new\n.keras")
    assert store.member(upload.sha256).file_name == "new.keras"
    store.remove(upload.sha256)
    assert store.members() == ()
    assert not upload.path.exists()
    with pytest.raises(Refusal, match="Upload it again"):
        store.member(upload.sha256)


def test_what_was_set_by_hand_is_kept_until_the_member_goes(store: Store) -> None:
    store.add_member(member_facts())
    assert store.member_settings() == {}
    settings = MemberSettings(title="Mine", classes=("cat", "dog"), scaling="caffe")
    store.keep_settings(SHA256, MemberSettings(title="First"))
    store.keep_settings(SHA256, settings)
    store.add_member(member_facts(file_name="again.keras"))
    assert store.member_settings() == {SHA256: settings}
    store.remove(SHA256)
    assert store.member_settings() == {}


def test_a_member_knows_when_it_came_and_who_uses_it(store: Store) -> None:
    before = datetime.now(UTC)
    store.add_member(member_facts())
    added = store.added(SHA256)
    assert added is not None and before <= added <= datetime.now(UTC) and store.added("cd" * 32) is None
    recipe = Recipe(members=(Member(name="a", sha256=SHA256, file_name="a.keras"),))
    first, second = store.create_run(recipe), store.create_run(recipe)
    store.create_run(Recipe())
    store.save_draft("d1", recipe)
    store.save_draft("d2", Recipe())
    assert store.users_of(SHA256) == ((second.name, first.name), 1)


def test_files_that_a_run_needs_stay(store: Store) -> None:
    upload = store.save_upload(io.BytesIO(b"bytes"), "a.keras")
    store.add_member(member_facts(upload.sha256))
    store.create_run(Recipe(members=(Member(name="a", sha256=upload.sha256, file_name="a.keras"),)))
    store.remove(upload.sha256)
    assert store.members() == ()
    assert upload.path.exists()


def test_bytes_of_which_nothing_came_go_and_others_stay(store: Store) -> None:
    refused, member, dataset, needed = (store.save_upload(io.BytesIO(name.encode()), name) for name in "abcd")
    store.add_member(member_facts(member.sha256))
    store.add_dataset(dataset_facts(dataset.sha256))
    store.create_run(Recipe(members=(Member(name="d", sha256=needed.sha256, file_name="d"),)))
    for upload in (refused, member, dataset, needed):
        store.discard(upload.sha256)
    assert [upload.path.exists() for upload in (refused, member, dataset, needed)] == [False, True, True, True]


def test_drafts(store: Store) -> None:
    assert store.draft("d1") is None
    store.save_draft("d1", Recipe(name="first"))
    store.save_draft("d1", Recipe(name="second"))
    assert store.draft("d1") == Recipe(name="second")


def test_a_run_walks_from_the_queue_to_its_result(store: Store) -> None:
    run = store.create_run(Recipe(name="mine"))
    assert (run.state, run.recipe.name, run.started) == ("queued", "mine", None)
    assert store.change_state(run.id, "starting")
    assert store.change_state(run.id, "running")
    store.report(run.id, epoch=1.5, steps=30, steps_per_second=12.0, time_left=4.0)
    assert store.run(run.id).time_left == 4.0
    score = Score(name="fused", kind="fused", split="test", loss=0.1, metric=0.97)
    result = Result(metric="accuracy", scores=(score,), steps=40, epochs=2, best_epoch=2, seconds=3.5)
    store.keep_baselines(run.id, (score,))
    assert store.change_state(run.id, "done", "Done.", result=result)
    after = store.run(run.id)
    assert (after.state, after.result, after.steps, after.epoch, after.time_left) == ("done", result, 30, 1.5, None)
    assert after.baselines == (score,)
    assert after.created <= after.started <= after.ended  # type: ignore[operator]
    assert after.created.tzinfo is not None


@pytest.mark.parametrize("state", sorted(ENDED))
def test_what_has_ended_stays_so(store: Store, state: str) -> None:
    run = store.create_run(Recipe())
    for step in ("starting", "running", state):
        assert store.change_state(run.id, step)  # type: ignore[arg-type]
    for other in set(BEFORE) - {"queued"}:
        assert not store.change_state(run.id, other, "no")
    for how in STOPPING:
        assert not store.request_stop(run.id, how)
    assert (store.run(run.id).state, store.run(run.id).message) == (state, "")
    assert store.run(run.id).ended
    assert store.change_state(run.id, "queued") == (state != "done")
    assert (store.run(run.id).ended is None) == (state != "done")


def test_a_stop_ends_a_waiting_run_and_marks_a_running_one(store: Store) -> None:
    paused, running, finishing = (store.create_run(Recipe()).id for _ in range(3))
    for id in (running, finishing):
        store.change_state(id, "starting")
        store.change_state(id, "running")
    assert not store.request_stop(paused, "finish")
    assert store.request_stop(paused, "pause") and store.request_stop(running, "pause")
    assert store.request_stop(finishing, "finish") and not store.request_stop(finishing, "pause")
    assert [store.run(id).state for id in (paused, running, finishing)] == ["paused", "pausing", "finishing"]
    assert store.request_stop(finishing, "cancel"), "who waits for the scores may give up"


def test_cancel_ends_a_waiting_run_and_marks_a_running_one(store: Store) -> None:
    waiting, running = store.create_run(Recipe()), store.create_run(Recipe())
    store.change_state(running.id, "starting")
    assert store.request_stop(waiting.id, "cancel")
    assert store.request_stop(running.id, "cancel")
    assert not store.request_stop(running.id, "cancel")
    assert store.run(waiting.id).state == "cancelled"
    assert store.run(running.id).state == "cancelling"


def test_queue_is_first_come_first_served(store: Store) -> None:
    runs = [store.create_run(Recipe()) for _ in range(4)]
    assert [store.queue_position(run.id) for run in runs] == [1, 2, 3, 4]
    store.change_state(runs[0].id, "starting")
    assert [store.queue_position(run.id) for run in runs] == [None, 1, 2, 3]
    assert {run.id for run in store.runs("queued")} == {run.id for run in runs[1:]}
    assert len(store.runs()) == 4


def test_ids_cannot_be_guessed_and_names_are_two_words(store: Store) -> None:
    runs = [store.create_run(Recipe()) for _ in range(20)]
    assert len({run.id for run in runs}) == 20
    assert all(re.fullmatch("[a-z2-7]{16}", run.id) for run in runs)
    assert all(len(run.name.split("-")) == 2 for run in runs)


def test_remove_run_takes_its_curves_and_files(store: Store) -> None:
    run = store.create_run(Recipe())
    store.append_points(run.id, [point(1)])
    folder = store.run_folder(run.id)
    assert not store.remove_run(run.id), "a waiting run stays"
    store.request_stop(run.id, "cancel")
    assert store.remove_run(run.id)
    assert store.curve(run.id).points == () and not folder.exists()
    with pytest.raises(Refusal, match="no run"):
        store.run(run.id)


WRITER = """
import sys
from pathlib import Path
from components.recipe import Recipe
from components.store import Store
from components.training.events import Point
run_id, first = sys.argv[3], int(sys.argv[4])
store = Store(Path(sys.argv[1]), sys.argv[2])
for step in range(first, first + 200):
    store.append_points(run_id, [Point(step=step, epoch=0, split="training", loss=step, metric=0)])
print(sum(store.change_state(id, "starting") for id in store.queue()))
"""


def test_two_processes_and_a_thread_write_at_once(store: Store) -> None:
    run = store.create_run(Recipe())
    for _ in range(20):
        store.create_run(Recipe())
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(store.home), store.url, run.id, first], stdout=-1, text=True)
        for first in ("0", "1000")
    ]
    thread = threading.Thread(target=lambda: [store.append_points(run.id, [point(5000 + step)]) for step in range(200)])
    thread.start()
    claimed = [int(writer.communicate(timeout=60)[0]) for writer in writers]
    thread.join()
    assert [writer.returncode for writer in writers] == [0, 0]
    steps = [p.step for p in store.curve(run.id).points]
    assert sorted(steps) == [*range(200), *range(1000, 1200), *range(5000, 5200)]
    assert sum(claimed) == 21, "each waiting run is claimed exactly once"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:////nowhere/at/all/store.db", "store.db cannot be used"),
        ("oracle+cx_oracle://user:secret@host/x", "driver that is not installed: pip install cx_Oracle"),
        ("something://else", "no database's URL"),
        ("not a url", "no database's URL"),
    ],
)
def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path, url: str, sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence) as no:
        Store(tmp_path, url)
    assert "secret" not in no.value.sentence + no.value.detail


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"something else" * 1000)
    with pytest.raises(Refusal, match="cannot be used"):
        Store(tmp_path, f"sqlite:///{tmp_path / 'store.db'}")
    assert (tmp_path / "store.db").read_bytes() == b"something else" * 1000


OPENER = (
    "import sys; from pathlib import Path; from components.store import Store;"
    "store = Store(Path(sys.argv[1]), sys.argv[2]); store.members(); print(store.home_id)"
)


def opened_at_once(homes: list[Path], url: str) -> list[str]:
    """Opens each home in a process of its own, all at once; what each home is called."""
    openers = [
        subprocess.Popen([sys.executable, "-c", OPENER, str(home), url], stdout=subprocess.PIPE, text=True) for home in homes
    ]
    said = [process.communicate(timeout=60)[0] for process in openers]
    assert [process.returncode for process in openers] == [0] * len(homes)
    return said


def test_processes_may_open_a_new_home_at_once(tmp_path: Path, url: str) -> None:
    assert len(set(opened_at_once([tmp_path] * 4, url))) == 1


def test_machines_may_open_a_new_database_at_once(tmp_path: Path, url: str) -> None:
    if url.startswith("sqlite"):
        pytest.skip("A SQLite file belongs to one home folder.")
    homes = [tmp_path / name for name in "abcd"]
    assert len(set(opened_at_once(homes, url))) == 4


def test_the_environment_names_home_and_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIBUTARY_HOME", str(tmp_path / "new" / "home"))
    monkeypatch.delenv("TRIBUTARY_STORE", raising=False)
    home = home_folder()
    assert home == tmp_path / "new" / "home"
    assert home.stat().st_mode & 0o077 == 0
    assert store_url(home) == f"sqlite:///{home}/store.db"
    monkeypatch.setenv("TRIBUTARY_STORE", "postgresql://somewhere/tributary")
    assert store_url(home) == "postgresql://somewhere/tributary"
