"""The finder's figure: the explosion does not press the rest flat, and the suggestion stands where it is."""

import numpy as np
import pytest

from components.training.rate_test import growing_rates, rate_test
from components.views.rate_view import rate_figure


def test_the_suggestion_is_marked_and_the_explosion_is_beyond_the_axis():
    rates = growing_rates()[:141]
    losses = [2.3 - 2 * np.clip(np.log10(rate / 1e-4), 0, 1) + max(0.0, rate - 0.01) * 1e4 for rate in rates]
    figure = rate_figure(rate_test(rates, losses))
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 0.3 and 2.3 < high < 4 < losses[-1]
    [line] = figure["layout"]["shapes"]
    [mark] = figure["layout"]["annotations"]
    assert line["x0"] == line["x1"] == pytest.approx(1e-3, rel=0.3)
    # On a logarithmic axis Plotly takes a shape's place as a value, and an annotation's as its exponent.
    assert 10 ** mark["x"] == pytest.approx(line["x0"]) and mark["text"] == f"<b>{line['x0']:g}</b>"
    assert f"The suggestion is {line['x0']:g}." in figure["alt"] and "2.3 at first" in figure["alt"]
    assert figure["layout"]["xaxis"]["ticktext"] == [f"1e{exponent}" for exponent in range(-7, 1)]


def test_without_a_suggestion_nothing_is_marked():
    figure = rate_figure(rate_test(growing_rates(), [1.0, 2.0, float("nan")]))
    assert figure["layout"]["shapes"] == [] and "Nothing is suggested" in figure["alt"]
    assert all(np.isfinite(figure["layout"]["yaxis"]["range"]))
