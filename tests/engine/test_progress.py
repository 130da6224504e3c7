from __future__ import annotations

import itertools

import pytest

from components.engine.progress import SETTLED_SECONDS, Progress
from components.training.events import Point


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def point(step: int, steps_per_epoch: int = 50, split: str = "training") -> Point:
    return Point(step=step, epoch=step / steps_per_epoch, split=split, loss=1.0, metric=0.5)  # type: ignore[arg-type]


def test_a_steady_run_has_its_exact_speed_and_time_left() -> None:
    clock = Clock()
    progress = Progress(epochs=10, clock=clock)
    progress.add(point(0, split="validation"))
    for step in range(20, 201, 20):
        clock.now += 0.5
        progress.add(point(step))
    report = progress.report()
    assert report["steps_per_second"] == pytest.approx(40.0)
    assert report["time_left"] == pytest.approx((500 - 200) / 40.0)
    assert (report["epoch"], report["steps"]) == (4.0, 200)


def test_no_time_left_is_told_before_it_is_settled() -> None:
    clock = Clock()
    progress = Progress(epochs=10, clock=clock)
    assert progress.report()["time_left"] is None
    clock.now += SETTLED_SECONDS / 2
    progress.add(point(10))
    assert progress.report()["time_left"] is None
    assert progress.report()["steps_per_second"] == pytest.approx(10 / (SETTLED_SECONDS / 2))


def test_speed_follows_a_change_smoothly() -> None:
    clock = Clock()
    progress = Progress(epochs=100, clock=clock)
    step = 0
    speeds = []
    for rate in [100] * 20 + [10] * 60:
        clock.now += 0.5
        step += rate // 2
        progress.add(point(step))
        speeds.append(progress.report()["steps_per_second"])
    assert speeds[19] == pytest.approx(100)
    assert 80 < speeds[20] < 100, "one slow half second is no new speed"
    assert speeds[-1] == pytest.approx(10, abs=1)
    assert all(after <= before + 1e-9 for before, after in itertools.pairwise(speeds[19:]))


def test_a_validation_point_at_the_same_step_takes_no_steps() -> None:
    clock = Clock()
    progress = Progress(epochs=2, clock=clock)
    clock.now += 1
    progress.add(point(50))
    clock.now += 1
    progress.add(point(50, split="validation"))
    clock.now += 1
    progress.add(point(60))
    assert progress.report()["steps_per_second"] < 50


def test_a_run_that_goes_on_is_as_fast_as_its_steps_not_as_its_preparations() -> None:
    clock = Clock()
    progress = Progress(epochs=10, clock=clock)
    progress.take_up(point(100))
    clock.now += 30
    for step in range(110, 201, 10):
        progress.add(point(step))
        clock.now += 0.5
    assert progress.report()["steps_per_second"] == pytest.approx(20.0)
    assert progress.report()["steps"] == 200


def test_the_time_left_shrinks_while_a_validation_lasts() -> None:
    clock = Clock()
    progress = Progress(epochs=10, clock=clock)
    progress.add(point(0, split="validation"))
    for step in range(10, 101, 10):
        clock.now += 1
        progress.add(point(step))
    before = progress.report()["time_left"]
    clock.now += 3
    assert progress.report()["time_left"] == pytest.approx(before - 3)
