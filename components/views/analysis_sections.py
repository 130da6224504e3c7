"""What was found of a test split, as sections of words, figures and tables: the same on the page and in the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from components.recipe.wording import shown
from components.training.analysis.findings import ClassScore, Comparison, Findings, Mistakes
from components.training.metrics import SHOWN, metric_of
from components.views.analysis_figures import (
    calibration_figures,
    curve_figures,
    difference_figure,
    residual_figures,
)
from components.views.confusion_table import confusion_html
from components.views.figure_view import Figure
from components.views.html_table import table_html

Places = Mapping[str, int]
"""Each member's place in the recipe, by its name: its colour and dash."""


@dataclass(frozen=True)
class Section:
    """One analysis as a person reads it; `html` stands below the figures, with everything in it escaped."""

    title: str
    sentence: str
    figures: Sequence[Figure] = ()
    html: str = ""


def sections(findings: Findings, places: Places) -> list[Section]:
    """The analyses that apply to an output, in their order."""
    return [make(findings, places) for name, make in SECTIONS.items() if getattr(findings, name) is not None]


def _comparison(findings: Findings, places: Places) -> Section:
    found = findings.comparison
    assert found is not None
    metric = SHOWN[metric_of(findings.task)]
    test = "McNemar's test" if found.against[0].fused_alone is not None else "a paired bootstrap"
    better = "to the right" if metric.higher_is_better else "to the left"
    return Section(
        "Against members and average",
        f"Difference of {metric.title}, sample by sample, with its interval of 95 %; {better} of 0 the fused model is better. "
        f"The p-values are those of {test}, corrected by Holm's method for being several.",
        [difference_figure(findings, places)],
        _comparison_table(found, metric.title),
    )


def _comparison_table(found: Comparison, metric: str) -> str:
    counted = found.against[0].fused_alone is not None
    head = ["Fusion against", f"Difference of {metric}", "Difference of loss"]
    head += ["Only fusion right", "Only the other right"] if counted else []
    rows = []
    for each in found.against:
        row = [
            shown(each.name),
            f"{each.difference:+.4f}  ({each.low:+.4f} to {each.high:+.4f})",
            f"{each.loss_difference:+.4g}  ({each.loss_low:+.4g} to {each.loss_high:+.4g})",
        ]
        row += [f"{each.fused_alone:,}", f"{each.other_alone:,}"] if counted else []
        rows.append([*row, _p_value(each.p), _p_value(each.adjusted)])
    return table_html([*head, "p", "corrected"], rows, "The fused model against each candidate")


def _p_value(p: float) -> str:
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def _confusion(findings: Findings, places: Places) -> Section:
    found = findings.confusion
    assert found is not None
    return Section(
        "Classes",
        "Each row holds the samples of one class, each column what they were taken for; below the counts the share of the row.",
        html=confusion_html(found) + _class_table(findings, found.classes, "Class"),
    )


def _labels(findings: Findings, places: Places) -> Section:
    found = findings.labels
    assert found is not None
    return Section(
        "Labels",
        f"All labels are right on **{found.all_right:.1%}** of the samples; the mean F1 over the labels is **{found.f1:.3f}**.",
        html=_class_table(findings, found.labels, "Label"),
    )


def _class_table(findings: Findings, classes: Sequence[ClassScore], name: str) -> str:
    """Precision, recall and F1 of each class or label, and the areas below its curves where it has such."""
    areas = {curve.name: f"{curve.area:.3f}" for curve in findings.curves.roc_by_class} if findings.curves else {}
    precise = {curve.name: f"{curve.area:.3f}" for curve in findings.curves.precision_by_class} if findings.curves else {}
    head = [name, "Samples", "Precision", "Recall", "F1", *(["Area below ROC", "Average precision"] if areas else [])]
    rows = []
    for each in classes:
        row = [shown(each.name), f"{each.samples:,}", *(f"{value:.3f}" for value in (each.precision, each.recall, each.f1))]
        rows.append(row + ([areas.get(each.name, "–"), precise.get(each.name, "–")] if areas else []))
    return table_html(head, rows, f"Each {name.lower()} against the rest")


