"""A job that does as its recipe's name says, without TensorFlow: for the tests of what watches over jobs."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path


def tell(message: object) -> None:
    print(json.dumps(message), flush=True)


def points(first: int, count: int) -> dict[str, object]:
    found = [{"step": first + k, "epoch": 0.5, "split": "training", "loss": 1.0, "metric": 0.5} for k in range(count)]
    return {"points": found, "progress": {"epoch": 0.5, "steps": first + count - 1, "steps_per_second": 9.0, "time_left": 3.0}}


def result() -> dict[str, object]:
    score = {"name": "fused", "kind": "fused", "split": "test", "loss": 0.1, "metric": 0.9}
    tell({"baselines": [score]})
    return {"metric": "accuracy", "scores": [score], "steps": 5, "epochs": 1, "best_epoch": 1, "seconds": 0.1}


def main() -> None:
    assignment = json.loads(sys.stdin.readline())
    what = assignment["recipe"]["name"]
    checkpoint = Path(assignment["folder"], "checkpoint")
    if what == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tell({"running": True})
    tell(points(1, 3))
    if what == "works":
        found = result()
        tell(points(4, 2))
        tell({"result": found})
    elif what == "crashes":
        print("a last word", file=sys.stderr, flush=True)
        os._exit(7)
    elif what == "is killed":
        if checkpoint.exists():
            tell({"taken_up": True})
            tell(points(1, 3))
            tell({"result": result()})
            return
        checkpoint.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "refuses":
        tell({"refusal": "The target holds text.", "detail": "column 3"})
    elif what == "babbles":
        print("this is no JSON", flush=True)
        time.sleep(60)
    elif what == "lies":
        tell({"points": [{"step": "<b>"}]})
        time.sleep(60)
    elif what == "listens":
        sys.stdin.readline()
        tell(points(4, 2))
    elif what == "finishes":
        assert json.loads(sys.stdin.readline()) == {"stop": "finish"}
        time.sleep(3)
        tell({"result": result()})
    elif what == "ends silently":
        pass
    else:
        time.sleep(60)


if __name__ == "__main__":
    main()
