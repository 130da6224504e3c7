"""How long a click takes until the page shows what it asked for, measured within the browser; and how long a cancel takes."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.bench.bench import Row, bench
from tests.bench.web_process import weight
from tests.browser.app_server import CALM, AppServer, chromium, settled

LAYOUTS = ("Average", "Series", "Concatenate", "Weighted average")
PAGES = ("Data", "Models", "Train", "Learn")
ROUNDS = 5
EPOCHS = 50000
JOB = "components.engine.job"

TIMED_CLICK = """async (element, [calm, drawn, wanted]) => {
    const find = (root, selector) => root.querySelector(selector)
        ?? [...root.querySelectorAll("*")].map(each => each.shadowRoot && find(each.shadowRoot, selector)).find(Boolean);
    const shown = () => {
        const found = find(document, drawn);
        const text = found?.getAttribute("aria-label") ?? found?.textContent ?? "";
        return text.startsWith(wanted) && (!calm || document.querySelector(calm));
    };
    const began = performance.now();
    element.click();
    do {
        await new Promise(requestAnimationFrame);
        if (performance.now() - began > 20000) throw new Error("not drawn: " + wanted);
    } while (!shown());
    return performance.now() - began;
}"""
"""Clicks; gives the milliseconds until an element, in whatever shadow, reads as wanted (and no script runs, if `calm`)."""


@bench
def clicks() -> Iterator[Row]:
    """Walks from the shelf to a run, and clicks before and while it trains."""
    with AppServer() as server, chromium() as browser:
        server.warm()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(server.url)
        settled(page)
        page.get_by_role("button", name="Try it with the digits members").click()
        page.wait_for_url(re.compile("fuse"))
        for warm_up in (_choose_layouts, _change_pages):
            warm_up(page, 1)
        yield from _rows(page, "idle", 150)
        run = _start_long_run(page)
        yield from _rows(page, "while one run trains", 250)
        yield Row("Cancel, until the run has stopped", _cancel(page, run, server), "s", 3)
        yield from weight(server.process, "after a walk through all of it")


def _rows(page: Page, when: str, bar: float) -> Iterator[Row]:
    yield Row(f"Click on a layout until its graph is drawn, {when}", statistics.median(_choose_layouts(page)), "ms", bar)
    yield Row(f"Click on a page until it is drawn, {when}", statistics.median(_change_pages(page)), "ms", bar)


def _choose_layouts(page: Page, rounds: int = ROUNDS) -> list[float]:
    """The time of each click on a card of the Fuse page until the graph is that of the layout."""
    _visit(page, "Fuse")
    times = []
    for layout in LAYOUTS * rounds:
        card = page.get_by_role("button", name=layout, exact=True)
        times.append(card.evaluate(TIMED_CLICK, [None, ".drawing", layout]))
        settled(page)
    return times


def _change_pages(page: Page, rounds: int = ROUNDS) -> list[float]:
    """The time of each click on a page's name until its title stands there and its script has ended."""
    times = []
    for name in PAGES * rounds:
        link = page.get_by_role("link", name=name, exact=True).first
        times.append(link.evaluate(TIMED_CLICK, [CALM, "h1", name]))
        settled(page)
    return times


def _visit(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.locator("h1", has_text=name)).to_be_visible()
    settled(page)


def _start_long_run(page: Page) -> str:
    """Starts a run that nobody would wait for; gives its address once it trains."""
    _visit(page, "Train")
    epochs = page.get_by_label("Epochs", exact=True)
    epochs.fill(str(EPOCHS))
    epochs.press("Enter")
    settled(page)
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".chip", has_text="running")).to_be_visible(timeout=60_000)
    expect(page.locator(".statistics", has_text=f"/ {EPOCHS}")).to_be_visible()
    return page.url


def _cancel(page: Page, run: str, server: AppServer) -> float:
    """Seconds from the click until the page says so and the run's process is gone."""
    page.goto(run)
    button = page.get_by_role("button", name="Cancel", exact=True)
    button.wait_for()
    began = time.monotonic()
    button.click()
    expect(page.locator(".chip", has_text="cancelled")).to_be_visible(timeout=30_000)
    while any(JOB in each.cmdline() for each in server.process.children(recursive=True)):
        time.sleep(0.02)
    return time.monotonic() - began
