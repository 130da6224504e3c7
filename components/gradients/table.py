"""A report as rows of a table. Without Keras."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from components.gradients.measures import ratio
from components.gradients.report import GradientReport

COLUMNS = (
    *("layout", "layer", "member", "kind", "variables", "norm", "weight", "ratio", "update", "activation", "dead"),
    *("verdict", "reason", "remedy"),
)


def rows(report: GradientReport) -> list[dict[str, str | int | float | None]]:
    """One row a layer; `ratio` is norm / weight. What is undefined is None, never 0."""
    found = [{"layout": report.layout, **layer.model_dump(), "ratio": ratio(layer)} for layer in report.layers]
    return [{name: row[name] for name in COLUMNS} for row in found]


def to_csv(reports: Iterable[GradientReport]) -> str:
    """The rows of all reports as CSV with a header; what is undefined reads `n/a`, what is fused has the member `fused`."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    for report in reports:
        for row in rows(report):
            row["member"] = row["member"] or "fused"
            table.writerow({name: "n/a" if value is None else value for name, value in row.items()})
    return text.getvalue()
