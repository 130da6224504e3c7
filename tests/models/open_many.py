"""Opens model files one after the other in a process of its own, under limits, and reports what came of each.

    python -m tests.models.open_many FOLDER < file names, one a line > one JSON object a line

A file that brings the process down leaves its line out, and the caller sees which.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

GIBIBYTE = 1 << 30


def main(folder: Path) -> None:
    """Reads paths from standard input until it ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import keras

    from components.models.intake import open_member
    from components.recipe import Refusal

    resource.setrlimit(resource.RLIMIT_AS, (24 * GIBIBYTE, 24 * GIBIBYTE))
    for line in sys.stdin:
        path, answer, start = Path(line.strip()), {}, time.process_time()
        canonical = folder / "member.keras"
        canonical.unlink(missing_ok=True)
        try:
            facts = open_member(path, path.name, canonical)
            answer = {"verdict": "accept", "notes": facts.notes, "text": facts.model_dump_json()}
        except Refusal as refusal:
            answer = {"verdict": "refuse", "sentence": refusal.sentence, "text": refusal.sentence + refusal.detail}
        answer["written"] = canonical.exists()
        answer["seconds"] = time.process_time() - start
        answer["peak"] = _peak()
        answer["settings"] = [keras.config.floatx(), keras.config.dtype_policy().name]
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _peak() -> int:
    """The most memory that this process has held, in bytes.

    Linux' own figure: `ru_maxrss` begins with what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
