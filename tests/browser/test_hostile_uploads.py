"""Files made to harm, uploaded through the page that people use, into the workers that open people's files."""

from __future__ import annotations

import collections
import hashlib
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from components.store import Store, store_url
from components.store.files import Files, plain_name
from tests.browser.app_server import CALM, AppServer, settled
from tests.models.hostile import CANARY, Case, corpus

pytestmark = pytest.mark.browser

SECONDS, BYTES = 3, 1 << 30
"""The most CPU time that a worker may spend on one file, and the most memory that it may hold."""

AT_ONCE = 20
REFUSALS = "all => all.map(one => [one.querySelector('strong').textContent, one.querySelector('p').textContent])"


class Watch(threading.Thread):
    """Sees which uploaded bytes lie in the home folder, and what the workers have spent since they came there.

    `seconds` is CPU time by checksum, `processes` the workers by their id.
    """

    def __init__(self, server: AppServer) -> None:
        super().__init__(daemon=True)
        self._server, self._blobs, self._stopping = server, Files(server.home).blobs, threading.Event()
        self.seconds: collections.Counter[str] = collections.Counter()
        self.processes: dict[int, psutil.Process] = {}
        self._before = 0.0
        self._find_workers()

    def run(self) -> None:
        """Looks until it is stopped."""
        seen: set[str] = set()
        current = ""
        while not self._stopping.wait(0.01):
            here = {path.name for path in self._blobs.glob("??/*")}
            if here - seen:
                current = (here - seen).pop()
                seen |= here
                self._find_workers()
            spent = self._spent()
            self.seconds[current] += spent - self._before
            self._before = spent

    def stop(self) -> None:
        """Waits for the last look."""
        self._stopping.set()
        self.join()

    def peak(self) -> int:
        """The most memory that one of the workers has held, in bytes (Linux)."""
        status = [Path(f"/proc/{pid}/status").read_text() for pid in self.processes]
        return max(int(text.split("VmHWM:")[1].split()[0]) for text in status) * 1024

    def _find_workers(self) -> None:
        """The second worker starts later than the first."""
        for process in workers(self._server):
            if process.pid not in self.processes:
                self.processes[process.pid] = process
                self._before += sum(process.cpu_times()[:2])

    def _spent(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes.values())


def workers(server: AppServer) -> list[psutil.Process]:
    """The processes that open files, for the home folder of this app."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if "components.engine.worker" in (words := process.info["cmdline"] or []) and str(server.home) in words
    ]


@pytest.fixture(scope="module")
def server() -> Iterator[AppServer]:
    """An app of its own, so that what these files leave behind is all that there is."""
    with AppServer() as found:
        found.warm()
        yield found


def upload(page: Page, server: AppServer, paths: Sequence[Path]) -> dict[str, str]:
    """Uploads files and waits until all are through; the sentence of each that was refused, by its name."""
    page.goto(server.url)
    settled(page)
    page.locator("input[type=file]").set_input_files(paths)
    page.wait_for_function("calm => !document.querySelector(calm)", arg=CALM)
    settled(page, 200)
    assert CANARY not in page.content() and "Traceback" not in page.content()
    said: list[list[str]] = page.locator(".refusal").evaluate_all(REFUSALS)
    return {title.removesuffix(" was not taken"): sentence for title, sentence in said}


def batches(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """A few at once; architectures apart and last, since weights would look for theirs among those that are there."""
    architectures = [case for case in cases if case.path.suffix == ".json"]
    for group in ([case for case in cases if case not in architectures], architectures):
        for start in range(0, len(group), AT_ONCE):
            yield group[start : start + AT_ONCE]


@pytest.mark.timeout(400)
def test_each_gets_its_verdict_and_the_app_goes_on(server: AppServer, browser: Browser, files: Path) -> None:
    folder, markers, cases = corpus()
    before = set(folder.rglob("*"))
    server.warm()
    watch = Watch(server)
    watch.start()
    refused: dict[str, str] = {}
    for batch in batches(cases):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("dialog", lambda dialog: pytest.fail("Something of a file ran in the page."))
        refused |= upload(page, server, [case.path for case in batch])
        page.close()
    watch.stop()
    store = Store(server.home, store_url(server.home))
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
    assert watch.processes.keys() == {each.pid for each in workers(server)}, "a worker was lost"
    assert not list(markers.iterdir()) and set(folder.rglob("*")) == before
    for path in server.home.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
    with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5) as health:
        assert health.status == 200
    page = browser.new_page()
    assert upload(page, server, [files / "digits-mlp-keras2.15.0.h5"]) == {}
    expect(page.get_by_text("digits-mlp-keras2-15-0", exact=True)).to_be_visible()
    page.close()
