"""The report of a run: one file that draws itself without a server, whatever names its members and classes have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from components.gradients.trail import Trail
from components.recipe import Data, Input, Member, Recipe, Target
from components.training.analysis.analyse import analyse
from components.training.events import Result
from components.views.report import Report, report_html
from tests.training.test_analysis import on_test, sure
from tests.views.invented import FACTS, HOSTILE, RIVER, points

pytestmark = pytest.mark.browser


@pytest.fixture
def report() -> str:
    """The text of a report on invented values, hostile wherever a name from a file can stand."""
    random = np.random.default_rng(0)
    truth = random.integers(3, size=60)
    classes = (HOSTILE, "</script><script>document.title='owned'</script>", "c")
    said = {name: sure(np.where(random.random(60) < 0.8, truth, (truth + 1) % 3)) for name in ("fused", "a", HOSTILE)}
    analysis = analyse({"test": (on_test(truth, said.pop("fused"), classes=classes, **said),)})
    comparison = analysis.outputs[0].comparison
    assert comparison
    members = [Member(name=name, sha256="0" * 64, file_name=HOSTILE) for name in ("a", "b")]
    target = Target(name=HOSTILE, task="multiclass", classes=classes)
    inputs = (Input(name="x", columns=(HOSTILE, "width"), shape=(2,)),)
    data = Data(sha256="0" * 64, file_name=HOSTILE, inputs=inputs, target=target)
    result = Result(
        metric="accuracy",
        scores=(),
        steps=5,
        epochs=1,
        best_epoch=1,
        seconds=2.5,
        notes=(HOSTILE,),
        verdict=comparison.sentence,
    )
    recipe = Recipe(name=HOSTILE, members=tuple(members), data=data, layout="average")
    trail = Trail([HOSTILE, "head"], ["a", ""])
    trail.add(1, np.array([[0.01, 0.2], [0.02, 0.3]]))
    made = {"picture": RIVER, "script": f"# {HOSTILE}</pre>", "trail": trail}
    return report_html(Report(HOSTILE, recipe, {"a": FACTS}, points(6), result, analysis, **made))


def test_a_report_stands_alone(report: str, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report, encoding="utf-8")
    assert file.stat().st_size < 3_000_000
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else told.append(request.url))
    page.goto(file.as_uri())
    expect(page.locator(".figures .main-svg").first).to_be_visible()
    assert page.locator(".figures > div[role=figure]").count() == 2 + 1 + 2 + 2 + 1
    expect(page.locator("h1")).to_have_text(HOSTILE)
    expect(page.locator(".picture img")).to_be_visible()
    assert (told, page.title(), page.locator("img[src=x]").count()) == ([], HOSTILE, 0)
    downloads = page.locator(".figures button, .figures [tabindex='0']")
    assert downloads.count() == 2 + 1 + 2 + 2 + 1, "the tab key stops once at each figure"
    with page.expect_download() as picture:
        downloads.first.press("Enter")
    assert picture.value.suggested_filename == "loss.png"
    dark = page.locator(".figures text").first.evaluate("text => getComputedStyle(text).fill")
    page.emulate_media(color_scheme="light")
    expect(page.locator(".figures text").first).not_to_have_css("fill", dark)
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    expect(page.locator(".figures .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
