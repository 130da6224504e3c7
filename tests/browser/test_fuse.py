"""The Fuse page beside its cards: rules tried without training, what fits, single layers frozen, recipes opened again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from components.data.binding import propose
from components.engine.client import Engine
from components.engine.uploads import take_example, take_shelf_member
from components.models.shelf import shelf
from components.recipe import Member, Recipe
from components.store import Store
from tests.browser.app_server import AppServer, settled, try_digits

pytestmark = pytest.mark.browser


@pytest.fixture
def fuse(app: str, page: Page) -> Page:
    """The page with the two demo members and their data."""
    try_digits(page, app)
    expect(page.locator(".drawing svg g.node")).not_to_have_count(0, timeout=60_000)
    settled(page)
    return page


def chosen_layout(page: Page, folder: Path, before: str) -> object:
    """The layout of the page's recipe once it is another than `before`; a click on a canvas shows no sign of its own."""
    for _ in range(40):
        now = recipe(page, folder)["layout"]
        if now != before:
            break
        page.wait_for_timeout(250)
    return now


def choose_row(page: Page, table: str, row: int) -> None:
    """Clicks the box in front of a table's row; the table itself is drawn on a canvas, 35 pixels a row."""
    canvas = page.locator(f".st-key-{table} canvas").first
    expect(canvas).to_be_visible(timeout=60_000)
    settled(page)
    canvas.scroll_into_view_if_needed()
    # What stands above may still grow, and a click would land beside the row.
    box, before = canvas.bounding_box(), None
    while box != before:
        page.wait_for_timeout(300)
        box, before = canvas.bounding_box(), box
    assert box
    page.mouse.click(box["x"] + 18, box["y"] + 35 * (row + 1) + 17)
    settled(page)


def recipe(page: Page, folder: Path) -> dict[str, object]:
    with page.expect_download() as started:
        page.get_by_role("button", name="Recipe (.json)").click()
    path = folder / "recipe.json"
    started.value.save_as(path)
    written: dict[str, object] = json.loads(path.read_text())
    return written


def test_a_rule_tried_without_training_is_taken_from_the_leaderboard(fuse: Page, tmp_path: Path) -> None:
    assert recipe(fuse, tmp_path)["layout"] == "concatenate"
    fuse.get_by_text("Try without training").click()
    choose_row(fuse, "leaderboard-rows", 0)
    assert chosen_layout(fuse, tmp_path, "concatenate") != "concatenate"


def test_a_layout_is_taken_from_the_table_of_what_fits(fuse: Page, tmp_path: Path) -> None:
    fuse.get_by_text("Which layouts can I use?").click()
    choose_row(fuse, "layout-rows", 0)
    assert chosen_layout(fuse, tmp_path, "concatenate") == "average"


def test_single_layers_are_frozen(fuse: Page, tmp_path: Path) -> None:
    fuse.get_by_text("Cut, scale, freeze").first.click()
    settled(fuse)
    fuse.get_by_role("button", name="Freeze all but the head").click()
    expect(fuse.get_by_text("1 layer frozen")).to_be_visible()
    settled(fuse)
    [mlp, _] = recipe(fuse, tmp_path)["members"]
    assert len(mlp["frozen_layers"]) == 1


def test_a_recipe_opens_again_in_another_window(fuse: Page, app: str, tmp_path: Path) -> None:
    fuse.get_by_role("button", name="Cascade", exact=True).click()
    settled(fuse)
    written = recipe(fuse, tmp_path)
    assert written["layout"] == "cascade"
    fuse.goto(app)
    settled(fuse)
    fuse.locator("input[type=file]").first.set_input_files(tmp_path / "recipe.json")
    expect(fuse.get_by_text("recipe.json was opened")).to_be_visible(timeout=60_000)
    settled(fuse)
    fuse.get_by_role("link", name="Fuse").click()
    expect(fuse.locator(".drawing svg g.node")).not_to_have_count(0, timeout=60_000)
    settled(fuse)
    assert recipe(fuse, tmp_path)["graph"] == written["graph"]


def test_two_members_are_aligned_and_merged(app_server: AppServer, page: Page) -> None:
    store = Store(app_server.home, f"sqlite:///{app_server.home / 'store.db'}")
    engine, members = Engine(store), []
    for shelved in shelf("example:digits"):
        if shelved.name.startswith("digits-dense-"):
            facts = take_shelf_member(engine, store, shelved)
            members.append(Member(name=shelved.name, sha256=facts.sha256, file_name=facts.file_name, scaling="unit"))
    data = propose(take_example(engine, store, "digits"))
    store.save_draft("merging", Recipe(members=tuple(members), data=data, layout="average"))
    store.close()
    page.goto(f"{app_server.url}/fuse?draft=merging")
    expect(page.locator(".drawing svg g.node")).not_to_have_count(0, timeout=60_000)
    settled(page)
    page.get_by_text("Weight space: merge members").click()
    settled(page)
    page.get_by_text("Align hidden units first").click()
    settled(page)
    page.get_by_role("button", name="Merge into a new member").click()
    expect(page.get_by_text("is a member now and stands on the shelf")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("figure", name="barrier")).to_have_count(2)
    settled(page)
    page.get_by_role("button", name="Add it to this fusion").click()
    settled(page)
    expect(page.get_by_text("merged-average", exact=True).first).to_be_visible()
