"""`python -m tests.bench [NAME …]`: all benches, or those named, into `bench.json`."""

import os
import sys
from pathlib import Path

from tests.bench import checkpoints, clicks, collection, fusion, fuzz, gradients, intake, sessions, start, training  # noqa: F401
from tests.bench.bench import BENCHES, run

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

if __name__ == "__main__":
    run(sys.argv[1:] or list(BENCHES), Path("bench.json"))
