"""Uploads through a page, and a watch over what the workers behind it spend on each file."""

from __future__ import annotations

import collections
import threading
from collections.abc import Sequence
from pathlib import Path

import psutil
from playwright.sync_api import Page

from components.store.files import Files
from tests.browser.app_server import AppServer, settled
from tests.models.hostile import CANARY

SECONDS, BYTES = 3, 1 << 30
"""The most CPU time that a worker may spend on one file, and the most memory that it may hold."""

KEY = "input => input.closest('[class*=st-key-upload]').className.match(/st-key-upload\\S*/)[0]"
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


def upload(page: Page, address: str, paths: Sequence[Path]) -> dict[str, str]:
    """Uploads files and waits until all are through; the sentence of each that was refused, by its name."""
    page.goto(address)
    settled(page)
    place = page.locator("input[type=file]")
    key = place.evaluate(KEY)
    place.set_input_files(paths)
    # Once all files were taken, the place to drop files on is another one.
    page.locator(f".{key}").wait_for(state="detached", timeout=200_000)
    settled(page, 200)
    assert CANARY not in page.content() and "Traceback" not in page.content()
    said: list[list[str]] = page.locator(".refusal").evaluate_all(REFUSALS)
    return {title.removesuffix(" was not taken"): sentence for title, sentence in said}
