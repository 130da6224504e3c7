"""From a table alone to a fusion: who brings no model trains two small ones on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_wine

from tests.browser.app_server import settled

pytestmark = pytest.mark.browser


def test_from_a_table_to_a_fusion_in_three_clicks(app: str, page: Page, tmp_path: Path) -> None:
    wine = load_wine(as_frame=True).frame.rename(columns={"target": "grower"})
    wine.to_csv(tmp_path / "wine.csv", index=False)
    page.goto(f"{app}/data")
    settled(page)
    page.locator("input[type=file]").set_input_files(tmp_path / "wine.csv")
    page.get_by_role("button", name="Train two small members").click(timeout=60_000)
    progress = page.get_by_text("on the validation split")
    expect(progress.first).to_be_visible(timeout=60_000)
    page.reload()
    expect(page.get_by_role("button", name="Cancel").first).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Choose a layout").click(timeout=120_000)
    expect(page.locator(".drawing svg g.node")).not_to_have_count(0, timeout=60_000)
    settled(page)
    for name in ("wide", "deep"):
        expect(page.locator(".member h3", has_text=name)).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Start training")).to_be_visible(timeout=30_000)
