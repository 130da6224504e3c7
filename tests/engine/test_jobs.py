"""What watches over training jobs, with jobs that misbehave in every way a process can."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from sqlalchemy.exc import OperationalError

from components.engine.jobs import Jobs
from components.recipe import Member, Recipe
from components.store import ENDED, Run, Store
from components.store.values import State, Stop

GIGABYTE = 1 << 30


@pytest.fixture
def jobs(store: Store) -> Iterator[Jobs]:
    jobs = Jobs(store, at_once=2, most_memory=GIGABYTE, module="tests.engine.puppet_job")
    yield jobs
    jobs.close()


def until(jobs: Jobs, true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        jobs.tick()
        time.sleep(0.02)


def run_to_end(store: Store, jobs: Jobs, name: str) -> Run:
    id = store.create_run(Recipe(name=name)).id
    until(jobs, lambda: store.run(id).state in ENDED)
    return store.run(id)


def processes_of(id: str) -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if id in (p.info["cmdline"] or [])]


def test_a_run_that_works(store: Store, jobs: Jobs) -> None:
    run = run_to_end(store, jobs, "works")
    assert run.state == "done"
    assert run.result is not None and run.result.scores == run.baselines
    assert [point.step for point in store.curve(run.id).points] == [1, 2, 3, 4, 5]
    assert (run.steps, run.steps_per_second, run.time_left) == (5, 9.0, None)
    assert not processes_of(run.id)


@pytest.mark.parametrize(
    ("name", "sentence", "detail"),
    [
        ("crashes", "ended unexpectedly", "exit status 7\na last word"),
        ("is killed", "lack of memory", "SIGKILL"),
        ("refuses", "The target holds text.", "column 3"),
        ("babbles", "ended unexpectedly", ""),
        ("lies", "ended unexpectedly", "step"),
        ("ends silently", "ended unexpectedly", ""),
    ],
)
def test_a_run_that_fails_says_so_and_keeps_its_points(store: Store, jobs: Jobs, name: str, sentence: str, detail: str) -> None:
    run = run_to_end(store, jobs, name)
    assert run.state == "failed"
    assert sentence in run.message and detail in run.detail
    assert "Traceback" not in run.message + run.detail
    assert [point.step for point in store.curve(run.id).points] == [1, 2, 3]
    assert not processes_of(run.id)


def test_a_run_whose_end_the_database_does_not_take_at_first_is_done(
    store: Store, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, refused = store.change_state, []

    def change_state(id: str, state: State, *more: Any, **values: Any) -> bool:
        if state == "done" and not refused:
            refused.append(state)
            raise OperationalError("UPDATE runs", {}, Exception("connection refused"))
        return plain(id, state, *more, **values)

    monkeypatch.setattr(store, "change_state", change_state)
    run = run_to_end(store, jobs, "works")
    assert refused and (run.state, run.steps) == ("done", 5) and run.result is not None


def test_a_member_that_is_gone_is_told(store: Store, jobs: Jobs) -> None:
    id = store.create_run(Recipe(members=(Member(name="a", sha256="ab" * 32, file_name="a.keras"),))).id
    until(jobs, lambda: store.run(id).state in ENDED)
    assert store.run(id).state == "failed" and "Upload it again" in store.run(id).message


@pytest.mark.parametrize(
    ("name", "how", "state"),
    [("listens", "cancel", "cancelled"), ("sleeps", "cancel", "cancelled"), ("deaf", "pause", "paused")],
)
def test_a_stop_takes_effect_within_three_seconds(store: Store, jobs: Jobs, name: str, how: Stop, state: str) -> None:
    id = store.create_run(Recipe(name=name)).id
    until(jobs, lambda: len(store.curve(id).points) == 3)
    asked = time.monotonic()
    assert store.request_stop(id, how)
    until(jobs, lambda: store.run(id).state in ENDED)
    assert time.monotonic() - asked < 3
    assert store.run(id).state == state
    assert len(store.curve(id).points) == (5 if name == "listens" else 3), "what it reported until then is kept"
    assert not processes_of(id)


def test_who_is_to_finish_gets_the_time_it_needs_and_may_be_cancelled_yet(store: Store, jobs: Jobs) -> None:
    slow, given_up = (store.create_run(Recipe(name=name)).id for name in ("finishes", "sleeps"))
    until(jobs, lambda: len(store.curve(slow).points) == len(store.curve(given_up).points) == 3)
    for id in (slow, given_up):
        assert store.request_stop(id, "finish")
    until(jobs, lambda: store.run(slow).state in ENDED)
    assert store.run(slow).state == "done" and store.run(given_up).state == "finishing"
    store.request_stop(given_up, "cancel")
    until(jobs, lambda: store.run(given_up).state in ENDED)
    assert store.run(given_up).state == "cancelled"


def test_a_run_that_is_taken_up_tells_its_curve_anew(store: Store, jobs: Jobs) -> None:
    run = run_to_end(store, jobs, "is killed")
    assert store.change_state(run.id, "queued")
    until(jobs, lambda: store.run(run.id).state == "done")
    assert [point.step for point in store.curve(run.id).points] == [1, 2, 3]


def test_more_runs_than_cores_wait_in_the_queue(store: Store, jobs: Jobs) -> None:
    ids = [store.create_run(Recipe(name="sleeps")).id for _ in range(4)]
    until(jobs, lambda: len(store.runs("running")) == 2)
    assert [store.queue_position(id) for id in ids] == [None, None, 1, 2]
    store.request_stop(ids[0], "cancel")
    until(jobs, lambda: store.run(ids[2]).state == "running")
    assert [store.queue_position(id) for id in ids] == [None, None, None, 1]
    assert jobs.running == 2


def test_a_job_killed_from_outside_is_told(store: Store, jobs: Jobs) -> None:
    id = store.create_run(Recipe(name="sleeps")).id
    until(jobs, lambda: len(store.curve(id).points) == 3)
    os.kill(processes_of(id)[0].pid, signal.SIGKILL)
    until(jobs, lambda: store.run(id).state in ENDED)
    assert store.run(id).state == "failed" and "The system stopped this run" in store.run(id).message


def test_a_job_that_grows_too_large_is_ended(store: Store) -> None:
    jobs = Jobs(store, at_once=1, most_memory=1 << 20, module="tests.engine.puppet_job")
    run = run_to_end(store, jobs, "sleeps")
    assert run.state == "failed" and "GB of memory" in run.message


def test_what_a_dead_supervisor_left_is_settled(store: Store, jobs: Jobs) -> None:
    running, cancelling, pausing, waiting = (store.create_run(Recipe(name="sleeps")).id for _ in range(4))
    for id in (running, cancelling, pausing):
        store.change_state(id, "starting")
        store.change_state(id, "running")
    store.request_stop(pausing, "pause")
    store.request_stop(cancelling, "cancel")
    jobs.tick()
    assert store.run(running).state == "failed" and "cut off" in store.run(running).message
    assert store.run(cancelling).state == "cancelled" and store.run(pausing).state == "paused"
    assert store.run(waiting).state in ("starting", "running")


def test_closing_pauses_what_runs(store: Store, jobs: Jobs) -> None:
    id = store.create_run(Recipe(name="sleeps")).id
    until(jobs, lambda: store.run(id).state == "running")
    jobs.close()
    assert store.run(id).state == "paused" and "Paused together" in store.run(id).message
    assert not processes_of(id)
