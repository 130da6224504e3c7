"""A run in the terminal: a bar that moves while it trains, and Ctrl+C, which keeps a checkpoint."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from components.engine.progress import Progress
from components.recipe import Recipe
from components.training.events import Point, Score

WIDTH = 24


def print_scores(scores: Sequence[Score]) -> None:
    """One line a model and split."""
    for score in scores:
        loss, metric = (f"{value:10.4g}" if value is not None else f"{'–':>10}" for value in (score.loss, score.metric))
        around = "" if score.low is None else f"  ({score.low:.4g} to {score.high:.4g})"
        print(f"{score.split:>10}  {score.name:<24} loss {loss}  metric {metric}{around}  {score.note}".rstrip())


class Terminal:
    """Follows a run. The bar is drawn where a person watches; elsewhere there is a line an epoch."""

    def __init__(self, recipe: Recipe) -> None:
        self._epochs, self._batch_size = recipe.training.epochs, recipe.training.batch_size
        self._progress = Progress(self._epochs)
        self._validation = ""
        self._watched = sys.stderr.isatty()
        self._stop = False

    def listen(self) -> None:
        """From now on the first Ctrl+C asks the run to stop, and a second one ends it at once."""
        signal.signal(signal.SIGINT, self._interrupted)

    def started(self) -> None:
        """Says that training begins."""
        self._say("Members and data are loaded. Ctrl+C keeps a checkpoint.")

    def baselines(self, scores: tuple[Score, ...]) -> None:
        """Prints what was there before."""
        print_scores(scores)

    def taken_up(self, points: Sequence[Point]) -> None:
        """Says where the run goes on."""
        if points:
            self._say(f"The run goes on from its checkpoint at step {points[-1].step:,}, epoch {points[-1].epoch:.2f}.")
            self._progress.take_up(points[-1])

    def point(self, point: Point) -> None:
        """Moves the bar; an epoch's end is a line of its own."""
        self._progress.add(point)
        if point.split == "validation":
            line = f"epoch {point.epoch:g} of {self._epochs}: validation loss {point.loss:.4g}, metric {point.metric:.4g}"
            self._say(line)
        elif self._watched:
            self._draw(point)

    def trouble(self, sentence: str) -> None:
        """Says what goes wrong."""
        if sentence:
            self._say(sentence)

    def stop(self) -> bool:
        """Whether Ctrl+C was pressed."""
        return self._stop

    def finish(self) -> bool:
        """Ctrl+C stops a run that goes on later."""
        return False

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        self._stop = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        self._say("Stopping; the checkpoint is written …")

    def _draw(self, point: Point) -> None:
        report = self._progress.report()
        speed, left = report["steps_per_second"], report["time_left"]
        filled = round(WIDTH * min(1.0, point.epoch / self._epochs))
        parts = [
            f"\r{'━' * filled}{'╌' * (WIDTH - filled)} {point.epoch:.2f}/{self._epochs}",
            f"loss {point.loss:.4g}",
            f"{speed * self._batch_size:,.0f} samples/s" if speed else "",
            f"{int(left) // 60}:{int(left) % 60:02d} left" if left is not None else "",
        ]
        columns = shutil.get_terminal_size().columns
        sys.stderr.write(" · ".join(filter(None, parts))[:columns].ljust(columns - 1))
        sys.stderr.flush()

    def _say(self, line: str) -> None:
        clear = "\r\x1b[K" if self._watched else ""
        print(f"{clear}{line}", file=sys.stderr, flush=True)
