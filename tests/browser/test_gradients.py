"""The Gradients page: measures, thresholds, the graph with its gradient, layouts side by side."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from components.gradients.tones import TONES
from tests.browser.app_server import settled, try_digits

pytestmark = pytest.mark.browser


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()
    settled(page)


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def test_one_measurement_is_seen_as_bars_as_a_graph_and_side_by_side(app: str, page: Page):
    try_digits(page, app)
    page.get_by_role("button", name="Train", exact=True).wait_for(timeout=60_000)
    settled(page)
    page.get_by_role("link", name="Gradients", exact=True).first.click()
    bars = page.locator(".barlayer .point")
    expect(bars.first).to_be_visible(timeout=60_000)
    settled(page)
    page.get_by_role("radio", name="Update / weights").click()
    expect(page.get_by_text("first step at its learning rate")).to_be_visible()
    settled(page)
    expect(bars.first).to_be_visible()

    open_tab(page, "Side by side")
    expect(page.get_by_role("region", name="Update / weights of each layer")).to_be_visible()
    assert page.locator(".heat td[style]").count() >= 10
    assert not serious(page)

    open_tab(page, "Graph")
    drawing = page.locator(".st-key-panel-gradient-graph")
    expect(drawing.locator("g.node.pale, g.node.inky").first).to_be_visible(timeout=30_000)
    folded = drawing.locator("g.node").count()
    drawing.locator("g.node.member").first.click()
    expect(drawing.locator("g.cluster")).to_have_count(1, timeout=30_000)
    assert drawing.locator("g.node").count() != folded
    widths = drawing.locator("g.edge path").evaluate_all(
        "paths => paths.map(each => parseFloat(getComputedStyle(each).strokeWidth))"
    )
    assert min(widths) == 1 and max(widths) > 4, "a stream is as wide as what comes up through it"
    assert not serious(page)

    with page.expect_download() as saved:
        page.get_by_role("button", name="SVG", exact=True).click()
    picture = saved.value.path().read_text()
    assert any(tone.lower() in picture.lower() for tone in TONES), "the tones stand in the file too"

    open_tab(page, "Bars")
    page.get_by_role("button", name="Thresholds").click()
    field = page.get_by_label("Vanishing: below this part of the median gradient")
    field.fill("0.9")
    field.press("Enter")
    settled(page)
    expect(page.get_by_text("vanishing", exact=True).first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("What can be done.").first).to_be_visible()
