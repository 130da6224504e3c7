"""The exported script, run as it stands in a process with Keras alone."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Literal

import keras
import nbformat
import numpy as np
import pandas as pd
import pytest

from components.data.load import load_samples
from components.data.split import split
from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.fusion.script import write_notebook, write_script
from components.recipe import Data, Input, Member, Recipe, Refusal, Target, Task, Training
from tests.fusion.members import CASES, NUMBER, YES_NO, Case, dense, with_positions
from tests.plain_keras import PlainKeras


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Whether training improves on the members' first weights, and so changes them, is no matter of chance."""
    keras.utils.set_random_seed(1)


@pytest.mark.parametrize("target", [YES_NO, NUMBER])
def test_a_table_is_read_split_trained_and_saved_as_in_the_app(target: Target, eager_keras: PlainKeras, tmp_path: Path) -> None:
    activation = "sigmoid" if target.task == "binary" else None
    case = Case({name: dense(units=1, activation=activation) for name in "ab"}, target=target)
    columns = tuple(f"column {number}" for number in range(12))
    table = pd.DataFrame(case.samples, columns=columns)
    table["y"] = case.labels
    table.loc[5, "column 3"] = None
    table.loc[7, "y"] = None
    table.to_csv(tmp_path / "table.csv", index=False, sep=";")
    data = Data(sha256="1", file_name="table.csv", inputs=(Input(name="x", columns=columns, shape=(12,)),), target=target)
    recipe = Recipe(**{**dict(case.recipe("concatenate")), "data": data})
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")

    results = eager_keras.run(write_script(recipe, case.facts) + "\nresults['test'] = test", tmp_path)

    samples = load_samples(data, tmp_path / "table.csv")
    test = split(samples, data.split).test
    np.testing.assert_array_equal(results["test"], test)
    ours = build(recipe, case.models)(samples.inputs["x"][test], training=False).numpy()
    np.testing.assert_allclose(results["before training"], ours, atol=1e-6)
    saved = keras.models.load_model(tmp_path / "fused.keras")(samples.inputs["x"][test], training=False).numpy()
    np.testing.assert_allclose(results["after training"], saved, atol=1e-6)
    assert np.abs(saved - ours).max() > 1e-4


@pytest.mark.parametrize("stored", ["columns", "text", "array"])
def test_several_labels_are_read_split_and_trained_as_in_the_app(stored: str, eager_keras: PlainKeras, tmp_path: Path) -> None:
    case = CASES["several labels"]()
    names = ("p", "q", "r")
    labels = case.labels.astype("float32")
    columns = tuple(f"column {number}" for number in range(12))
    table = pd.DataFrame(case.samples, columns=columns)
    inputs: tuple[Input, ...] = (Input(name="x", columns=columns, shape=(12,)),)
    separator: Literal["bar"] | None = None
    if stored == "text":
        table["y"] = [" | ".join(name for name, applies in zip(names, row, strict=True) if applies) for row in labels]
        separator = "bar"
    else:
        labels[3, 1] = np.nan
        table[list(names)] = labels
    path = tmp_path / ("data.npz" if stored == "array" else "table.csv")
    if stored == "array":
        np.savez(path, x=case.samples, y=labels)
        inputs = case.data.inputs
    else:
        table.to_csv(path, index=False)
    target = Target(
        name="y", task="multilabel", classes=names, columns=names if stored == "columns" else (), separator=separator
    )
    data = Data(sha256="1", file_name=path.name, inputs=inputs, target=target)
    planned = Case(case.models, target=target).recipe("concatenate")
    recipe = Recipe(**{**dict(planned), "data": data})
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    judge = "\nresults.update(test=test, y=target, accuracy=model.evaluate(feed(test), goal(test), return_dict=True, verbose=0)"
    results = eager_keras.run(write_script(recipe, case.facts) + judge + "['binary_accuracy'])", tmp_path)

    samples = load_samples(data, path)
    test = split(samples, data.split).test
    np.testing.assert_array_equal(results["test"], test)
    np.testing.assert_array_equal(results["y"], samples.target)
    assert len(samples.target) == (40 if stored == "text" else 39)
    ours = build(recipe, case.models)(samples.inputs["x"][test], training=False).numpy()
    np.testing.assert_allclose(results["before training"], ours, atol=1e-6)
    saved = keras.models.load_model(tmp_path / "fused.keras")(samples.inputs["x"][test], training=False).numpy()
    np.testing.assert_allclose(results["after training"], saved, atol=1e-6)
    assert np.abs(saved - ours).max() > 1e-5
    assert results["accuracy"] == pytest.approx(np.mean((saved > 0.5) == (samples.target[test] > 0.5)), abs=1e-6)


