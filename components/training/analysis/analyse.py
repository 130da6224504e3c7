"""All analyses that apply, of every output of a fused model."""

from __future__ import annotations

from collections.abc import Mapping

from components.training.analysis import comparison, confusion, curves, labels, mistakes, reliability, residuals
from components.training.analysis.findings import Analysis, Findings
from components.training.analysis.registry import ANALYSES
from components.training.tested import Part, Tested

__all__ = ["ANALYSES", "analyse", "comparison", "confusion", "curves", "labels", "mistakes", "reliability", "residuals"]


def analyse(tested: Mapping[Part, tuple[Tested, ...]]) -> Analysis:
    """What the test split tells; the calibration split, where it was predicted too, fits what is to be fitted.

    Args:
        tested: With the part `test`, an entry for each output of the fused model.
    """
    calibrations = tested.get("calibration", ())
    by_output = {each.output: each for each in calibrations}
    return Analysis(outputs=tuple(_findings(each, by_output.get(each.output)) for each in tested["test"]))


def _findings(tested: Tested, calibration: Tested | None) -> Findings:
    """Without any analysis where the fused model's predictions are not all numbers."""
    target = tested.target
    found = Findings(
        output=tested.output,
        task=target.task,
        classes=target.classes,
        target=target.name,
        samples=len(tested.truth),
    )
    if tested.fused.name not in tested.able:
        return found
    applying = {name: entry.function for name, entry in ANALYSES.items() if target.task in entry.tasks}
    return found.model_copy(update={name: function(tested, calibration) for name, function in applying.items()})
