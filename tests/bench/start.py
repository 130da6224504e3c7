"""How long it takes from the command to a page that can be used."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from playwright.sync_api import Browser, expect

from tests.bench.bench import Row, bench
from tests.browser.app_server import CALM, AppServer, chromium

ROUNDS = 3


@bench
def start() -> Iterator[Row]:
    """Median of a few starts of the installed command; Chromium runs already, TensorFlow warms up behind the page."""
    with chromium() as browser:
        times = [_start(browser) for _ in range(ROUNDS)]
    yield Row("From the command to a page that can be used", statistics.median(times), "s", 3)


def _start(browser: Browser) -> float:
    page = browser.new_page()
    began = time.monotonic()
    with AppServer() as server:
        server.wait()
        page.goto(server.url)
        page.wait_for_selector(CALM)
        expect(page.locator(".st-key-try-digits button")).to_be_enabled()
        seconds = time.monotonic() - began
        page.close()
    return seconds