def test_several_outputs_train_on_one_target(eager_keras: PlainKeras, tmp_path: Path) -> None:
    case = CASES["images and vectors"]()
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    judge = """
results["test"] = test
results["loss"] = model.evaluate(feed(test), goal(test), return_dict=True, verbose=0)["loss"]
results["first"], results["second"] = (output.numpy() for output in model(feed(test), training=False))
"""
    recipe = case.recipe("joint", loss_weights=(3.0, 0.5))
    recipe = recipe.model_copy(update={"training": Training(balance_classes=True, weight_averaging=0.9)})
    script = write_script(recipe, case.facts)
    results = eager_keras.run(script + judge, tmp_path)
    np.testing.assert_array_equal(results["after training"], results["second"])
    classes, rows = case.labels.astype(int)[results["test"]], np.arange(8)
    first, second = (-np.log(results[name][rows, classes]).mean() for name in ("first", "second"))
    assert results["loss"] == pytest.approx(3 * first + 0.5 * second, rel=1e-4)
    assert "loss_weights" not in write_script(case.recipe("joint"), case.facts)


def test_the_script_trains_with_the_settings_of_the_run(eager_keras: PlainKeras, tmp_path: Path) -> None:
    case = CASES["three members"]()
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    settings = Training(
        optimizer="sgd", momentum=0.9, clip_norm=2.0, learning_rate=0.02, schedule="cosine", warm_up=1, epochs=3, batch_size=4
    )
    recipe = case.recipe("concatenate").model_copy(update={"training": settings})
    judge = """
rates = []
for step in range(3 * steps_per_epoch):
    model.optimizer.iterations.assign(step)
    rates.append(float(model.optimizer.learning_rate))
results.update(rates=rates, momentum=model.optimizer.momentum, norm=model.optimizer.global_clipnorm, samples=len(training))
"""
    results = eager_keras.run(write_script(recipe, case.facts) + judge, tmp_path)
    many = int(np.ceil(results["samples"] / 4))
    rising = 0.02 * np.arange(1, many + 1) / many
    falling = 0.01 * (1 + np.cos(np.pi * np.arange(2 * many) / (2 * many)))
    np.testing.assert_allclose(results["rates"], [*rising, *falling], rtol=1e-4, atol=1e-7)
    assert (results["momentum"], results["norm"]) == (0.9, 2.0)
    saved = keras.models.load_model(tmp_path / "fused.keras")
    assert saved.name == "fused" and not saved.compiled


def test_where_no_gradient_passes_the_script_trains_nothing(eager_keras: PlainKeras, tmp_path: Path) -> None:
    case = CASES["three members"]()
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    eager_keras.run(write_script(case.recipe("majority-vote"), case.facts), tmp_path)
    votes = keras.models.load_model(tmp_path / "fused.keras")(case.samples, training=False).numpy()
    chosen = [np.argmax(model(case.samples, training=False), axis=1) for model in case.models.values()]
    agreed = np.all([chosen[0] == chosen[1], chosen[1] == chosen[2]], axis=0)
    np.testing.assert_array_equal(votes[agreed].argmax(axis=1), chosen[0][agreed])


def _two(first: str, second: str) -> Input:
    return Input(name="x", columns=(first, second), shape=(2,))


EXAMPLES = [
    ("digits", Input(name="image", array="image", shape=(8, 8, 1)), "digit", "multiclass", tuple("0123456789")),
    ("breast-cancer", _two("mean radius", "mean texture"), "diagnosis", "binary", ("malignant", "benign")),
    ("moons", _two("across", "up"), "moon", "binary", ("upper", "lower")),
    ("diabetes", _two("age", "bmi"), "progression", "regression", ()),
    ("iris", _two("sepal length (cm)", "petal width (cm)"), "species", "multiclass", ("setosa", "versicolor", "virginica")),
    ("wine", _two("alcohol", "ash"), "grower", "multiclass", ("class_0", "class_1", "class_2")),
]


