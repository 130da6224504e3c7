"""Settled figures in Plotly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from components.gradients.report import GradientReport


def gradient_range(reports: Sequence[GradientReport]) -> tuple[float, float]:
    """The exponents of ten from which to which every norm of the reports lies: the axis that small multiples share."""
    raise NotImplementedError


def gradient_bars(
    report: GradientReport, colours: Mapping[str, int], exponents: tuple[float, float], *, dark: bool = False
) -> go.Figure:
    """Horizontal bars, one a layer from input to output, as long as the logarithm of the gradient norm.

    `colours` gives each member's place in the recipe; what is fused is ink. A layer without gradient says `none`.
    """
    raise NotImplementedError


def show_gradients(reports: Sequence[GradientReport], colours: Mapping[str, int]) -> None:
    """Small multiples on one scale, two a row: title, verdict, summary, bars, and the numbers as a table below."""
    raise NotImplementedError


def show_class_counts(classes: Sequence[str], counts: Sequence[int]) -> None:
    """How many samples each class has, as bars."""
    raise NotImplementedError


def show_images(images: Sequence[bytes], labels: Sequence[str]) -> None:
    """The first samples of an image dataset: PNG bytes in a grid, each with its label."""
    raise NotImplementedError
