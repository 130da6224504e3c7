"""The list of runs: found, named and deleted, after being asked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from components.recipe import Recipe
from components.recipe.search import Over, Search
from components.store import Store
from tests.browser.app_server import AppServer, settled
from tests.browser.test_members import HOSTILE, serious

pytestmark = pytest.mark.browser

ROW_HEIGHT, CHECKBOX = 35, 18
"""Pixels of a table's row, and of the middle of its checkbox from the left."""


def choose(page: Page, *rows: int) -> None:
    """Clicks the checkboxes of rows; the table is drawn on a canvas."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    for row in rows:
        page.mouse.click(box["x"] + CHECKBOX, box["y"] + ROW_HEIGHT * (row + 1.5))
        settled(page)


def test_a_run_is_found_named_and_deleted(app_server: AppServer, page: Page) -> None:
    store = Store(app_server.home, f"sqlite:///{app_server.home / 'store.db'}")
    runs = [store.create_run(Recipe(name="of the list")) for _ in range(3)]
    for run in runs:
        store.request_stop(run.id, "cancel")
    for run in runs[:2]:
        store.keep_note(run.id, "Übung")
    page.goto(f"{app_server.url}/compare")
    find = page.get_by_placeholder("Part of a name")
    find.fill("übung cancelled")
    find.press("Enter")
    settled(page)
    choose(page, 0)
    expect(page.get_by_text(f"/train?run={runs[1].id}")).to_be_visible()
    page.get_by_role("button", name="Name, note").click()
    name = page.get_by_label("Name", exact=True)
    name.fill(HOSTILE)
    name.press("Enter")
    settled(page)
    assert store.run(runs[1].id).name == HOSTILE
    assert serious(page) == []
    page.keyboard.press("Escape")
    choose(page, 1)
    page.get_by_role("button", name="Delete …").click()
    expect(page.get_by_text("all other files of these 2 runs go for good")).to_be_visible()
    assert len(store.find_runs("übung")) == 2, "it asks before"
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("No run has all of these words.")).to_be_visible()
    assert store.find_runs("übung") == () and store.run(runs[2].id)
    assert page.title() != "owned"
    search = store.create_run(Recipe(search=Search(over=(Over(name="learning_rate", low=0.1, high=1),))))
    store.request_stop(search.id, "cancel")
    page.goto(f"{app_server.url}/compare?search={search.id}")
    page.get_by_role("button", name="Delete …").click()
    expect(page.get_by_text("all trials and all other files of this search go for good")).to_be_visible()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("button", name="Delete …")).to_have_count(0)
    assert search.id not in {run.id for run in store.searches()} and search.id not in page.url
    store.close()
