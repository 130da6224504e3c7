"""Datasets made to harm: each gets a verdict that its maker allows, quickly and in little memory, and nothing of it runs."""

from __future__ import annotations

import time
import traceback
from pathlib import Path

import psutil
import pytest

from components.data.binding import propose
from components.data.check import check
from components.data.load import load_samples
from components.data.read import read_dataset
from components.recipe import Refusal
from tests.data.hostile import CANARY, MAKER, Case, corpus
from tests.models.open_many import BYTES, SECONDS


def verdict(case: Case) -> tuple[bool, tuple[str, ...], str]:
    """Whether the file is accepted as far as its samples, the notes, and all that a person could be shown."""
    try:
        facts = read_dataset(case.path, case.path.name, "0" * 64)
        data = propose(facts)
        check(data, facts)
        notes = load_samples(data, case.path).notes
        return True, notes, facts.model_dump_json() + " ".join(notes)
    except Refusal as refusal:
        return False, (), refusal.sentence + refusal.detail


@pytest.mark.timeout(300)
def test_corpus() -> None:
    folder, markers, cases = corpus()
    assert len(cases) >= (60 if MAKER.exists() else 15)
    before = set(folder.rglob("*"))
    wrong = {}
    for case in cases:
        held, start = psutil.Process().memory_info().rss, time.process_time()
        Path("/proc/self/clear_refs").write_text("5")
        try:
            accepted, notes, text = verdict(case)
        except Exception:
            wrong[case.name] = traceback.format_exc()
            continue
        seconds, grown = time.process_time() - start, _peak() - held
        if not case.right(accepted, bool(notes)) or CANARY in text or seconds > SECONDS or grown > BYTES:
            wrong[case.name] = f"{accepted}, {notes}, {seconds:.1f} s, {grown / 2**20:.0f} MiB: {text[:500]}"
    assert wrong == {}
    assert not list(markers.iterdir()) and before == set(folder.rglob("*"))


def _peak() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
