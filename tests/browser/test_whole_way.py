"""The whole way through, by clicking: from files or from the shelf to a trained, fused model."""

from __future__ import annotations

import re
import time
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect
from sklearn.datasets import load_digits

from tests.browser.app_server import settled, try_digits
from tests.plain_keras import PlainKeras

pytestmark = pytest.mark.browser

TRAINING_SECONDS = 120


def click(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    settled(page)


def points(page: Page) -> int:
    """How many points the curves have received."""
    return int(page.locator("[data-points]").first.get_attribute("data-points") or 0)


def watch(page: Page, portions: int) -> list[int]:
    """The different numbers of points seen while the curves grow, until so many portions came."""
    seen = [points(page)]
    end = time.monotonic() + TRAINING_SECONDS
    while len(seen) <= portions and time.monotonic() < end:
        count = points(page)
        if count != seen[-1]:
            seen.append(count)
        page.wait_for_timeout(100)
    return seen


def download(page: Page, label: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.get_by_role("button", name=label).click()
    target = folder / started.value.suggested_filename
    started.value.save_as(target)
    return target


@pytest.fixture
def digits_table(tmp_path: Path) -> Path:
    digits = load_digits()
    table = pd.DataFrame(digits.data.astype(int), columns=[f"pixel_{index}" for index in range(64)])
    table["digit"] = digits.target
    path = tmp_path / "digits.csv"
    table.to_csv(path, index=False)
    return path


def test_two_uploads_and_a_table_become_one_trained_model(
    app: str, page: Page, files: Path, digits_table: Path, plain_keras: PlainKeras, tmp_path: Path
) -> None:
    page.goto(app)
    settled(page)
    uploads = [files / "digits-mlp-keras2.15.0.h5", files / "digits-cnn-logits-keras3.3.3.keras"]
    page.locator("input[type=file]").set_input_files(uploads)
    expect(page.get_by_text("digits-mlp-keras2-15-0", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_text("digits-cnn-logits-keras3-3-3", exact=True)).to_be_visible(timeout=60_000)
    settled(page)

    click(page, "Choose the data")
    page.locator("input[type=file]").set_input_files(digits_table)
    expect(page.get_by_text("1,797")).to_be_visible(timeout=60_000)
    settled(page)

    click(page, "Choose a layout")
    expect(page.locator(".drawing svg g.node")).not_to_have_count(0, timeout=30_000)

    click(page, "See gradients")
    bars = page.locator(".barlayer .point")
    expect(bars.first).to_be_visible(timeout=60_000)
    assert bars.count() >= 4

    click(page, "Train")
    page.get_by_label("Epochs", exact=True).fill("150")
    page.get_by_label("Epochs", exact=True).press("Enter")
    settled(page)
    click(page, "Start training")
    page.wait_for_url(re.compile("run="), timeout=30_000)
    page.locator("[data-points]").first.wait_for(timeout=60_000)
    cancel = page.get_by_role("button", name="Cancel", exact=True)
    assert watch(page, portions=3)[-1] >= 3
    expect(cancel).to_be_visible()

    before = points(page)
    page.reload()
    page.locator("[data-points]").first.wait_for(timeout=30_000)
    assert points(page) >= before
    seen = watch(page, portions=7)
    assert len(seen) > 7, f"only these numbers of points were seen: {seen}"
    assert seen == sorted(seen)
    assert seen[-1] - before >= 10
    expect(cancel).to_be_visible()

    page.get_by_role("button", name="Pause").click()
    resume = page.get_by_role("button", name="Resume")
    expect(resume).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    settled(page)
    paused = points(page)
    assert paused >= seen[-1]
    page.reload()
    expect(resume).to_be_visible(timeout=30_000)
    assert points(page) == paused
    watching = page.context.new_page()
    watching.goto(page.url)
    expect(watching.get_by_role("button", name="Resume")).to_be_visible(timeout=30_000)
    resume.click()
    going = page.get_by_role("button", name="Stop and keep best")
    expect(going).to_be_enabled(timeout=60_000)
    cancel.click()
    expect(page.get_by_text("cancelled", exact=True)).to_be_visible(timeout=30_000)
    resume.click()
    expect(going).to_be_enabled(timeout=60_000)
    expect(page.get_by_text("Does fusion help?")).to_be_visible(timeout=TRAINING_SECONDS * 1000)
    settled(page)
    expect(watching.get_by_text("Does fusion help?")).to_be_visible(timeout=30_000)
    assert points(watching) == points(page), "a tab that watched all along shows the same curve"
    watching.close()

    history = pd.read_csv(download(page, "History (.csv)", tmp_path))
    training, validation = (history[history["split"] == split] for split in ("training", "validation"))
    assert training["step"].is_monotonic_increasing and training["step"].is_unique, "one curve, without a gap or a repetition"
    assert validation["epoch"].tolist() == list(range(151)) and len(history) > paused

    model = download(page, "Model (.keras)", tmp_path)
    predictions = pd.read_csv(download(page, "Test predictions (.csv)", tmp_path))
    table = pd.read_csv(digits_table)
    pixels = table.drop(columns="digit").to_numpy(np.float32)[predictions["row"]]
    (plain,) = plain_keras.predict(model, [pixels])
    np.testing.assert_allclose(plain, predictions[[str(digit) for digit in range(10)]], atol=1e-5)
    assert (plain.argmax(axis=1) == table["digit"][predictions["row"]]).mean() > 0.9


def test_from_the_shelf_to_a_trained_model_in_three_clicks(app: str, page: Page, tmp_path: Path) -> None:
    try_digits(page, app)
    page.get_by_role("button", name="Train", exact=True).click(timeout=60_000)
    page.get_by_role("button", name="Start training").click(timeout=30_000)
    expect(page.get_by_text("Does fusion help?")).to_be_visible(timeout=TRAINING_SECONDS * 1000)
    settled(page)

    page.get_by_role("tab", name="Classes").click()
    expect(page.get_by_role("region", name="Confusion matrix").locator("td")).to_have_count(100)
    verdict = page.locator(".st-key-panel-does-fusion-help- .lead").inner_text()
    assert escape(verdict) in download(page, "Report (.html)", tmp_path).read_text(encoding="utf-8")

    np.savez(tmp_path / "new.npz", image=load_digits().images[[0, 1, 3, 4]])
    page.get_by_text("Predict new data").click()
    settled(page)
    page.locator(".st-key-panel-predict input[type=file]").set_input_files(tmp_path / "new.npz")
    click(page, "Predict")
    predictions = page.get_by_role("region", name="Predictions")
    expect(predictions.locator("tbody tr")).to_have_count(4, timeout=60_000)
    assert predictions.locator("tbody td:nth-child(2)").all_inner_texts() == ["0", "1", "3", "4"]


def test_what_is_refused_costs_nothing_else(app: str, page: Page, files: Path, tmp_path: Path) -> None:
    page.goto(app)
    settled(page)
    hostile = tmp_path / "<img src=x onerror=alert(1)>.keras"
    hostile.write_bytes(b"no model at all")
    good = files / "digits-mlp-keras2.15.0.h5"
    page.on("dialog", lambda dialog: pytest.fail("A file's name ran as code."))
    page.locator("input[type=file]").set_input_files([hostile, good])
    expect(page.get_by_role("alert")).to_contain_text("was not taken", timeout=60_000)
    expect(page.get_by_text("digits-mlp-keras2-15-0", exact=True)).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    assert "Traceback" not in page.content()

    twin = tmp_path / good.name
    twin.write_bytes((files / "digits-mlp-keras2.15.0.keras").read_bytes())
    page.locator("input[type=file]").set_input_files(twin)
    expect(page.get_by_text("digits-mlp-keras2-15-0-2", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_role("alert")).to_contain_text("was not taken")

    page.reload()
    expect(page.get_by_text("digits-mlp-keras2-15-0-2", exact=True)).to_be_visible(timeout=30_000)


def test_the_first_page_is_found_by_its_name_too(page: Page, app: str) -> None:
    page.goto(f"{app}/models?draft=unknown")
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    assert "/models" not in page.url and page.get_by_role("dialog").count() == 0


def test_one_step_back_is_one_page(page: Page, app: str) -> None:
    page.goto(f"{app}/train?run=unknown")
    settled(page)
    first, draft = page.url, parse_qs(urlsplit(page.url).query)["draft"][0]
    walked = ("Data", "Learn", "Compare")
    for name in walked:
        page.get_by_role("link", name=name, exact=True).first.click()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        expect(page).to_have_url(f"{app}/{name.lower()}?draft={draft}")
    for name in walked[-2::-1]:
        page.go_back()
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name=walked[0], exact=True)).to_be_visible()
    expect(page).to_have_url(f"{app}/data?draft={draft}")
    # The address as it was opened named no draft; the first page has written it there.
    for _ in range(2):
        page.go_back()
        expect(page).to_have_url(first)