@pytest.mark.parametrize(("example", "input", "name", "task", "classes"), EXAMPLES)
def test_the_examples_are_read_as_in_the_app(
    example: str, input: Input, name: str, task: Task, classes: tuple[str, ...], eager_keras: PlainKeras, tmp_path: Path
) -> None:
    target = Target(name=name, task=task, classes=classes)
    data = Data(sha256=f"example:{example}", file_name=example, inputs=(input,), target=target)
    case = Case({"a": dense(), "b": dense()})
    recipe = Recipe(**{**dict(case.recipe("average")), "data": data})
    reading, _, _ = write_script(recipe, case.facts).partition("# Members as branches\n")
    results = eager_keras.run(reading + "\nresults = {'y': target, 'test': test, **inputs}", tmp_path)
    samples = load_samples(data, None)
    np.testing.assert_array_equal(results["y"], samples.target)
    np.testing.assert_array_equal(results["test"], split(samples, data.split).test)
    np.testing.assert_array_equal(results[input.name], samples.inputs[input.name])


def test_an_archive_is_read_as_in_the_app(eager_keras: PlainKeras, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x, classes = random.normal(size=(30, 4, 3)).astype("float32"), np.arange(30) % 3
    np.savez(
        tmp_path / "data.npz", x_train=x[:20], y_train=np.eye(3)[classes[:20]], x_test=x[20:], y_test=np.eye(3)[classes[20:]]
    )
    case = CASES["dense and recurrent"]()
    recipe = case.recipe("average")
    reading, _, _ = write_script(recipe, case.facts).partition("# Members as branches\n")
    results = eager_keras.run(reading + "\nresults = {'y': target, 'test': test, **inputs}", tmp_path)
    samples = load_samples(case.data, tmp_path / "data.npz")
    np.testing.assert_array_equal(results["y"], samples.target)
    np.testing.assert_array_equal(results["x"], samples.inputs["x"])
    np.testing.assert_array_equal(results["test"], split(samples, case.data.split).test)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_in_a_recipe_cannot_become_code(layout: str) -> None:
    evil = '"""\nimport os\nos.system("true")\n"""'
    positions = [keras.layers.Reshape((4, 3), name=f"{evil}#"), keras.layers.Flatten()]
    layers = [*positions, keras.layers.Dense(3, name=evil), keras.layers.Dense(3, activation="softmax", name="out")]
    model = keras.Sequential([keras.layers.Input((12,)), *layers])
    members = {"a": model, "b": with_positions(4), "c": with_positions(4)}
    case = Case(members, settings={"a": {"frozen_layers": (evil,)}})
    recipe = case.recipe(layout)
    data = case.data.model_copy(
        update={"file_name": evil, "target": Target(name=evil, task="multiclass", classes=("a", "b", evil))}
    )
    script = write_script(Recipe(**{**dict(recipe), "name": evil, "data": data}), case.facts)
    imports = {alias.name for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Import) for alias in node.names}
    assert imports <= {"json", "keras", "numpy", "pandas", "tensorflow"}


def test_the_script_is_short_of_nothing_but_this_app() -> None:
    case = CASES["images and vectors"]()
    script = write_script(case.recipe("concatenate"), case.facts)
    assert "components" not in script and "lazy" not in script and "Refusal" not in script
    assert all(len(line) <= 140 for line in script.splitlines())


def test_the_notebook_is_valid_and_its_cells_do_what_the_script_does(eager_keras: PlainKeras, tmp_path: Path) -> None:
    case = CASES["dense and recurrent"]()
    recipe = case.recipe("concatenate")
    for name, model in case.models.items():
        model.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    text = write_notebook(recipe, case.facts)
    nbformat.validate(json.loads(text))
    cells = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    # Joined lines would hide a section that ends without a newline; each cell is a program of its own in a shared space.
    notebook = "\n".join(f"exec(compile({''.join(lines)!r}, 'cell', 'exec'), globals())" for lines in cells)
    notebook += "\nresults['rows'] = test"
    ours = eager_keras.run(notebook, tmp_path)
    saved = keras.models.load_model(tmp_path / "fused.keras")(case.samples[ours["rows"]], training=False).numpy()
    np.testing.assert_allclose(ours["after training"], saved, atol=1e-6)
    script = eager_keras.run(write_script(recipe, case.facts), tmp_path)
    np.testing.assert_allclose(ours["before training"], script["before training"], atol=1e-6)


def test_without_data_there_is_no_script() -> None:
    with pytest.raises(Refusal, match="needs a fusion graph and data"):
        write_script(Recipe(members=(Member(name="a", sha256="0", file_name="a"),), training=Training()), {})
