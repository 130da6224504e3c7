"""Norms as tones: a logarithmic scale that people with any colour vision can read, on light and dark grounds."""

from __future__ import annotations

from math import log10

TONES = ("#00224E", "#1D3C6E", "#434E6C", "#62646F", "#8A8678", "#A59C74", "#C3B369", "#DEC958", "#FEE838")
"""Nine steps of the map cividis (Nuñez, Anderton, Renslow 2018), from weak to strong, on each of which one ink can be read."""

PALE, INK = "#FFFFFF", "#10171D"


def step(value: float, exponents: tuple[int, int]) -> int:
    """The place of a positive norm among the tones; `exponents` are those of ten between which all norms lie."""
    low, high = exponents
    part = (log10(value) - low) / (high - low) if value > 0 else 0.0
    return min(max(int(part * len(TONES)), 0), len(TONES) - 1)


def tone(value: float, exponents: tuple[int, int]) -> tuple[str, str]:
    """The ground for a norm, and the ink that can be read on it."""
    ground = TONES[step(value, exponents)]
    return ground, max((PALE, INK), key=lambda ink: contrast(ink, ground))


def contrast(one: str, other: str) -> float:
    """How far two colours `#rrggbb` stand apart, from 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
