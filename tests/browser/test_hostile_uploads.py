"""Files made to harm, uploaded through the page that people use, into the workers that open people's files."""

from __future__ import annotations

import hashlib
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from components.store import Store, store_url
from components.store.files import plain_name
from tests.browser.app_server import AppServer
from tests.browser.watch import BYTES, SECONDS, Watch, upload, workers
from tests.models.hostile import CANARY, Case, corpus

pytestmark = pytest.mark.browser

AT_ONCE = 20


def batches(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """A few at once; architectures apart and last, since weights would look for theirs among those that are there."""
    architectures = [case for case in cases if case.path.suffix == ".json"]
    for group in ([case for case in cases if case not in architectures], architectures):
        for start in range(0, len(group), AT_ONCE):
            yield group[start : start + AT_ONCE]


@pytest.mark.timeout(400)
def test_each_gets_its_verdict_and_the_app_goes_on(hostile_server: AppServer, browser: Browser, files: Path) -> None:
    folder, markers, cases = corpus()
    before = set(folder.rglob("*"))
    hostile_server.warm()
    watch = Watch(hostile_server)
    watch.start()
    refused: dict[str, str] = {}
    for batch in batches(cases):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("dialog", lambda dialog: pytest.fail("Something of a file ran in the page."))
        refused |= upload(page, hostile_server.url, [case.path for case in batch])
        page.close()
    watch.stop()
    store = Store(hostile_server.home, store_url(hostile_server.home))
    cards = {card.sha256: card for card in store.members()}
    store.close()
    wrong = {}
    for case in cases:
        checksum = hashlib.sha256(case.path.read_bytes()).hexdigest()
        card, sentence = cards.get(checksum), refused.get(plain_name(case.path.name))
        told = (card is None) == bool(sentence)
        if not told or not case.right(card is not None, bool(card and card.notes)) or watch.seconds[checksum] > SECONDS:
            wrong[case.name] = (sentence, card, watch.seconds[checksum])
    assert wrong == {}
    slowest = watch.seconds.most_common(1)[0][1]
    print(
        f"{len(cases)} files, {len(refused)} refused; at most {slowest:.2f} s and {watch.peak() / 2**20:,.0f} MiB in a worker"
    )
    assert watch.peak() < BYTES
    assert watch.processes.keys() == {each.pid for each in workers(hostile_server)}, "a worker was lost"
    assert not list(markers.iterdir()) and set(folder.rglob("*")) == before
    for path in hostile_server.home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
    with urllib.request.urlopen(f"{hostile_server.url}/_stcore/health", timeout=5) as health:
        assert health.status == 200
    page = browser.new_page()
    assert upload(page, hostile_server.url, [files / "digits-mlp-keras2.15.0.h5"]) == {}
    expect(page.get_by_text("digits-mlp-keras2-15-0", exact=True)).to_be_visible()
    page.close()
