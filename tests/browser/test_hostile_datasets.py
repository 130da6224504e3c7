"""Datasets made to harm, uploaded through the page that people use, into the workers that open people's files."""

from __future__ import annotations

import hashlib
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from components.data.binding import propose
from components.data.load import load_samples
from components.store import Store, store_url
from components.store.files import plain_name
from tests.browser.app_server import AppServer, settled
from tests.browser.watch import BYTES, SECONDS, Watch, upload, workers
from tests.data.hostile import CANARY, corpus

pytestmark = pytest.mark.browser


@pytest.mark.timeout(400)
def test_each_gets_its_verdict_and_the_app_goes_on(hostile_server: AppServer, browser: Browser) -> None:
    folder, markers, cases = corpus()
    before = set(folder.rglob("*"))
    watch = Watch(hostile_server)
    watch.start()
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.on("dialog", lambda dialog: pytest.fail("Something of a file ran in the page."))
    refused = upload(page, f"{hostile_server.url}/data", [case.path for case in cases])
    page.close()
    watch.stop()
    store = Store(hostile_server.home, store_url(hostile_server.home))
    cards = {card.sha256: card for card in store.datasets()}
    wrong = {}
    for case in cases:
        checksum = hashlib.sha256(case.path.read_bytes()).hexdigest()
        card, sentence = cards.get(checksum), refused.get(plain_name(case.path.name))
        notes = load_samples(propose(card), store.blob(checksum)).notes if card else ()
        told = (card is None) == bool(sentence)
        if not told or not case.right(card is not None, bool(notes)) or watch.seconds[checksum] > SECONDS:
            wrong[case.name] = (sentence, card, watch.seconds[checksum])
        assert card or not store.blob(checksum).exists(), case.name
    store.close()
    assert wrong == {}
    slowest = watch.seconds.most_common(1)[0][1]
    print(f"{len(cases)} files, {len(refused)} refused; at most {slowest:.2f} s, {watch.peak() / 2**20:,.0f} MiB in a worker")
    assert watch.peak() < BYTES
    assert watch.processes.keys() == {each.pid for each in workers(hostile_server)}, "a worker was lost"
    assert not list(markers.iterdir()) and set(folder.rglob("*")) == before
    for path in hostile_server.home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
    with urllib.request.urlopen(f"{hostile_server.url}/_stcore/health", timeout=5) as health:
        assert health.status == 200


def test_a_table_read_wrongly_is_read_otherwise(hostile_server: AppServer, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("a;b;y\n" + "".join(f"{n},{n:03};{n};{n % 2}\n" for n in range(1, 40)))
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    assert upload(page, f"{hostile_server.url}/data", [path]) == {}
    expect(page.get_by_text("with decimal commas")).to_be_visible()
    page.get_by_text("How the file is read").click()
    page.wait_for_function("document.getAnimations().every(each => each.playState === 'finished')")
    mark = page.get_by_role("combobox", name="Decimal mark")
    # A list closes where the page scrolls, as it does for a field that is cut off by the window's edge.
    mark.evaluate("field => field.scrollIntoView({block: 'center'})")
    settled(page)
    mark.click()
    page.get_by_role("option", name="point").click()
    expect(page.get_by_text("with decimal commas")).to_have_count(0)
    settled(page)
    expect(page.get_by_text("Not used: “a”")).to_be_visible()
    page.close()