def _curves(findings: Findings, places: Places) -> Section:
    assert findings.curves is not None
    together = "the labels" if findings.labels else "one class against the rest"
    pooled = f" All decisions on {together} count together." if findings.curves.roc_by_class else ""
    return Section(
        "ROC and precision",
        f"How the models trade false alarms for misses, whatever the threshold; the area is beside each name.{pooled}",
        curve_figures(findings.curves, places),
    )


def _reliability(findings: Findings, places: Places) -> Section:
    found = findings.reliability
    assert found is not None
    said = f"Expected calibration error **{found.plain.error:.3f}** over 15 bins"
    if found.tempered is not None and found.temperature is not None:
        said += (
            f"; **{found.tempered.error:.3f}** with logits divided by the temperature {found.temperature:.3f}, which was "
            f"fitted on the {found.fitted_on:,} samples of the calibration split (Guo et al., 2017)"
        )
    else:
        said += "; a calibration share on the Data page would show what a temperature mends"
    return Section(
        "Calibration", f"Is the model right as often as it is sure? On the line it is. {said}.", calibration_figures(found)
    )


def _residuals(findings: Findings, places: Places) -> Section:
    found = findings.residuals
    assert found is not None
    explained = "not defined" if found.explained is None else f"{found.explained:.3f}"
    around = "" if found.explained_low is None else f" ({found.explained_low:.3f} to {found.explained_high:.3f})"
    error = "" if found.error_low is None else f" ({found.error_low:.4g} to {found.error_high:.4g})"
    return Section(
        "Residuals",
        f"R² **{explained}**{around}, mean absolute error **{found.error:.4g}**{error}, with intervals of 95 %.",
        residual_figures(found, findings.target),
    )


def _mistakes(findings: Findings, places: Places) -> Section:
    found = findings.mistakes
    assert found is not None
    number = findings.task == "regression"
    if not found.shown:
        return Section("Mistakes", f"The fused model gets all {findings.samples:,} test samples right.")
    said = (
        f"The {len(found.shown)} largest errors."
        if number
        else f"{found.wrong:,} of {findings.samples:,} test samples are wrong; here are those of which the model is surest."
    )
    pictures = any(each.picture for each in found.shown)
    title = "Largest errors" if number else "Mistakes"
    return Section(title, said, html=_pictures_html(found) if pictures else _rows_html(found, number))


def _pictures_html(found: Mistakes) -> str:
    tiles = "".join(
        f'<figure><img src="data:image/png;base64,{each.picture}" alt="Row {each.row}">'
        f"<figcaption>{escape(shown(each.said, 20))}, not {escape(shown(each.truth, 20))}<br>{each.confidence:.0%}</figcaption>"
        "</figure>"
        for each in found.shown
    )
    return f'<div class="samples mistakes">{tiles}</div>'


def _rows_html(found: Mistakes, number: bool) -> str:
    names = list(found.shown[0].values)
    head = ["Row", "Truth", "Prediction", "Error" if number else "Confidence", *map(shown, names)]
    rows = [
        [
            f"{each.row:,}",
            shown(each.truth),
            shown(each.said),
            f"{each.confidence:.4g}" if number else f"{each.confidence:.1%}",
            *(_value(each.values.get(name, "")) for name in names),
        ]
        for each in found.shown
    ]
    return table_html(head, rows, "Samples that the fused model gets wrong")


def _value(value: float | str) -> str:
    return shown(value) if isinstance(value, str) else f"{value:g}"


SECTIONS: dict[str, Callable[[Findings, Places], Section]] = {
    "comparison": _comparison,
    "confusion": _confusion,
    "labels": _labels,
    "residuals": _residuals,
    "mistakes": _mistakes,
    "curves": _curves,
    "reliability": _reliability,
}
"""By the field of `Findings` that is shown."""
