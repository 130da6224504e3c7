"""The catalogue of architectures says what `keras.applications` does, and what is built is what Keras builds alone."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from pydantic import ValidationError

from components.models.architectures import ARCHITECTURES, ArchitectureOrder, scaling_of
from components.models.build_architecture import build_architecture
from components.models.scan_config import scan
from components.models.translate import translate
from components.recipe import Refusal, Scaling
from tests.plain_keras import PlainKeras

ASK_KERAS = """
import inspect, math, re
import keras, numpy as np
from keras.src.backend.common import global_state

results = {}
colours = np.array([[[[0.0, 127.5, 255.0], [10.0, 20.0, 30.0]]]], "float32")
for name, function in vars(keras.applications).items():
    if not inspect.isfunction(function):
        continue
    try:
        function(weights=None, input_shape=(1, 1, 3))
    except ValueError as error:
        results[name] = np.array(int(re.search(r"at least (\\d+)x", str(error))[1]))
    results[name + " scaled"] = inspect.getmodule(function).preprocess_input(colours.copy())
    if name in SMALLEST:
        with keras.StatelessScope(initialize_variables=False):
            model = function(weights=None)
        global_state.set_global_attribute("uninitialized_variables", [])
        results[name + " parameters"] = np.array(sum(math.prod(weight.shape) for weight in model.weights))
"""
SMALLEST = {each.family: each.name for each in sorted(ARCHITECTURES.values(), key=lambda each: -each.parameters)}
TOO_LARGE = {"ConvNeXtLarge", "ConvNeXtXLarge", "EfficientNetB7", "EfficientNetV2L", "NASNetLarge"}

COLOURS = np.array([[[[0.0, 127.5, 255.0], [10.0, 20.0, 30.0]]]], np.float32)
SCALED: dict[Scaling, np.ndarray] = {
    "pixels": COLOURS,
    "symmetric": COLOURS / 127.5 - 1,
    "torch": (COLOURS / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225],
    "caffe": COLOURS[..., ::-1] - [103.939, 116.779, 123.68],
}


def test_the_catalogue_says_what_keras_does(plain_keras: PlainKeras, tmp_path: Path) -> None:
    found = plain_keras.run(f"SMALLEST = {list(SMALLEST.values())}\n{ASK_KERAS}", tmp_path)
    assert set(ARCHITECTURES) | TOO_LARGE == {name for name in found if " " not in name}
    assert not TOO_LARGE & set(ARCHITECTURES)
    for name, known in ARCHITECTURES.items():
        assert known.least == found[name], name
        np.testing.assert_allclose(found[f"{name} scaled"], SCALED[known.scaling], atol=1e-5, err_msg=name)
    for name in SMALLEST.values():
        assert ARCHITECTURES[name].parameters == found[f"{name} parameters"], name


ORDERS = [
    ArchitectureOrder(name="small", architecture="MobileNetV3Small", side=32, channels=1, end="logits", units=4, width=0.5),
    ArchitectureOrder(name="wide", architecture="MobileNetV2", side=48, channels=3, end="average-pooling", width=0.35),
    ArchitectureOrder(name="efficient", architecture="EfficientNetV2B0", side=33, channels=3, end="max-pooling"),
]
CALLS = [
    "MobileNetV3Small(weights=None, input_shape=(32, 32, 1), classifier_activation=None, classes=4, alpha=0.5, "
    "include_preprocessing=False)",
    "MobileNetV2(weights=None, input_shape=(48, 48, 3), include_top=False, pooling='avg', alpha=0.35)",
    "EfficientNetV2B0(weights=None, input_shape=(33, 33, 3), include_top=False, pooling='max')",
]


def unnumbered(row: list[Any]) -> list[Any]:
    """Without the number that Keras counts through the whole process for layers without a name of their own."""
    return [re.sub(r"_\d+$", "", row[0]), *row[1:]]


@pytest.mark.parametrize(("order", "call"), [*zip(ORDERS, CALLS, strict=True)], ids=lambda each: getattr(each, "name", ""))
def test_what_is_built_is_what_keras_builds(
    order: ArchitectureOrder, call: str, plain_keras: PlainKeras, tmp_path: Path
) -> None:
    script = f"""
import keras, numpy as np
model = keras.applications.{call}
rows = [[layer.name, list(layer.output.shape), layer.count_params()] for layer in model.layers]
import json
results = {{"rows": np.array(json.dumps(rows))}}
"""
    expected = json.loads(str(plain_keras.run(script, tmp_path)["rows"]))
    model = build_architecture(order)
    rows = [[layer.name, list(layer.output.shape), layer.count_params()] for layer in model.layers]
    assert list(map(unnumbered, rows)) == list(map(unnumbered, expected))


def test_random_weights_follow_from_the_seed() -> None:
    first, same, other = (build_architecture(ORDERS[0].model_copy(update={"seed": seed})).get_weights() for seed in (0, 0, 1))
    assert all(map(np.array_equal, first, same)) and not all(map(np.array_equal, first, other))


@pytest.mark.parametrize("name", ["InceptionResNetV2", "ConvNeXtTiny", "MobileNetV3Large", "EfficientNetB0"])
def test_layers_of_its_own_pass_the_scan(name: str) -> None:
    order = ArchitectureOrder(name="large", architecture=name, side=ARCHITECTURES[name].least)
    with keras.StatelessScope(initialize_variables=False):
        model = build_architecture(order)
    keras.src.backend.common.global_state.set_global_attribute("uninitialized_variables", [])
    scan(translate(json.loads(json.dumps(keras.saving.serialize_keras_object(model))), False).configuration)


def test_images_too_small_and_names_unknown_are_refused() -> None:
    with pytest.raises(Refusal, match="InceptionV3 takes images of 75 × 75 pixels or more; 74 × 74"):
        build_architecture(ArchitectureOrder(name="small", architecture="InceptionV3", side=74))
    with pytest.raises(Refusal, match="no architecture named “os"):
        build_architecture(ArchitectureOrder(name="small", architecture="os.system\u202e", side=74))
    with pytest.raises(ValidationError):
        ArchitectureOrder(name="small", architecture="VGG16", side=5000)


def test_a_scaling_for_colours_is_for_three_channels() -> None:
    grey = ArchitectureOrder(name="grey", architecture="VGG16", side=32, channels=1)
    assert scaling_of(grey) == "standard" and scaling_of(grey.model_copy(update={"channels": 3})) == "caffe"
