"""A model written in another format predicts the same where neither this project nor its Keras model is at hand."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import Input, Model, layers

from components.models.exports import EXPORTS
from components.models.exports.export import export_model
from components.models.exports.signature import input_names
from components.models.exports.tflite import ONE_AT_A_TIME
from components.recipe import Refusal
from tests.plain_keras import PlainKeras

SAMPLES = 6

READERS = {
    "savedmodel": """
import zipfile, tensorflow as tf
zipfile.ZipFile("model.zip").extractall("opened")
serve = tf.saved_model.load("opened/saved_model").signatures["serving_default"]
found = serve(**{name: tf.constant(array) for name, array in inputs.items()})
found = [found[name].numpy() for name in sorted(found)]
""",
    "tflite": """
import warnings, tensorflow as tf
warnings.simplefilter("ignore")
interpreter = tf.lite.Interpreter("model.tflite")
found = [[] for _ in interpreter.get_output_details()]
signature = interpreter.get_signature_list()["serving_default"]
run = interpreter.get_signature_runner()
for row in range(6):
    one = run(**{name: array[row:row + 1] for name, array in inputs.items()})
    for each, name in zip(found, sorted(one)):
        each.append(one[name])
found = [np.concatenate(each) for each in found]
""",
    "onnx": """
import onnxruntime
found = onnxruntime.InferenceSession("model.onnx").run(None, inputs)
""",
}  # fmt: skip
READERS["tflite-8-bit"] = READERS["tflite"]
"""How each format is opened without this project; `inputs` by name in, `found` in the model's order out."""


def _several() -> Model:
    """Inputs whose names no format takes as they are, one of whole numbers; scaling with constants; two outputs."""
    picture, words = Input((8, 8, 3), name="2-picture"), Input((3,), name="Words in", dtype="int32")
    again = Input((4,), name="_2 picture")
    y = layers.BatchNormalization()(layers.Conv2D(40, 3, activation="gelu", padding="same")(picture))
    y = layers.GlobalAveragePooling2D()(layers.DepthwiseConv2D(3)(layers.UpSampling2D(2)(layers.MaxPooling2D()(y))))
    scaled = layers.Normalization(mean=[1.0, 2, 3, 4], variance=[1.0, 2, 3, 4])(again)
    embedded = layers.Flatten()(layers.Embedding(7, 4)(words))
    joined = layers.Concatenate()([scaled, embedded, layers.Rescaling(1 / 255, -1)(y)])
    attended = layers.Reshape((7, 8))(joined)
    attended = layers.Flatten()(layers.MultiHeadAttention(2, 3)(attended, attended))
    return Model([picture, words, again], [layers.Dense(2, activation="softmax")(attended), layers.Dense(1, name="a-head")(y)])


def _recurrent() -> Model:
    x = Input((5, 3), name="steps")
    return Model(x, layers.Dense(2)(layers.Bidirectional(layers.LSTM(4))(x)))


MODELS = {"several": _several, "recurrent": _recurrent}


def _inputs(model: Model) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    return {
        name: random.integers(0, 7, (SAMPLES, *tensor.shape[1:])).astype(tensor.dtype)
        if tensor.dtype == "int32"
        else random.normal(0, 2, (SAMPLES, *tensor.shape[1:])).astype("float32")
        for name, tensor in zip(input_names(model), model.inputs, strict=True)
    }


def open_exported(name: str, inputs: dict[str, np.ndarray], folder: Path, plain_keras: PlainKeras) -> list[np.ndarray]:
    """What the file `model` in a folder predicts in a process without this project."""
    np.savez(folder / "inputs.npz", **inputs)
    found = importlib.util.find_spec("onnxruntime")
    script = (
        f"import sys; sys.path += {[str(Path(found.origin).parents[1])] if found and found.origin else []!r}\n"
        "import numpy as np\ninputs = dict(np.load('inputs.npz'))\n"
        f"{READERS[name]}results = {{str(place): array for place, array in enumerate(found)}}"
    )
    answers = plain_keras.run(script, folder)
    return [answers[str(place)] for place in range(len(answers))]


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name in EXPORTS for kind in MODELS if EXPORTS[name].exact or kind == "several"]
)
def test_the_file_predicts_what_the_model_predicts(kind: str, name: str, tmp_path: Path, plain_keras: PlainKeras) -> None:
    chosen = EXPORTS[name]
    if chosen.missing:
        pytest.skip(chosen.missing)
    keras.utils.set_random_seed(3)
    model = MODELS[kind]()
    inputs = _inputs(model)
    exported = export_model(model, name, tmp_path / f"model{chosen.suffix}")
    assert exported.notes == ((ONE_AT_A_TIME,) if kind == "recurrent" and chosen.module.startswith("tflite") else ())
    model.save(tmp_path / "model.keras")
    answers = open_exported(name, inputs, tmp_path, plain_keras)
    expected = plain_keras.predict(tmp_path / "model.keras", list(inputs.values()))
    assert len(answers) == len(expected)
    for one, other in zip(answers, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5 if chosen.exact else 0.05)
    assert exported.difference is not None and (exported.difference < 1e-5 or not chosen.exact)


def test_eight_bits_are_smaller_and_say_how_much_they_change(tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    model = keras.Sequential([Input((64,)), layers.Dense(256, activation="relu"), layers.Dense(3)])
    export_model(model, "tflite", tmp_path / "a.tflite")
    changed = export_model(model, "tflite-8-bit", tmp_path / "b.tflite").difference
    assert changed and 1e-5 < changed < 0.05
    assert (tmp_path / "b.tflite").stat().st_size < 0.4 * (tmp_path / "a.tflite").stat().st_size


def test_what_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    model = keras.Sequential([Input((4,)), layers.Dense(2)])
    with pytest.raises(Refusal, match="savedmodel"):
        export_model(model, "x" * 500, tmp_path / "m")
    if EXPORTS["onnx"].missing:
        with pytest.raises(Refusal, match="pip install tf2onnx"):
            export_model(model, "onnx", tmp_path / "m.onnx")
    x = Input((4, 4))
    unknown = Model(x, keras.ops.qr(x)[0])
    for name in ("tflite", *([] if EXPORTS["onnx"].missing else ["onnx"])):
        with pytest.raises(Refusal, match="no counterpart"):
            export_model(unknown, name, tmp_path / f"m{EXPORTS[name].suffix}")


def test_the_formats_are_known_without_tensorflow() -> None:
    look = (
        "import sys; from components.models.exports import EXPORTS;"
        "[each.missing for each in EXPORTS.values()]; sys.exit('keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", look], timeout=60).returncode == 0
