"""The report that training leaves in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal
from components.training.events import Result

FILE = "report.html"


def write_report(folder: Path, recipe: Recipe, facts: Mapping[str, MemberFacts], result: Result) -> None:
    """Writes `report.html` beside what a run has left in its folder: the same as the app's.

    A graph that was written for other members than those at hand still trains where the shapes fit; it is not drawn then.
    """
    from components.engine.environment import environment
    from components.engine.plot import draw
    from components.fusion.dot import to_dot
    from components.fusion.picture import picture
    from components.gradients.trail import TRAIL, read_trail
    from components.training.analysis.findings import ANALYSIS, Analysis
    from components.training.history import History
    from components.views.report import Report, report_html

    assert recipe.graph is not None
    branches = {member.name: (member, facts[member.name]) for member in recipe.members}
    drawn = ""
    with suppress(Refusal):
        drawn = draw(to_dot(picture(recipe.graph, branches)), "svg").decode()
    history = History(folder / "history.csv", result.metric)
    history.take_up(result.steps * 2 + result.epochs + 2)
    report = Report(
        title=recipe.name,
        recipe=recipe,
        facts=facts,
        points=history.points,
        result=result,
        analysis=Analysis.model_validate_json((folder / ANALYSIS).read_bytes()),
        picture=drawn,
        script=(folder / "script.py").read_text(encoding="utf-8"),
        environment=environment(),
        trail=read_trail(folder / TRAIL),
    )
    (folder / FILE).write_text(report_html(report), encoding="utf-8")
