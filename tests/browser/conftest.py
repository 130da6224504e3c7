from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_server import AppServer, chromium

# Other tests may be at work on the same cores.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def app_server() -> Iterator[AppServer]:
    """The real app, started once for all browser tests."""
    with AppServer() as server:
        server.wait()
        yield server


@pytest.fixture(scope="session")
def hostile_server() -> Iterator[AppServer]:
    """An app of its own for files made to harm, so that what they leave behind is all that there is."""
    with AppServer() as server:
        server.warm()
        yield server


@pytest.fixture
def app(app_server: AppServer) -> str:
    """The address of the running app."""
    return app_server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window without cookies, as wide as a small laptop's."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, Any]:
    """A test that fails tells what stood on the page, and what the app has logged."""
    report = yield
    if report.when == "call" and report.failed and "page" in item.funcargs:
        page = item.funcargs["page"]
        report.sections.append((f"page {page.url}", page.locator("body").inner_text(timeout=5000)[:3000]))
        report.sections.append(("log of the app", item.funcargs["app_server"].log()))
    return report
