"""Changed model files, led by the lines of intake that they reach: how many end as neither a model nor a refusal.

`python -m tests.bench.fuzz FOLDER SECONDS` is the process that opens them; it leaves a line for each in `answers.txt`.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.bench import Row, bench
from tests.models.mutate import LONGEST, mutated, seeds
from tests.models.open_many import PROJECT, open_one, unfit

SECONDS = 60
FINDINGS = PROJECT / "fuzz-findings"
"""Takes what was found, so that it can be opened again; it is not there while nothing is found."""


@bench
def fuzz() -> Iterator[Row]:
    """So many seconds of atheris, which has wheels for Linux alone."""
    if importlib.util.find_spec("atheris") is None:
        print("Intake is not fuzzed here: atheris has no wheel for this system.")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ended = subprocess.run(
            [sys.executable, "-m", "tests.bench.fuzz", name, str(SECONDS)],
            cwd=PROJECT,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        lines = (folder / "answers.txt").read_text().splitlines()
        if ended.returncode:
            _keep(folder / "changed", "the process ended")
            print(ended.stderr.decode(errors="replace")[-2000:])
        opened = sum(line == "accept" for line in lines)
        found = len(lines) - opened - sum(line == "refuse" for line in lines)
    print(f"{len(lines):,} changed files were tried: {opened:,} opened, the others were refused or stand in the next line.")
    yield Row("Changed files that were neither opened nor refused", found + bool(ended.returncode), "", 0)


def _keep(path: Path, why: str) -> None:
    FINDINGS.mkdir(exist_ok=True)
    kept = FINDINGS / f"{time.time_ns()}"
    kept.write_bytes(path.read_bytes())
    kept.with_suffix(".txt").write_text(why)


def _run(folder: Path, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["components.models", "components.recipe"]):
        from components.models import intake, load  # noqa: F401
    whole, path = list(seeds().values()), folder / "changed"
    answers = open(folder / "answers.txt", "w", buffering=1)  # noqa: SIM115

    def test(data: bytes) -> None:
        path.write_bytes(mutated(whole, data))
        answer = open_one(path, folder)
        wrong = unfit(answer)
        if wrong:
            _keep(path, wrong)
        answers.write("found\n" if wrong else f"{answer['verdict']}\n")

    limits = (f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-len_control=0", "-timeout=30", "-rss_limit_mb=4096")
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/"], test)
    atheris.Fuzz()


if __name__ == "__main__":
    _run(Path(sys.argv[1]), int(sys.argv[2]))
