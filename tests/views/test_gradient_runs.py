"""Gradients along several runs: which are shown together, on which scale, and when they stop growing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from components.gradients.tones import tone
from components.gradients.trail import TRAIL, Trail
from components.recipe import Member, Recipe
from components.store import Run, Store
from components.views import services

MEMBERS = tuple(Member(name=name, sha256=name * 64, file_name=f"{name}.keras") for name in "ab")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("TRIBUTARY_HOME", str(tmp_path))
    services.store.cache_clear()
    yield services.store()
    services.store().close()
    services.store.cache_clear()


def recorded(store: Store, norms: list[float], state: str) -> Run:
    """A run of one step whose members' layers, and what is fused, had these norms."""
    run = store.create_run(Recipe(members=MEMBERS, layout="average"))
    trail = Trail(["a.one", "a.two", "b.one", "head"], ["a", "a", "b", ""])
    trail.add(1, np.square([norms]))
    trail.save(store.run_folder(run.id) / TRAIL)
    for each in ("starting", "running", state):
        store.change_state(run.id, each)
    return store.run(run.id)


def _page() -> None:
    from components.views.gradient_runs import show_runs

    show_runs()


def tables(page: AppTest) -> list[list[list[str]]]:
    """The name, the norm and the tone of each line of each table of strips."""
    found = [each.proto.body for each in page.get("html") if "along training" in each.proto.body]
    line = r"</i>(.*?)</th><td>(.*?)</td>.*?linear-gradient\(to right, (#\w+)"
    return [[list(cells) for cells in re.findall(line, body)] for body in found]


@pytest.mark.parametrize("state", ["done", "running"])
def test_runs_stand_beside_each_other_on_one_scale(state: str, store: Store) -> None:
    weak, strong = recorded(store, [3e-3, 4e-3, 1e-2, 0.5], "done"), recorded(store, [3.0, 4.0, 10.0, 0.5], state)
    page = AppTest.from_function(_page, default_timeout=60)
    page.session_state["trail-runs"] = [weak.id, strong.id, "gone"]
    page.run()
    assert not page.exception
    assert [[cells[:2] for cells in table] for table in tables(page)] == [
        [["a", "5.0e-03"], ["b", "1.0e-02"], ["fused", "5.0e-01"]],
        [["a", "5.0e+00"], ["b", "1.0e+01"], ["fused", "5.0e-01"]],
    ]
    tones = [[cells[2] for cells in table] for table in tables(page)]
    assert tones == [[tone(norm, (-3, 1))[0] for norm in norms] for norms in ((5e-3, 1e-2, 0.5), (5.0, 10.0, 0.5))]
    said = " ".join(each.proto.body for each in page.get("html"))
    assert f"{weak.name} · Average" in said and f"{strong.name} · Average" in said


def test_one_run_that_has_ended_is_shown_layer_by_layer(store: Store) -> None:
    recorded(store, [3.0, 4.0, 1.0, 0.5], "done")
    page = AppTest.from_function(_page, default_timeout=60).run()
    assert not page.exception
    assert [cells[0] for cells in tables(page)[0]] == ["a.one", "a.two", "b.one", "head"]


def test_a_run_that_waits_is_there_before_its_first_step(store: Store) -> None:
    run = store.create_run(Recipe(members=MEMBERS, layout="average"))
    page = AppTest.from_function(_page, default_timeout=60).run()
    assert not page.exception and not tables(page) and page.multiselect[0].value == [run.id]
    assert [each for each in page.get("html") if "first steps are still to come" in each.proto.body]


def test_without_runs_there_is_a_sentence(store: Store) -> None:
    page = AppTest.from_function(_page, default_timeout=60).run()
    assert not page.exception and not page.multiselect
