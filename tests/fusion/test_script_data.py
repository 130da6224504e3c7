"""The part of the exported script that reads the data, run in a process with Keras alone, against what the app reads."""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from components.data.binding import propose
from components.data.check import check
from components.data.load import load_samples
from components.data.read import read_dataset
from components.data.split import split
from components.fusion.script.data import data_lines
from components.recipe import Data, Split
from tests.plain_keras import PlainKeras

RANDOM = np.random.default_rng(0)
HEAD = "from __future__ import annotations\nfrom collections.abc import Sequence\nfrom typing import Any\nimport numpy as np\n"


def frame() -> pd.DataFrame:
    """Numbers, words and truth values with gaps, times, and a number of a visit that several rows share."""
    table = pd.DataFrame(
        {
            "größe": RANDOM.normal(size=60) * 3000,
            "city": RANDOM.choice(["Köln", "Bonn", "Aachen"], 60),
            "day": [f"2024-{1 + row % 12:02}-{1 + row % 28:02}" for row in range(60)],
            "visit": np.arange(60) // 3,
            "member": RANDOM.choice([True, False], 60),
            "species": RANDOM.choice(["a", "b", "c"], 60),
        }
    )
    table.loc[[3, 9], "größe"] = np.nan
    table.loc[[4, 8], "city"] = None
    table.loc[5, "species"] = None
    return table


def german(path: Path) -> None:
    table = frame()
    table["größe"] = [
        "" if np.isnan(value) else f"{value:,.2f}".translate(str.maketrans(",.", ".,")) for value in table["größe"]
    ]
    table.to_csv(path, sep=";", index=True, encoding="cp1252")


def titled(path: Path) -> None:
    german(path)
    path.write_text('"Häuser; ""Bestand"", 2024"\n\n' + path.read_text(encoding="cp1252"), encoding="utf-16")


def parquet(path: Path) -> None:
    frame().set_index("visit", append=True).reset_index("visit").to_parquet(path)


def pictures(path: Path) -> None:
    modes = [("L", "PNG"), ("RGB", "JPEG"), ("RGBA", "PNG"), ("P", "GIF"), ("RGB", "BMP"), ("RGBA", "WEBP")]
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(30):
            mode, kind = modes[number % len(modes)]
            size = (9, 7 + number % 2, 4)
            file = io.BytesIO()
            Image.fromarray(RANDOM.integers(0, 255, size, dtype=np.uint8)).convert(mode).save(file, kind)
            part, name = ("train", "test")[number % 5 == 0], ("cat", "dog", "eel")[number % 3]
            archive.writestr(f"pets/{part}/{name}/{number}.{kind.lower()}", file.getvalue())
        archive.writestr("pets/train/cat/broken.png", b"nothing")
        archive.writestr("__MACOSX/pets/train/cat/._1.png", b"nothing")


CASES: dict[str, tuple[Callable[[Path], None], Split]] = {
    "table.csv": (german, Split()),
    "groups.csv": (german, Split(group="visit", test=0.3, seed=3)),
    "titled.csv": (titled, Split()),
    "table.parquet": (parquet, Split(order="day", calibration=0.1)),
    "pictures.zip": (pictures, Split(calibration=0.1, seed=1)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_script_reads_what_the_app_reads(name: str, eager_keras: PlainKeras, tmp_path: Path) -> None:
    write, shares = CASES[name]
    path = tmp_path / name
    write(path)
    facts = read_dataset(path, name, "0" * 64)
    data = propose(facts).model_copy(update={"split": shares})
    check(data, facts)
    results = eager_keras.run(HEAD + data_lines(data) + OUT, tmp_path)
    samples = load_samples(data, path)
    splits = split(samples, shares)
    np.testing.assert_array_equal(results["y"], samples.target)
    for input, array in samples.inputs.items():
        np.testing.assert_array_equal(results[input], array)
    for part in ("training", "validation", "test"):
        np.testing.assert_array_equal(results[part], getattr(splits, part))


OUT = "\nresults = {'y': target, 'training': training, 'validation': validation, 'test': test, **inputs}"


def test_a_recipe_read_back_says_the_same() -> None:
    data = Data.model_validate_json(
        '{"sha256": "1", "file_name": "a.csv", "inputs": [], "target": {"name": "y", "task": "binary"}}'
    )
    assert data.reading is None and data.split == Split() and Data.model_validate_json(data.model_dump_json()) == data


def test_a_workbook_is_read_by_pandas(tmp_path: Path) -> None:
    from tests.data.workbook import workbook

    path = tmp_path / "book.xlsx"
    workbook(path, [["Measured in 2024"], ["a", "b", "y"], *([n, n / 2, "no" if n % 2 else "yes"] for n in range(12))])
    script = data_lines(propose(read_dataset(path, path.name, "0" * 64)))
    calls = {
        node.func.attr
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert "read_excel" in calls and "read_sheet('book.xlsx', title_rows=1, header=True)" in script
