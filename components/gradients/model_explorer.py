"""A report as node data for Model Explorer, which colours the nodes of a graph by it. Without Keras."""

from __future__ import annotations

import json
from math import ceil, floor, log10

from components.gradients.report import GradientReport
from components.gradients.tones import tone


def node_data(report: GradientReport) -> str:
    """The JSON of a `GraphNodeData`: the norm of each layer that has one, by the layer's name in the fused model.

    Colours are given for each node, since Model Explorer's own scale is linear and norms span decades.
    """
    found = {layer.layer: layer.norm for layer in report.layers if layer.norm}
    exponents = [log10(norm) for norm in found.values()]
    scale = (floor(min(exponents)), max(ceil(max(exponents)), floor(min(exponents)) + 1)) if exponents else (-3, 0)
    results = {}
    for name, norm in found.items():
        ground, ink = tone(norm, scale)
        results[name] = {"value": norm, "bgColor": ground, "textColor": ink}
    return json.dumps({"name": f"Gradient, {report.title}", "results": results}, indent=2)
