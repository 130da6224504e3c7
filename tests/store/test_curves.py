"""What watches a run's curve sees what lies in the database, whenever it looks and whatever became of the run meanwhile."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest

from components.recipe import Recipe
from components.store import Store
from components.training.comparison.report import ComparedPoint, Comparison
from components.training.events import Point


def point(step: int, loss: float = 0.5) -> Point:
    return Point(step=step, epoch=step, split="training", loss=loss, metric=0.5, learning_rate=0.1)


def compared(epoch: int, loss: float = 0.5) -> ComparedPoint:
    return ComparedPoint(contender="average", seed=0, epoch=epoch, loss=loss, metric=0.5)


def test_points_come_back_in_order_and_are_read_on_from_what_was_seen(store: Store) -> None:
    run, other = store.create_run(Recipe()), store.create_run(Recipe())
    store.append_points(run.id, [point(1), point(2)])
    store.append_points(other.id, [point(9)])
    first = store.curve(run.id)
    assert first.points == (point(1), point(2))
    assert store.curve(run.id, first) == first
    store.append_points(run.id, [point(3)])
    assert store.curve(run.id, first).points == (point(1), point(2), point(3))
    assert store.curve(run.id, replace(first, points=())).points == (point(3),), "what was seen is not read again"
    assert store.curve(other.id, first).points == (point(9),), "what was seen of another run counts for nothing"
    assert store.curve("no such run", first).points == ()


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, 1e-300])
def test_losses_that_are_no_numbers_survive(store: Store, loss: float) -> None:
    id = store.create_run(Recipe(), Comparison(layouts=("average",))).id
    store.append_points(id, [point(1, loss)])
    store.append_compared(id, [compared(1, loss)])
    for kept in (store.curve(id).points[0].loss, store.compared_curves(id).points[0].loss):
        assert kept == loss or (math.isnan(kept) and math.isnan(loss))


@pytest.mark.parametrize("told_anew", [0, 1, 3, 4], ids="{} points".format)
def test_a_curve_that_is_told_anew_takes_the_place_of_the_one_seen_before(store: Store, told_anew: int) -> None:
    """SQLite gives the rows of the new points the numbers of those that were dropped."""
    id = store.create_run(Recipe()).id
    store.append_points(id, [point(step) for step in range(3)])
    seen = store.curve(id)
    store.drop_curves(id)
    new = tuple(point(step, 9.0) for step in range(told_anew))
    store.append_points(id, new)
    assert store.curve(id, seen).points == new
    store.append_points(id, [point(7)])
    assert store.curve(id, store.curve(id, seen)).points == (*new, point(7))


@pytest.mark.parametrize("seed", range(3))
def test_whoever_looks_now_and_then_sees_what_a_fresh_look_shows(store: Store, seed: int) -> None:
    """Runs tell, are taken up again and removed in any order; the curves are compared with plain lists."""
    chance = random.Random(seed)
    comparison = Comparison(layouts=("average",))
    told: dict[str, tuple[list[Point], list[ComparedPoint]]] = {
        store.create_run(Recipe(), comparison).id: ([], []) for _ in range(3)
    }
    watched = dict.fromkeys(range(4)), dict.fromkeys(range(4))
    for number in range(150):
        id = chance.choice(list(told))
        match chance.choice(["tell", "tell", "look", "look", "look", "drop", "remove"]):
            case "tell":
                points = [point(number, k) for k in range(chance.randint(0, 3))]
                also = [compared(number, k) for k in range(chance.randint(0, 3))]
                store.append_points(id, points)
                store.append_compared(id, also)
                told[id][0].extend(points)
                told[id][1].extend(also)
            case "look":
                watcher = chance.randrange(4)
                watched[0][watcher] = store.curve(id, watched[0][watcher])
                watched[1][watcher] = store.compared_curves(id, watched[1][watcher])
                assert [list(curve[watcher].points) for curve in watched] == list(told[id])
            case "drop":
                store.drop_curves(id)
                told[id] = ([], [])
            case "remove":
                assert store.change_state(id, "cancelled") and store.remove_run(id)
                del told[id]
                assert store.curve(id, watched[0][0]).points == store.compared_curves(id, watched[1][0]).points == ()
                told[store.create_run(Recipe(), comparison).id] = ([], [])
