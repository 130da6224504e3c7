"""The command that compares layouts by training them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from components.commands.files import places_of, read_recipe
from components.engine.workbench import gather, workbench
from components.fusion.layouts import LAYOUTS
from components.recipe import Refusal
from components.recipe.wording import shown
from components.store import home_folder
from components.store.files import Files
from components.training.comparison.report import ComparedPoint, Comparison, ComparisonReport, Contender


class Printer:
    """Follows a comparison in the terminal: a line for every tenth of the way."""

    def __init__(self) -> None:
        self._said = -1

    def started(self) -> None:
        """Says that training begins."""
        print("Members and data are loaded.", file=sys.stderr)

    def taken_up(self, points: Sequence[ComparedPoint], progress: float) -> None:
        """Says how much is there already."""
        if progress:
            print(f"{progress:.0%} of the trainings are there already; the comparison goes on.", file=sys.stderr)

    def reached(self, report: ComparisonReport) -> None:
        """The rows are printed at the end."""

    def compared(self, point: ComparedPoint, progress: float) -> None:
        """Prints every tenth part of the way."""
        tenth = int(10 * progress)
        if tenth > self._said:
            self._said = tenth
            print(f"{tenth * 10:>4} % trained", file=sys.stderr)

    def stop(self) -> bool:
        """Nobody stops it but Ctrl+C; called again, it goes on."""
        return False


def compare(arguments: argparse.Namespace) -> None:
    """Trains layouts with the same budget and splits, and prints a leaderboard with the members and their average in it. With
    the folder of an earlier comparison, trainings that have ended there are not made again."""
    layouts = _layouts(arguments.layouts)
    recipe = read_recipe(arguments.recipe)
    if not 1 <= arguments.seeds <= 10:
        raise Refusal(f"--seeds takes 1 to 10; received {arguments.seeds}.")
    arguments.out.mkdir(parents=True, exist_ok=True)
    kept = Files(home_folder())
    with workbench(kept.home, [kept.blobs, arguments.recipe.parent], [arguments.out]) as files:
        facts = gather(recipe, places_of(arguments.recipe), files)
        from components.engine.compare import REPORT, run_comparison

        run_comparison(Comparison(layouts=layouts, seeds=arguments.seeds), recipe, facts, files, arguments.out, Printer())
        report = ComparisonReport.model_validate_json((arguments.out / REPORT).read_bytes())
    if arguments.json:
        print(report.model_dump_json(indent=2))
        return
    _print(report)
    print(f"Took {report.seconds:.1f} s; files are in {arguments.out}.")


def _layouts(text: str) -> tuple[str, ...]:
    names = tuple(LAYOUTS) if text == "all" else tuple(filter(None, (name.strip() for name in text.split(","))))
    for name in names:
        if name not in LAYOUTS:
            raise Refusal(f"No layout is called “{shown(name)}”; `tributary layouts` lists those there are.")
    if not names:
        raise Refusal("--layouts takes names with commas between, or “all”; received none.")
    return names


def _print(report: ComparisonReport) -> None:
    print(f"{'':<28} {'score':>7} {'95 %':>15} {'± seeds':>8} {'loss':>9} {'weights':>12} {'ms':>8} {'s':>7}  gradient")
    for row in report.contenders:
        print(_line(row))
    if report.oracle is not None:
        print(f"At least one member is right on {report.oracle:.1%} of {report.samples:,} test samples.")


def _line(row: Contender) -> str:
    interval = "" if row.low is None or row.high is None else f"{row.low:.3f} – {row.high:.3f}"
    cells = [
        f"{_number(row.score, '.4f'):>7} {interval:>15} {_number(row.deviation, '.4f'):>8} {_number(row.loss, '.4g'):>9}",
        f"{_number(row.parameters, ',d'):>12} {_number(row.latency, '.2f'):>8} {_number(row.seconds, '.1f'):>7}",
    ]
    note = "" if row.score is not None else row.note
    return f"{shown(row.title, 28):<28} {' '.join(cells)}  {row.verdict}{note}".rstrip()


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
