from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.bench import BENCHES, Row, run


def test_each_figure_is_printed_and_written_and_one_that_fails_does_not_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def figures() -> Iterator[Row]:
        yield Row("within", 2.0, "s", 3)
        yield Row("beyond", 4.0, "s", 3)
        raise RuntimeError("the app went away")

    monkeypatch.setitem(BENCHES, "figures", figures)
    rows = run(["figures"], tmp_path / "bench.json")
    written = json.loads((tmp_path / "bench.json").read_text())
    assert [row["holds"] for row in written] == [row.holds for row in rows] == [True, False, False]
    assert written[0] == {"name": "within", "value": 2.0, "unit": "s", "bar": 3, "holds": True}
    assert written[2]["value"] is None
    printed = capsys.readouterr()
    assert "MISSED" in printed.out and "the app went away" in printed.err
