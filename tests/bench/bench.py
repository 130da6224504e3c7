"""Figures with bars: each bench is a small function in a file of its own that gives rows."""

from __future__ import annotations

import json
import platform
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Row:
    """One figure. It holds when the value is at most the bar; a value of None could not be measured and does not hold."""

    name: str
    value: float | None
    unit: str
    bar: float

    @property
    def holds(self) -> bool:
        """Whether the figure stays within its bar."""
        return self.value is not None and self.value <= self.bar


Bench = Callable[[], Iterable[Row]]

BENCHES: dict[str, Bench] = {}


def bench(function: Bench) -> Bench:
    """Registers a bench under its own name, with `-` for `_`."""
    BENCHES[function.__name__.replace("_", "-")] = function
    return function


def run(names: Sequence[str], file: Path) -> list[Row]:
    """Runs benches one after the other, prints a line as each figure comes, and writes all of them to `file` as JSON."""
    memory, python = psutil.virtual_memory().total / 2**30, platform.python_version()
    machine = f"{platform.system()} {platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GiB"
    print(f"{machine}, Python {python}; {psutil.getloadavg()[0]:.1f} processes were busy in the last minute")
    rows: list[Row] = []
    for name in names:
        try:
            for row in BENCHES[name]():
                rows.append(row)
                print(_line(row), flush=True)
        except Exception:
            traceback.print_exc()
            rows.append(Row(name, None, "", 0))
            print(_line(rows[-1]), flush=True)
    file.write_text(json.dumps([{**asdict(row), "holds": row.holds} for row in rows], indent=2) + "\n")
    print(f"{sum(row.holds for row in rows)} of {len(rows)} hold; written to {file.name}.")
    return rows


def _line(row: Row) -> str:
    value = "n/a" if row.value is None else f"{row.value:,.2f}" if row.value < 10 else f"{row.value:,.0f}"
    return f"{row.name:<74} {value:>9} {row.unit:<6} bar {row.bar:>6,g}  {'holds' if row.holds else 'MISSED'}"
