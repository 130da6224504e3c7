"""One supervisor a home folder, which outlives whoever started it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from components.engine import surroundings
from components.engine.client import Engine, start_supervisor, stop_supervisor
from components.engine.protocol import LONGEST_ADDRESS, address, engine_folder, key
from components.engine.supervisor import sweep
from components.recipe import Recipe
from components.store import ENDED, Store
from tests.engine.waiting import until


def supervisors_of(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "ppid"]):
        if "components.engine.supervisor" in (process.info["cmdline"] or []) and process.info["cwd"] == str(home):
            found.append(process)
    # A child that is just being started looks like its parent until its own program begins.
    return [process for process in found if process.info["ppid"] not in {each.pid for each in found}]


@pytest.fixture
def stopped(store: Store) -> Iterator[Store]:
    """A store whose supervisor is stopped after the test."""
    yield store
    for process in supervisors_of(store.home):
        process.terminate()
        process.wait(timeout=20)


def test_of_two_supervisors_one_ends_at_once(stopped: Store) -> None:
    both = [start_supervisor(stopped) for _ in range(2)]
    until(lambda: sum(process.poll() is not None for process in both) == 1)
    assert [process.poll() for process in both if process.poll() is not None] == [0]
    third = start_supervisor(stopped)
    assert third.wait(timeout=30) == 0
    assert len(supervisors_of(stopped.home)) == 1


STARTER = """
import sys
from pathlib import Path
from components.store import Store
from components.engine import surroundings
from components.engine.client import Engine
home = Path(sys.argv[1])
Engine(Store(home, f"sqlite:///{home / 'store.db'}")).ensure_supervisor()
"""


def test_it_outlives_its_parent_and_is_found_again(stopped: Store) -> None:
    subprocess.run([sys.executable, "-c", STARTER, str(stopped.home)], check=True, timeout=60)
    until(lambda: supervisors_of(stopped.home))
    [before] = supervisors_of(stopped.home)
    engine = Engine(stopped)
    # Of two that start at once either may stay; it is the one that answers already that must be found.
    until(lambda: engine.status().warming is not None)
    engine.ensure_supervisor()
    until(lambda: supervisors_of(stopped.home) == [before])
    assert stop_supervisor(stopped.home)
    assert not before.is_running()
    assert not stop_supervisor(stopped.home), "there is none left to stop"


def test_starting_one_does_not_wait_for_it(stopped: Store) -> None:
    started = time.monotonic()
    engine = Engine(stopped)
    engine.ensure_supervisor()
    assert not engine.status().ready
    assert time.monotonic() - started < 2


def test_stopping_takes_workers_and_runs_along(stopped: Store) -> None:
    engine = Engine(stopped)
    engine.ensure_supervisor()
    until(lambda: engine.status().warming is not None)
    [supervisor] = supervisors_of(stopped.home)
    until(lambda: supervisor.children())
    workers = supervisor.children(recursive=True)
    run = stopped.create_run(Recipe())
    engine.submit(run.id)
    until(lambda: stopped.run(run.id).state != "queued")
    assert stop_supervisor(stopped.home)
    psutil.wait_procs(workers, timeout=5)
    assert not any(worker.is_running() for worker in workers)
    assert stopped.run(run.id).state in ENDED


def test_a_dead_supervisor_is_replaced_and_its_runs_are_settled(stopped: Store) -> None:
    engine = Engine(stopped)
    engine.ensure_supervisor()
    until(lambda: engine.status().warming is not None)
    [first] = supervisors_of(stopped.home)
    until(lambda: first.children())
    workers = first.children()
    run = stopped.create_run(Recipe())
    stopped.change_state(run.id, "starting")
    stopped.change_state(run.id, "running")
    first.kill()
    first.wait()
    if sys.platform.startswith("linux"):
        psutil.wait_procs(workers, timeout=10)
        assert not any(worker.is_running() for worker in workers), "workers end with their supervisor"
    until(lambda: engine.reconcile() or supervisors_of(stopped.home))
    until(lambda: stopped.run(run.id).state == "failed")
    assert "cut off" in stopped.run(run.id).message


def test_it_ends_with_its_home_folder(stopped: Store) -> None:
    process = start_supervisor(stopped)
    until(lambda: Path(address(stopped.home)).exists())
    shutil.rmtree(engine_folder(stopped.home))
    assert process.wait(timeout=60) is not None


def test_one_that_has_just_begun_is_stopped_too(stopped: Store) -> None:
    process = start_supervisor(stopped)
    until(lambda: (engine_folder(stopped.home) / "lock").exists())
    time.sleep(0.1)  # Between the file and the lock on it.
    assert stop_supervisor(stopped.home)
    assert process.wait(timeout=20) == 0


def test_an_idle_one_ends(stopped: Store) -> None:
    process = start_supervisor(stopped, ["--idle-seconds", "0.5"])
    assert process.wait(timeout=60) == 0


def test_only_its_owner_can_reach_it(store: Store) -> None:
    assert len(key(store.home)) == 32 and key(store.home) == key(store.home)
    assert (engine_folder(store.home) / "key").stat().st_mode & 0o077 == 0
    assert engine_folder(store.home).stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows have names of their own")
def test_a_long_home_has_a_short_address(tmp_path: Path) -> None:
    homes = [tmp_path / ("h" * 120), tmp_path / ("h" * 119 + "i")]
    for home in homes:
        home.mkdir()
    addresses = [address(home) for home in homes]
    assert len(set(addresses)) == 2
    for found in addresses:
        assert len(found) <= LONGEST_ADDRESS
        assert Path(found).parent.stat().st_mode & 0o077 == 0


def test_what_was_left_behind_is_swept_away(store: Store) -> None:
    old, fresh, scratch = (
        store.home / "exports" / "old.keras",
        store.home / "exports" / "new.keras",
        engine_folder(store.home) / "job-x",
    )
    scratch.mkdir()
    old.parent.mkdir()
    for file in (old, fresh, scratch / "part"):
        file.write_text("x")
    os.utime(old, (0, 0))
    sweep(store.home)
    assert (old.exists(), fresh.exists(), scratch.exists()) == (False, True, False)


def test_parts_of_uploads_that_nobody_will_finish_are_swept(store: Store) -> None:
    old, fresh = (store.blobs / name for name in ("incoming-old", "incoming-fresh"))
    for file in (old, fresh):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    sweep(store.home)
    assert (old.exists(), fresh.exists()) == (False, True)


def test_one_of_an_older_program_makes_way(stopped: Store) -> None:
    engine = Engine(stopped)
    engine.ensure_supervisor()
    until(lambda: engine.status().ready)
    [older] = supervisors_of(stopped.home)
    touched = Path(surroundings.__file__)
    before = touched.stat()
    try:
        os.utime(touched, (before.st_atime, time.time()))
        until(lambda: not older.is_running(), seconds=60)
    finally:
        os.utime(touched, (before.st_atime, before.st_mtime))
    engine.ensure_supervisor()
    until(lambda: engine.status().warming is not None)
    [newer] = supervisors_of(stopped.home)
    assert newer != older
