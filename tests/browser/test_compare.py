"""The Compare page: layouts trained side by side, paused, resumed and opened as a recipe; a search, its best taken over."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from components.store import Store
from components.store.values import Run
from components.training.search.trials import TRIALS, Trials
from tests.browser.app_server import AppServer, settled, try_digits
from tests.browser.test_runs import choose
from tests.engine.waiting import until

pytestmark = pytest.mark.browser

SECONDS = 120


def draft_of_digits(page: Page, app: str, epochs: int) -> None:
    """Two members of the digits, to be trained for so many epochs; ends on the Compare page."""
    try_digits(page, app)
    page.get_by_role("button", name="Train", exact=True).wait_for(timeout=60_000)
    settled(page)
    page.get_by_role("link", name="Train", exact=True).first.click()
    field = page.get_by_label("Epochs", exact=True)
    field.fill(str(epochs))
    field.press("Enter")
    settled(page)
    page.get_by_role("link", name="Compare", exact=True).first.click()
    settled(page)


def in_address(page: Page, name: str) -> str:
    """The id of a run that the page's address names."""
    page.wait_for_url(re.compile(f"{name}="), timeout=30_000)
    return page.url.rpartition("=")[2]


def test_a_comparison_grows_is_paused_and_resumed_and_a_row_opens_as_a_recipe(app_server: AppServer, page: Page) -> None:
    store = Store(app_server.home, f"sqlite:///{app_server.home / 'store.db'}")
    draft_of_digits(page, app_server.url, epochs=12)
    page.get_by_role("button", name="Concatenate", exact=True).click()
    settled(page)
    seeds = page.get_by_label("Seeds", exact=True)
    seeds.fill("1")
    seeds.press("Enter")
    settled(page)
    page.get_by_role("button", name="Train and compare").click()
    id = in_address(page, "comparison")

    def told(layout: str) -> int:
        return sum(point.contender == layout for point in store.compared_curves(id).points)

    until(lambda: told("stacking") > 1, SECONDS)
    expect(page.get_by_text("joins the leaderboard")).to_be_visible()
    assert int(page.locator("[data-points]").first.get_attribute("data-points") or 0) >= 13
    page.get_by_role("button", name="Pause").click()
    resume = page.get_by_role("button", name="Resume")
    expect(resume).to_be_visible(timeout=30_000)
    kept = store.comparison_report(id)
    assert kept is not None and {row.name for row in kept.contenders if row.kind == "layout"} == {"average"}
    settled(page)
    resume.click()
    until(lambda: store.run(id).state == "done", SECONDS)
    report = store.comparison_report(id)
    assert report is not None and told("average") == told("stacking") == 13, "nothing is told twice"
    expect(page.get_by_text("Judged on")).to_be_visible(timeout=30_000)
    settled(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Table (.csv)").first.click()
    with saved.value.path().open(newline="") as file:
        assert [line["name"] for line in csv.DictReader(file)] == [row.name for row in report.contenders]
    choose(page, [row.name for row in report.contenders].index("stacking"))
    page.get_by_role("button", name="Open as a recipe").click()
    page.wait_for_url(re.compile("fuse"), timeout=30_000)
    settled(page)
    page.get_by_role("link", name="Train", exact=True).first.click()
    expect(page.get_by_text("2 members, Stacking")).to_be_visible(timeout=30_000)
    store.close()


def trials_of(store: Store, run: Run) -> Trials:
    return Trials.model_validate_json((store.run_folder(run.id) / TRIALS).read_bytes())


@pytest.mark.nightly
def test_a_search_is_paused_and_resumed_and_its_best_becomes_the_recipe(app_server: AppServer, page: Page) -> None:
    store = Store(app_server.home, f"sqlite:///{app_server.home / 'store.db'}")
    draft_of_digits(page, app_server.url, epochs=2)
    page.get_by_text("Search the settings").click()
    settled(page)
    trials = page.get_by_label("Trials", exact=True)
    trials.fill("3")
    trials.press("Enter")
    settled(page)
    page.get_by_role("button", name="Start the search").click()
    id = in_address(page, "search")
    until(lambda: store.run(id).epoch >= 1, SECONDS)
    expect(page.get_by_text(re.compile("[12] of 3 trials"))).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Pause").click()
    resume = page.get_by_role("button", name="Resume")
    expect(resume).to_be_visible(timeout=30_000)
    before = trials_of(store, store.run(id)).trials
    settled(page)
    resume.click()
    until(lambda: store.run(id).state == "done", SECONDS)
    found = trials_of(store, store.run(id))
    assert len(found.trials) == 3 and found.trials[0] == before[0] and found.best is not None
    page.get_by_role("button", name=f"Use the best (trial {found.best.number})").click()
    expect(page.get_by_text("those of the draft now")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Train", exact=True).first.click()
    settled(page)
    rate = float(page.get_by_label("Learning rate", exact=True).input_value())
    assert rate == pytest.approx(float(found.best.values["learning_rate"]), rel=1e-3)
    store.close()
