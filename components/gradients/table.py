"""Reports as rows of tables: of layers, of members, and of paths that read what a member gives. Without Keras."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from components.gradients.measures import ratio
from components.gradients.predicted import measured_route, prediction
from components.gradients.report import GradientReport
from components.recipe import Recipe

COLUMNS = (
    *("layout", "layer", "member", "kind", "variables", "norm", "weight", "ratio", "update", "activation", "dead"),
    *("verdict", "reason", "remedy"),
)

MEMBER_COLUMNS = ("layout", "member", "share", "predicted", "measured")

PATH_COLUMNS = ("layout", "member", "layer", "first", "second", "cosine")

Cell = str | int | float | None


def rows(report: GradientReport) -> list[dict[str, Cell]]:
    """One row a layer; `ratio` is norm / weight. What is undefined is None, never 0."""
    found = [{"layout": report.layout, **layer.model_dump(), "ratio": ratio(layer)} for layer in report.layers]
    return [{name: row[name] for name in COLUMNS} for row in found]


def to_csv(reports: Iterable[GradientReport]) -> str:
    """The rows of all reports as CSV with a header; what is undefined reads `n/a`, what is fused has the member `fused`."""
    return _csv(COLUMNS, ({**row, "member": row["member"] or "fused"} for report in reports for row in rows(report)))


def members_csv(recipes: Sequence[Recipe], reports: Sequence[GradientReport]) -> str:
    """A line for each layout and member: its share of the gradient, and the part of the output's, predicted and measured."""
    found: list[dict[str, Cell]] = []
    for recipe, report in zip(recipes, reports, strict=True):
        theory = prediction(recipe).routes
        for name in (member.name for member in recipe.members):
            numbers = report.shares.get(name), theory.get(name), measured_route(report, name)
            found.append(dict(zip(MEMBER_COLUMNS, (report.layout, name, *numbers), strict=True)))
    return _csv(MEMBER_COLUMNS, found)


def paths_csv(reports: Iterable[GradientReport]) -> str:
    """A line for each two paths that read one tensor of a member: the layer that gives it, both readers, their cosine."""
    return _csv(
        PATH_COLUMNS,
        (
            dict(zip(PATH_COLUMNS, (report.layout, fork.member, fork.layer, *fork.paths, fork.cosine), strict=True))
            for report in reports
            for fork in report.forks
        ),
    )


def _csv(columns: Sequence[str], lines: Iterable[Mapping[str, Cell]]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    for line in lines:
        table.writerow({name: "n/a" if value is None else value for name, value in line.items()})
    return text.getvalue()
