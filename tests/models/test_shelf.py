"""The members that come with the app open as any upload does, and reach the score that their cards state."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn import datasets
from sklearn.model_selection import train_test_split

from components.models.intake import open_member
from tests.plain_keras import PlainKeras

FOLDER = Path(__file__).parents[2] / "assets" / "members"
MEMBERS = json.loads((FOLDER / "members.json").read_text())
LOADERS = {
    "example:digits": datasets.load_digits,
    "example:breast-cancer": datasets.load_breast_cancer,
    "example:diabetes": datasets.load_diabetes,
    "example:wine": datasets.load_wine,
}


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member["name"])
def test_reaches_its_score(member: dict[str, object], plain_keras: PlainKeras, tmp_path: Path) -> None:
    path = FOLDER / str(member["file"])
    assert path.stat().st_size < 150_000
    facts = open_member(path, path.name, tmp_path / "member.keras")
    bunch = LOADERS[str(member["dataset"])]()
    classes = None if member["dataset"] == "example:diabetes" else bunch.target
    count = len(bunch.data)
    _, test = train_test_split(np.arange(count), test_size=round(0.2 * count), random_state=0, stratify=classes)
    own = member.get("classes", [])
    test = test[np.isin(bunch.target[test], [int(number) for number in own])] if own else test
    x = bunch.data[test].astype("float32") / (16 if member["scaling"] == "unit" else 1)
    (y,) = plain_keras.predict(tmp_path / "member.keras", [x.reshape(len(test), *facts.inputs[0].shape)])
    truth = bunch.target[test]
    if facts.head == "linear":
        score = np.abs(y[:, 0] - truth).mean()
    elif facts.head == "sigmoid":
        score = ((y[:, 0] > 0.5) == truth).mean()
    else:
        units = np.array(own, int) if member.get("own_head") else np.arange(y.shape[1])
        score = (units[y.argmax(axis=1)] == truth).mean()
    assert score == pytest.approx(member["score"], abs=2e-3 if facts.head != "linear" else 0.1)
    assert facts.cut_layer is not None and facts.notes == ()


def test_the_script_makes_every_member_that_is_listed() -> None:
    tree = ast.parse((FOLDER / "train_members.py").read_text())
    [recipes] = [node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RECIPES"]
    made = [ast.literal_eval(each.keywords[0].value) for each in recipes.elts]  # type: ignore[attr-defined]
    assert made == [member["name"] for member in MEMBERS]
    assert {path.name for path in FOLDER.glob("*.keras")} == {member["file"] for member in MEMBERS}
