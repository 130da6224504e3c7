"""A member's card by hand: looked into, named, compared, deleted; with nothing serious for axe-core while it stands open."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.app_server import settled

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture
def models(app: str, page: Page, files: Path) -> Page:
    """The Models page with two members that were brought."""
    page.goto(app)
    settled(page)
    names = ("digits-mlp-keras2.15.0.h5", "digits-cnn-logits-keras3.3.3.keras")
    page.locator("input[type=file]").first.set_input_files([files / name for name in names])
    expect(page.get_by_text("layers, graph and facts")).to_have_count(2, timeout=90_000)
    settled(page)
    return page


def serious(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations if each["impact"] in ("serious", "critical")
    ]


def test_a_member_is_looked_into_named_compared_and_deleted(models: Page) -> None:
    models.get_by_text("layers, graph and facts").nth(1).click()
    expect(models.get_by_text("Operations for one sample")).to_be_visible()
    models.get_by_role("tab", name="Graph").click()
    expect(models.locator(".graph-view[data-ready] g.node").first).to_be_visible(timeout=30_000)
    assert serious(models) == []

    models.get_by_role("button", name="Name, classes, scaling").nth(1).click()
    models.get_by_label("Shown as").fill(HOSTILE)
    models.get_by_label("Shown as").press("Tab")
    expect(models.get_by_role("heading", name=HOSTILE)).to_be_visible()
    names = models.get_by_label("Names of its 10 classes")
    names.fill("cat, dog")
    names.press("Tab")
    expect(models.get_by_text("10 classes apart, and 2 names were given")).to_be_visible()
    names.fill("\n".join("abcdefghij"))
    names.press("Tab")
    expect(models.get_by_text("10 classes apart, and 2 names were given")).to_have_count(0)
    assert serious(models) == []
    models.keyboard.press("Escape")
    models.get_by_role("tab", name="Facts").click()
    expect(models.get_by_text("a, b, c, d, e, f, g, h, i, j")).to_be_visible()

    models.get_by_text("Compare two members").click()
    expect(models.get_by_text("Different architectures.")).to_be_visible(timeout=60_000)
    assert serious(models) == []

    models.get_by_role("button", name="Delete …").nth(1).click()
    expect(models.get_by_text("No run uses it")).to_be_visible()
    models.get_by_role("button", name="Delete it").click()
    expect(models.get_by_text("layers, graph and facts")).to_have_count(1)
    assert models.title() != "owned"
