"""axe-core on every page, light and dark, wide and narrow: nothing serious or critical."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.app_server import settled, try_digits

pytestmark = pytest.mark.browser

PAGES = ("", "data", "fuse", "gradients", "train", "compare", "learn")


@pytest.fixture(scope="module")
def draft(app_server, browser: Browser) -> str:
    """The address part of a recipe with two members, data and a layout."""
    page = browser.new_page()
    try_digits(page, app_server.url)
    page.get_by_role("button", name="Train", exact=True).wait_for(timeout=60_000)
    found = page.url.partition("?")[2]
    page.close()
    return found


def findings(page: Page) -> list[str]:
    """What axe-core finds serious or critical, with the first place of each."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} at {each['nodes'][0]['html'][:200]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_every_page_is_accessible(app: str, browser: Browser, draft: str, scheme: str, width: int) -> None:
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    found = {}
    for name in PAGES:
        page.goto(f"{app}/{name}?{draft}")
        settled(page)
        found[name or "models"] = findings(page)
    page.goto(app)
    settled(page)
    found["models, empty"] = findings(page)
    context.close()
    assert {name: each for name, each in found.items() if each} == {}
