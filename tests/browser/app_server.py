"""The real app on a free port with a home folder of its own, and a Chromium that looks at it.

Used by the browser tests and by the benches: nothing here knows pytest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Client
from pathlib import Path
from types import TracebackType

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from components.engine.protocol import Status, address, key, receive, send

PROJECT = Path(__file__).resolve().parents[2]
TRIBUTARY = Path(sys.executable).with_name("tributary")

START_SECONDS = 60
SETTLE_SECONDS = 60

CALM = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
"""The page as it is when it is connected and no script runs."""

STAYS_CALM = """calm => {
    const now = performance.now();
    window.calmSince = document.querySelector(calm) ? window.calmSince ?? now : undefined;
    return window.calmSince !== undefined && now - window.calmSince >= 150;
}"""


class AppServer:
    """A running app. `url` is its address, `home` the folder of all that it keeps.

    Args:
        command: What starts it, by default the app's own command; Streamlit's takes port and home folder from its environment.
    """

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="tributary-", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = open(self.home / "web.log", "w+")  # noqa: SIM115
        environment = {
            **os.environ,
            "TRIBUTARY_HOME": str(self.home),
            "STREAMLIT_SERVER_PORT": str(self.port),
            "STREAMLIT_SERVER_HEADLESS": "true",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        environment.pop("TRIBUTARY_STORE", None)
        self._started = psutil.Popen(
            command or (TRIBUTARY, "serve", "--port", str(self.port)),
            cwd=PROJECT,
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def process(self) -> psutil.Process:
        """The web process: the one that listens on the port, be it the command itself or a child of it."""
        for process in (self._started, *self._started.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                if any(c.status == psutil.CONN_LISTEN and c.laddr.port == self.port for c in process.net_connections("inet")):
                    return process
        raise RuntimeError(f"Nobody listens on port {self.port}.\n{self.log()}")

    def wait(self) -> None:
        """Waits until the server answers.

        Raises:
            RuntimeError: when it ends instead, or takes too long.
        """
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._started.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                return
            time.sleep(0.02)
        raise RuntimeError(f"The app did not start.\n{self.log()}")

    def warm(self) -> None:
        """Waits until the app answers and a worker behind it has loaded TensorFlow."""
        self.wait()
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(OSError, EOFError), Client(address(self.home), authkey=key(self.home)) as engine:
                send(engine, {"do": "status"})
                if Status.model_validate(receive(engine)).ready:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"No worker was ready in time.\n{self.log()}")

    def log(self) -> str:
        """What the web process has written, and the end of the supervisor's log."""
        logs = [self.home / "web.log", *self.home.rglob("supervisor.log")]
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in logs)

    def stop(self) -> None:
        """Ends the web process, the supervisor and all that it owns, then removes the home folder."""
        family = [self._started]
        with contextlib.suppress(psutil.Error):
            family += self._started.children(recursive=True)
        # The web process first, since it would start another supervisor; then from parent to child.
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.terminate()
                process.wait(5)
        _, left = psutil.wait_procs(family, timeout=10)
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=5)
        self._log.close()
        self._folder.cleanup()

    def __enter__(self) -> AppServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium or Chrome, without a window.

    Raises:
        RuntimeError: when there is none.
    """
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    found = next(filter(None, map(shutil.which, names)), str(mac) if mac.exists() else None)
    if found is None:
        raise RuntimeError("No Chromium or Chrome is installed; `make chromium` installs one.")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


def settled(page: Page, seconds: float = SETTLE_SECONDS) -> None:
    """Waits until the page is connected and no script has run for a moment, so that a click's run is not missed."""
    page.evaluate("window.calmSince = undefined")
    page.wait_for_function(STAYS_CALM, arg=CALM, timeout=seconds * 1000)


def try_digits(page: Page, url: str) -> None:
    """Opens the app at `url` in a new session and begins with the two demo members and their data."""
    page.goto(url)
    settled(page)
    page.get_by_role("button", name="Try it with the digits members").click()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
