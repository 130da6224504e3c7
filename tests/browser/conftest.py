from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.app_server import AppServer, chromium


@pytest.fixture(scope="session")
def app_server() -> Iterator[AppServer]:
    """The real app, started once for all browser tests."""
    with AppServer() as server:
        server.wait()
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
