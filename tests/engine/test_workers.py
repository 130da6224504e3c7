"""Request workers by way of a real supervisor: what goes wrong there costs a sentence and no more."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from components.engine.client import Engine
from components.recipe import Refusal
from components.store import Store

LINUX = sys.platform.startswith("linux")


def refusal(engine: Engine, name: str, **parameters: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        engine.request(name, **parameters)
    assert "Traceback" not in caught.value.sentence + caught.value.detail
    return caught.value


@pytest.fixture(scope="module", autouse=True)
def warm(engine: Engine) -> None:
    engine.request("echo", value=0)


@pytest.mark.parametrize("value", [None, 1.5, "ä\n\u2028", [1, {"a": [True]}], "x" * 3_000_000])
def test_plain_values_go_there_and_back(engine: Engine, value: object) -> None:
    assert engine.request("echo", value=value) == value


def test_parameters_are_read_as_their_annotations_say(engine: Engine) -> None:
    assert engine.request("needs_shape", shape=[1, None]) == 2
    assert "not complete" in refusal(engine, "needs_shape", shape="x").sentence


def test_a_refusal_comes_through_with_its_detail(engine: Engine) -> None:
    no = refusal(engine, "refuse", sentence="It has 3 columns; 4 were expected.")
    assert (no.sentence, no.detail) == ("It has 3 columns; 4 were expected.", "the detail")


def test_an_error_is_a_sentence_and_the_worker_stays(engine: Engine) -> None:
    before = engine.request("process")
    no = refusal(engine, "stumble")
    assert no.sentence == "This did not work; the technical detail says where it stopped."
    assert "ZeroDivisionError" in no.detail
    workers = {engine.request("process") for _ in range(4)}
    assert before in workers or len(workers) > 1


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("crash", {"code": 3}, "ended unexpectedly"),
        ("signal_itself", {"number": signal.SIGKILL}, "lack of memory"),
        ("hang", {"seconds": 60, "timeout": 0.5}, "longer than 0.5 seconds"),
    ],
)
def test_a_worker_that_is_lost_is_replaced(engine: Engine, name: str, parameters: dict[str, object], sentence: str) -> None:
    started = time.monotonic()
    assert sentence in refusal(engine, name, **parameters).sentence
    assert name != "hang" or time.monotonic() - started < 30
    assert engine.request("echo", value="again") == "again"


def test_whoever_gives_up_waiting_frees_the_worker(engine: Engine) -> None:
    class Elsewhere(BaseException):
        pass

    def leave() -> None:
        raise Elsewhere

    for _ in range(3):
        with pytest.raises(Elsewhere):
            engine.request("hang", seconds=60, waiting=leave)
    started = time.monotonic()
    assert engine.request("echo", value="again") == "again"
    assert time.monotonic() - started < 50


def test_what_libraries_print_is_no_answer(engine: Engine) -> None:
    assert engine.request("shout") == "mine"
    assert engine.request("echo", value=1) == 1


def test_nothing_stays_in_the_scratch_folder(engine: Engine) -> None:
    for name in ("one", "two", "three"):
        assert "one" not in engine.request("leave_behind", name=name)


def test_a_file_is_moved_to_its_place_when_it_is_whole(
    engine: Engine, shared_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.engine import catalogue

    monkeypatch.setitem(catalogue.CALLS, "write_file", catalogue.Call(writes="file"))
    target = shared_store.home / "somewhere" / "text.keras"
    assert engine.request("write_file", file=str(target), text="whole") == str(target)
    assert target.read_text() == "whole"
    first, second = (engine.request("write_file", text=text) for text in ("one", "two"))
    assert (Path(first).read_text(), Path(second).read_text()) == ("one", "two")
    assert first == engine.request("write_file", text="one"), "the same question has the same place"


def test_many_threads_ask_at_once(engine: Engine) -> None:
    answers: dict[int, int] = {}
    threads = [
        threading.Thread(target=lambda k=k: answers.update({k: engine.request("echo", value=k)}))  # type: ignore[misc]
        for k in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {k: k for k in range(40)}


def test_status_tells_that_it_is_ready(engine: Engine) -> None:
    status = engine.status()
    assert status.ready and status.warming is None and status.workers >= 1 and status.cores >= 1
    assert (status.running, status.queued) == (0, 0)


@pytest.mark.skipif(not LINUX, reason="the layers are Linux's")
def test_layers_are_active_and_told(engine: Engine) -> None:
    layers = " ".join(engine.status().sandbox)
    for layer in ("seccomp", "no new privileges", "resource limits", "ends with its parent"):
        assert layer in layers


@pytest.mark.parametrize(
    ("which", "target", "layer"),
    [
        ("read", "/etc/passwd", "Landlock"),
        ("list", "/tmp", "Landlock"),
        ("write", "/tmp/tributary-was-here", "Landlock"),
        ("look into the parent", "", "Landlock"),
        ("socket", "", "seccomp"),
        ("unix socket", "", "seccomp"),
        ("exec", "", "seccomp"),
        ("symbolic link", "", "seccomp"),
    ],
)
def test_the_sandbox_refuses(engine: Engine, which: str, target: str, layer: str) -> None:
    if layer not in " ".join(engine.status().sandbox):
        pytest.skip(f"this system has no {layer}")
    assert engine.request("misdeed", which=which, target=target) == "PermissionError"


def test_the_key_and_the_store_are_out_of_a_workers_reach(engine: Engine, shared_store: Store) -> None:
    if "Landlock" not in " ".join(engine.status().sandbox):
        pytest.skip("this system has no Landlock")
    for path in (shared_store.home / "engine" / "key", shared_store.home / "store.db"):
        assert path.exists()
        assert engine.request("misdeed", which="read", target=str(path)) == "PermissionError"


def test_keras_works_in_the_sandbox(engine: Engine) -> None:
    assert engine.request("train_and_save", timeout=60) == 0.0


def test_a_worker_knows_nothing_of_the_environment(engine: Engine) -> None:
    known = engine.request("environment")
    assert not {"TRIBUTARY_STORE", "TRIBUTARY_HOME", "SECRET"} & set(known)
    assert known["KERAS_BACKEND"] == "tensorflow"


def test_the_client_never_loads_tensorflow() -> None:
    import subprocess

    code = "import components.engine.client, sys; print([m for m in ('tensorflow', 'keras', 'streamlit') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
