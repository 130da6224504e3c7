"""The report of a finished run, made when it is taken away."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from components.fusion.dot import to_dot
from components.fusion.picture import picture
from components.gradients.trail import TRAIL, read_trail
from components.models.facts import MemberFacts
from components.recipe import Refusal
from components.store import Run
from components.training.analysis.findings import ANALYSIS
from components.views.analysis_panel import analysis_of
from components.views.downloads import Download
from components.views.report import Report, report_html
from components.views.services import facts, rendered, store


def report_download(run: Run) -> Download:
    """The report of a run that has a result."""
    return Download("Report (.html)", f"{run.name}-report.html", partial(run_report, run), "text/html")


def run_report(run: Run) -> str:
    """The text of the report; without a picture where a member is not here any more."""
    assert run.result is not None
    folder = store().run_folder(run.id)
    analysis, script = folder / ANALYSIS, folder / "script.py"
    known: dict[str, MemberFacts] = {}
    drawn = ""
    with suppress(Refusal):
        known = facts(run.recipe)
        branches = {member.name: (member, known[member.name]) for member in run.recipe.members}
        drawn = rendered(to_dot(picture(run.recipe.graph, branches)), "svg").decode() if run.recipe.graph else ""
    return report_html(
        Report(
            title=f"Run {run.name}",
            recipe=run.recipe,
            facts=known,
            points=store().curve(run.id).points,
            result=run.result,
            analysis=analysis_of(analysis, analysis.stat().st_mtime_ns) if analysis.exists() else None,
            picture=drawn,
            script=script.read_text(encoding="utf-8") if script.exists() else "",
            environment=run.environment,
            trail=read_trail(folder / TRAIL),
        )
    )
