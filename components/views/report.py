"""A run as one HTML file that needs nothing else: its recipe in words, its curves, what its test split tells, its script."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from components.fusion.layouts import LAYOUTS
from components.gradients.trail import Trail
from components.models.facts import MemberFacts
from components.recipe import Recipe
from components.recipe.wording import shown
from components.training.analysis.findings import Analysis
from components.training.environment import Environment
from components.training.events import Point, Result
from components.training.metrics import SHOWN
from components.views import assets
from components.views.analysis_sections import Section, sections
from components.views.curves import Baseline, curve_figure
from components.views.figure_view import Figure
from components.views.html_table import table_html
from components.views.library import source
from components.views.page import emphasised, key_values_html
from components.views.recipe_words import data_words, member_rows, training_words
from components.views.theme import custom_properties
from components.views.trail_figure import trail_figure

POLICY = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
"""Nothing is fetched from anywhere, whoever opens the file; a figure is a `blob:` while it is saved as a picture."""


@dataclass(frozen=True)
class Report:
    """What a report is made of.

    `picture` is the fusion graph as SVG, empty where it cannot be drawn; `script` the plain Keras code of the recipe;
    `environment` what it was made with, and `trail` the gradients along it, where these are known.
    """

    title: str
    recipe: Recipe
    facts: Mapping[str, MemberFacts]
    points: Sequence[Point]
    result: Result
    analysis: Analysis | None = None
    picture: str = ""
    script: str = ""
    environment: Environment | None = None
    trail: Trail | None = None


def report_html(report: Report) -> str:
    """The report as the text of an HTML file; whatever comes from files is escaped."""
    recipe = report.recipe
    layout = LAYOUTS[recipe.layout].title if recipe.layout in LAYOUTS else "A graph of its own"
    members = ", ".join(shown(member.name) for member in recipe.members)
    parts = [
        f"<h1>{escape(shown(report.title))}</h1>",
        f'<p class="lead">{escape(f"{layout} of {members}. {report.result.verdict}")}</p>',
        _section("Scores", _scores(report)),
        _section("Curves", _figures(_curves(report))),
        *(_analysed(section, output) for output, section in _sections(report)),
        *_gradients(report),
        _section("Recipe", _recipe(report)),
        _section("Settings", key_values_html(training_words(recipe))),
        _section("How to reproduce it", _again(report)),
    ]
    styles = (custom_properties(), assets.text("style.css"), assets.text("scripts/figures.css"), assets.text("report.css"))
    scripts = (source("figures"), assets.text("scripts/report.js"))
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">',
            f"<title>{escape(shown(report.title))}</title>",
            *(f"<style>{style}</style>" for style in styles),
            "</head>\n<body>",
            *parts,
            *(f"<script>(() => {{{_inside(script)}\n}})()</script>" for script in scripts),
            "</body>\n</html>\n",
        ]
    )


def _section(title: str, html: str) -> str:
    return f'<section><h2 class="panel-title">{escape(title)}</h2>{html}</section>'


def _scores(report: Report) -> str:
    targets = {score.target for score in report.result.scores}
    # Further targets have metrics of their own.
    metric = SHOWN[report.result.metric].title.capitalize() if len(targets) == 1 else "Metric"
    rows = [
        [
            shown(f"{score.target}: {score.name}" if score.target else score.name),
            score.split,
            "–" if score.metric is None else f"{score.metric:.4f}",
            "–" if score.low is None else f"{score.low:.4f} to {score.high:.4f}",
            "–" if score.loss is None else f"{score.loss:.4g}",
            score.note,
        ]
        for score in sorted(report.result.scores, key=lambda score: (score.split, score.target))
    ]
    notes = "".join(f'<p class="quiet">{escape(note)}</p>' for note in report.result.notes)
    return table_html(["Model", "Split", metric, "Interval of 95 %", "Loss", "Note"], rows, "Scores") + notes


def _curves(report: Report) -> list[Figure]:
    places = _places(report)
    # What was there before, on the split that the curves show.
    baselines = [
        Baseline(name=score.name, index=places.get(score.name), loss=score.loss, metric=score.metric)
        for score in report.result.scores
        if score.split == "validation" and score.kind != "fused" and not score.target
    ]
    epochs, metric = max(1, report.result.epochs), SHOWN[report.result.metric].title.capitalize()
    return [
        curve_figure(report.points, "loss", "Loss", epochs=epochs, baselines=baselines),
        curve_figure(report.points, "metric", metric, epochs=epochs, baselines=baselines),
    ]


def _sections(report: Report) -> list[tuple[str, Section]]:
    outputs = report.analysis.outputs if report.analysis else ()
    return [
        (each.output if len(outputs) > 1 else "", section) for each in outputs for section in sections(each, _places(report))
    ]


def _analysed(section: Section, output: str) -> str:
    title = f"{section.title} · {shown(output)}" if output else section.title
    words = f'<p class="quiet">{emphasised(section.sentence)}</p>'
    return _section(title, words + (_figures(section.figures) if section.figures else "") + section.html)


def _gradients(report: Report) -> list[str]:
    figure = trail_figure(report.trail, _places(report)) if report.trail else None
    if figure is None:
        return []
    words = "How strongly the gradient reached each layer, from input to output: hollow at the start, full at the end."
    return [_section("Gradients", f'<p class="quiet">{words}</p>{_figures([figure])}')]


def _figures(figures: Sequence[Figure]) -> str:
    """Figures as data that the script at the end draws; `<` is written so that no name ends the element."""
    data = json.dumps(list(figures), ensure_ascii=False).replace("<", "\\u003c")
    holder = '<i class="probe" hidden></i><div class="figures"></div>'
    return f'<div class="report-figures">{holder}<script type="application/json">{data}</script></div>'


def _recipe(report: Report) -> str:
    recipe = report.recipe
    picture = ""
    if report.picture:
        # As an image, a drawing can neither run nor fetch anything.
        data = b64encode(report.picture.encode()).decode()
        alt = "The fusion graph, from input to output"
        picture = f'<div class="picture"><img src="data:image/svg+xml;base64,{data}" alt="{alt}"></div>'
    summary = LAYOUTS[recipe.layout].summary if recipe.layout in LAYOUTS else ""
    head = ["Member", "File", "Weights", "Trained", "Cut at", "Scaling"]
    members = table_html(head, member_rows(recipe, report.facts), "Members")
    return f'<p class="quiet">{escape(summary)}</p>{picture}{members}{key_values_html(data_words(recipe))}'


def _again(report: Report) -> str:
    made = report.environment
    versions = (
        {
            "Versions": f"Tributary {made.tributary}, Python {made.python}, TensorFlow {made.tensorflow}, Keras {made.keras}",
            "Device": f"{made.device}; {made.system}",
        }
        if made
        else {}
    )
    result = report.result
    took = {"Duration": f"{result.seconds:,.1f} s, {result.steps:,} steps, {result.epochs} epochs, best {result.best_epoch}"}
    recipe = report.recipe.model_dump_json(indent=2)
    words = (
        "With the members and the data beside it, <code>tributary train recipe.json --out run</code> trains this recipe again; "
        "the script does it in plain Keras."
    )
    return (
        key_values_html({**took, **versions})
        + f"<p>{words}</p><details><summary>recipe.json</summary><pre>{escape(recipe)}</pre></details>"
        + (f"<details><summary>script.py</summary><pre>{escape(report.script)}</pre></details>" if report.script else "")
    )


def _places(report: Report) -> dict[str, int]:
    return {member.name: place for place, member in enumerate(report.recipe.members)}


def _inside(script: str) -> str:
    """A script that may stand within an HTML element."""
    return script.replace("</script", "<\\/script")
