"""The views that run in the browser: cards, graph, curves; by mouse, by keyboard, in both themes, on a phone."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_server import AppServer
from tests.views.invented import GALLERY

pytestmark = pytest.mark.browser

CURVES = ".st-key-live .js-plotly-plot"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with AppServer((sys.executable, "-m", "streamlit", "run", str(GALLERY))) as server:
        server.wait()
        yield server.url


def open_gallery(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".graph-view[data-ready]")).to_be_visible(timeout=60_000)
    expect(page.locator(CURVES)).to_have_count(2, timeout=60_000)


def swipe(page: Page, x: float, y: float, *, down: float) -> None:
    """Moves a finger that touches the screen at these pixels."""
    session = page.context.new_cdp_session(page)
    touches = [("touchStart", y), *(("touchMove", y + down * step / 12) for step in range(1, 13))]
    for kind, place in touches:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": place}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.fixture(scope="module")
def drawn(browser: Browser, address: str) -> Iterator[Page]:
    """The gallery, opened once; no test relies on what another left behind."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    open_gallery(page, address)
    yield page
    context.close()


def test_a_layout_is_chosen_by_one_click_or_by_keyboard(drawn: Page):
    card = drawn.get_by_role("button", name="Concatenate", exact=True)
    card.click()
    expect(drawn.get_by_text("chosen concatenate")).to_be_visible()
    expect(card).to_have_attribute("aria-pressed", "true")
    drawn.get_by_role("button", name="Average", exact=True).and_(drawn.locator("[data-name]")).press("Enter")
    expect(drawn.get_by_text("chosen average")).to_be_visible()
    expect(card).to_have_attribute("aria-pressed", "false")


def test_a_layout_that_cannot_be_used_says_why_and_is_not_chosen(drawn: Page):
    before = drawn.get_by_text("chosen ").inner_text()
    drawn.locator("[data-name=soup]").click(force=True)
    expect(drawn.locator(".why li")).to_be_visible()
    expect(drawn.locator(".why li")).to_contain_text("needs members of one architecture")
    assert drawn.get_by_text("chosen ").inner_text() == before


def test_a_node_and_a_cluster_answer_a_click(drawn: Page):
    drawn.get_by_role("button", name="image, 8 × 8 × 1").click()
    expect(drawn.get_by_text("clicked image")).to_be_visible()
    drawn.locator("g.node[data-id=join]").press("Enter")
    expect(drawn.get_by_text("clicked join")).to_be_visible()
    drawn.locator("g.cluster text").click()
    expect(drawn.get_by_text("clicked mlp", exact=True)).to_be_visible()


def test_the_graph_zooms_and_shows_the_whole_again(drawn: Page):
    drawing = drawn.locator(".drawing svg")
    whole = drawing.evaluate("svg => svg.viewBox.baseVal.width")
    drawn.get_by_role("button", name="Zoom into the graph").click()
    assert drawing.evaluate("svg => svg.viewBox.baseVal.width") == pytest.approx(0.8 * whole)
    drawn.locator("g.node").first.press("0")
    assert drawing.evaluate("svg => svg.viewBox.baseVal.width") == pytest.approx(whole)


def test_a_zoom_into_the_curves_survives_new_points(drawn: Page):
    chart = drawn.locator(CURVES).first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    drawn.mouse.move(box["x"] + 70, box["y"] + 80)
    drawn.mouse.down()
    drawn.mouse.move(box["x"] + 170, box["y"] + 200, steps=4)
    drawn.mouse.up()
    zoomed = chart.evaluate("plot => plot.layout.xaxis.range")
    assert zoomed != [0, 20]
    node = chart.element_handle()
    before = int(drawn.locator(".st-key-live [data-points]").get_attribute("data-points"))
    drawn.wait_for_function(
        "before => Number(document.querySelector('.st-key-live [data-points]').dataset.points) >= before + 10", arg=before
    )
    assert chart.evaluate("plot => plot.layout.xaxis.range") == zoomed
    assert node.evaluate("plot => plot.isConnected"), "the chart is the same element, so nothing flickers"


def test_nothing_from_a_file_runs_or_is_loaded_from_elsewhere(page: Page, address: str):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_gallery(page, address)
    page.locator("g.node[data-id=hostile]").click()
    page.locator(".cards path").first.dispatch_event("click")
    assert page.title() == "Gallery"
    assert page.locator(".graph-view a, .graph-view image, .cards script, .cards image").count() == 0
    assert not [url for url in asked if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))]
    assert (
        page.locator(".modebar-btn").evaluate_all("buttons => buttons.map(each => each.dataset.title)")
        and not page.locator(".modebar-btn[data-title*=Cloud]").count()
    )


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 1440),
        ("dark", 390),
        # Colours do not depend on the width, nor places on the theme.
        pytest.param("dark", 1440, marks=pytest.mark.nightly),
        pytest.param("light", 390, marks=pytest.mark.nightly),
    ],
)
def test_the_views_are_accessible_and_fit_the_screen(browser: Browser, address: str, theme: str, width: int):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, has_touch=True)
    page = context.new_page()
    open_gallery(page, address)
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    targets = [button.bounding_box() for button in page.locator(".cards button, .zoom button").all()]
    assert min(min(box["width"], box["height"]) for box in targets) >= 32
    graph, cards = page.locator(".graph-view").bounding_box(), page.locator(".cards").bounding_box()
    assert graph["x"] >= 0 and graph["x"] + graph["width"] <= width
    assert (graph["y"] + graph["height"] <= cards["y"]) == (width == 390), "on a phone the picture comes first"
    scheme = page.locator("html").evaluate("page => getComputedStyle(page).colorScheme")
    assert scheme == theme, "popovers and dialogs take it from the page, since they stand outside of the app's element"
    page.set_viewport_size({"width": 390, "height": 900})
    page.wait_for_function("page => page.clientWidth <= 390", arg=page.locator("html").element_handle())
    first, second, *_ = (chart.bounding_box() for chart in page.locator(CURVES).all())
    assert first["height"] > 100 and first["y"] + first["height"] <= second["y"], "figures stand below each other"
    bars = page.get_by_role("figure", name="Samples in each class")
    bars.scroll_into_view_if_needed()
    box = bars.bounding_box()
    x, y = box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2
    page.touchscreen.tap(x, y)
    expect(bars.get_by_text("5 samples")).to_be_attached()
    swipe(page, x, y, down=120)
    # A finger scrolls the page, also over a figure.
    page.wait_for_function("([plot, y]) => plot.getBoundingClientRect().y > y + 60", arg=[bars.element_handle(), box["y"]])
    context.close()


def test_the_drawing_follows_the_theme_without_a_new_run(drawn: Page):
    title = drawn.locator(".graph-view text").first
    label = drawn.locator(f"{CURVES} .xtick text").first
    drawn.emulate_media(color_scheme="light")
    expect(title).to_have_css("fill", "rgb(23, 33, 43)")
    drawn.emulate_media(color_scheme="dark")
    expect(title).to_have_css("fill", "rgb(232, 237, 240)")
    expect(label).to_have_css("fill", "rgb(159, 176, 186)")
