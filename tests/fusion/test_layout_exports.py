"""Every layout in every other format, opened where neither this project nor its Keras model is at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.models.exports import EXPORTS
from components.models.exports.export import export_model
from components.models.exports.signature import input_names
from components.recipe import Refusal
from tests.fusion.members import CASES
from tests.models.test_exports import SAMPLES, open_exported
from tests.plain_keras import PlainKeras

pytestmark = pytest.mark.nightly

WITHOUT_COUNTERPART = {(name, layout) for name in ("tflite", "onnx") for layout in ("majority-vote", "weighted-vote")}
"""Formats and layouts that do not go together: Keras finds the place of the largest number by its bits, which they cannot."""


@pytest.mark.parametrize("case_name", ["sigmoid and two classes", "three members"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", [each.name for each in EXPORTS.values() if each.exact])
def test_a_layout_predicts_the_same_in_every_format(
    name: str, layout: str, case_name: str, tmp_path: Path, plain_keras: PlainKeras
) -> None:
    if EXPORTS[name].missing:
        pytest.skip(EXPORTS[name].missing)
    case = CASES[case_name]()
    try:
        model = build(case.recipe(layout), case.models)
    except Refusal as no:
        pytest.skip(no.sentence)
    inputs = {each: array[:SAMPLES] for each, array in zip(input_names(model), case.feed(model), strict=True)}
    model.save(tmp_path / "model.keras")
    expected = plain_keras.predict(tmp_path / "model.keras", list(inputs.values()))
    file = tmp_path / f"model{EXPORTS[name].suffix}"
    if (name, layout) in WITHOUT_COUNTERPART:
        with pytest.raises(Refusal, match="no counterpart"):
            export_model(model, name, file)
        return
    export_model(model, name, file)
    found = open_exported(name, inputs, tmp_path, plain_keras)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
