"""A report under other thresholds: what was measured stays, and is judged again. Without Keras."""

from __future__ import annotations

import math

from components.gradients.layout_verdict import layout_verdict
from components.gradients.report import GradientReport, LayerGradient
from components.gradients.verdicts import Evidence, Thresholds, judge


def judged(report: GradientReport, thresholds: Thresholds) -> GradientReport:
    """The report with the verdicts that these thresholds give."""
    layers = judge([_evidence(layer) for layer in report.layers], thresholds)
    verdict, summary = layout_verdict(layers, report.bottleneck)
    return report.model_copy(update={"layers": layers, "verdict": verdict, "summary": summary})


def _evidence(layer: LayerGradient) -> Evidence:
    return Evidence(
        layer=layer.layer,
        member=layer.member,
        kind=layer.kind,
        variables=layer.variables,
        norm=math.nan if layer.broken == "gradient" else layer.norm,
        weight=math.nan if layer.weight is None else layer.weight,
        finite_weights=layer.broken != "weights",
        update=layer.update,
        activation=layer.activation,
        dead=layer.dead,
        silent=layer.silent,
        silent_bias=layer.silent_bias,
        leads_on=layer.leads_on,
    )
