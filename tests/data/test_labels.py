"""Several labels at once, against scikit-learn and pandas."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MultiLabelBinarizer

from components.data.binding import inputs_of, propose, target_of_labels
from components.data.bound import bind
from components.data.check import check
from components.data.load import load_samples
from components.data.read import read_dataset
from components.data.split import split
from components.data.stand_in import stand_in
from components.recipe import Data, Refusal, Target
from tests.data.test_binding import classed, facts, member, number

RANDOM = np.random.default_rng(1)
NAMES = np.array(["action", "crime", "drama"])
APPLIES = RANDOM.random((60, 3)) < 0.4
LABELS = [NAMES[row] for row in APPLIES]


def read(path):
    return read_dataset(path, path.name, "0" * 64)


@pytest.fixture(params=["text", "columns", "array"])
def stored(request, tmp_path):
    """The same labels three times: as words in one column, as columns of 0 and 1, and as an array."""
    values = RANDOM.normal(size=60).round(3)
    path = tmp_path / ("t.npz" if request.param == "array" else "t.csv")
    if request.param == "array":
        np.savez(path, x=values, y=APPLIES.astype(int))
    elif request.param == "text":
        pd.DataFrame({"a": values, "genres": [" | ".join(row) for row in LABELS]}).to_csv(path, index=False)
    else:
        pd.DataFrame({"a": values, **dict(zip(NAMES, APPLIES.T.astype(int), strict=True))}).to_csv(path, index=False)
    return request.param, path


def test_labels_are_zeros_and_ones_as_scikit_learn_has_them(stored):
    kind, path = stored
    data = propose(read(path), [member("sigmoid", 3, (1,))])
    check(data, read(path))
    names = ("0", "1", "2") if kind == "array" else tuple(NAMES)
    assert (data.target.task, data.target.classes) == ("multilabel", names)
    assert [each.name for each in data.inputs] == ["x"] and not set(data.inputs[0].columns) & set(data.target.sources)
    samples = load_samples(data, path)
    expected = MultiLabelBinarizer(classes=list(NAMES)).fit_transform(LABELS)
    np.testing.assert_array_equal(samples.target, expected)
    assert samples.target.dtype == np.float32
    assert bind(data, path).class_counts == tuple(expected.sum(axis=0))
    nothing = int((expected.sum(axis=1) == 0).sum())
    assert any(f"{nothing} samples name no label" in note for note in samples.notes) == (kind == "text")


def test_sets_of_labels_keep_their_shares_where_each_is_often_enough(stored):
    _, path = stored
    data = propose(read(path), [member("sigmoid", 3, (1,))])
    sets = APPLIES @ [4, 2, 1]
    made = split(load_samples(data, path), data.split)
    rare = np.unique(sets, return_counts=True)[1].min() <= 2
    stratify = None if rare else sets
    _, test = train_test_split(np.arange(60), test_size=12, random_state=0, stratify=stratify)
    np.testing.assert_array_equal(made.test, np.sort(test))
    assert bool(made.notes) == rare


def test_few_sets_of_labels_keep_their_shares(write_npz):
    labels = np.array([[1, 0], [0, 0], [1, 1]])[np.arange(90) % 3]
    path = write_npz(x=np.arange(90.0), y=labels)
    data = propose(read(path))
    samples = load_samples(data, path)
    made = split(samples, data.split)
    for part in (made.training, made.validation, made.test):
        np.testing.assert_allclose(samples.target[part].mean(axis=0), [2 / 3, 1 / 3])


def test_a_rare_set_of_labels_is_told(write_npz):
    path = write_npz(x=np.arange(30.0), y=np.array([[1, 0]] * 29 + [[1, 1]]))
    data = propose(read(path))
    assert "set of labels is too rare" in " ".join(split(load_samples(data, path), data.split).notes)


def test_a_sample_without_a_label_of_its_own_is_left_out(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,p,q\n" + "".join(f"{n},{n % 2},{'' if n == 4 else n % 3 % 2}\n" for n in range(30)))
    target = target_of_labels(read(path).columns[1:])
    data = propose(read(path), target=target)
    samples = load_samples(data, path)
    assert len(samples.target) == 29 and 4 not in samples.rows
    assert "A sample has no target and was left out." in samples.notes


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["red;blue", "blue", "red; green", "green"], ("blue", "green", "red")),
        (["a|b", "b|a"], ("a", "b")),
        (["Smith, John", "Doe, Jane", "Poe, Ann"], ()),
        (["one", "two", "one"], ()),
        (["x, y", "y, x"], ("x", "y")),
    ],
)
def test_labels_in_text_are_recognised_by_a_mark_and_by_recurring(cells, found, write):
    path = write([["t", "y"], *([cell, n] for n, cell in enumerate(cells * 2 if found else cells))])
    assert read(path).columns[0].labels == found


def test_commas_are_offered_and_bars_are_proposed(write):
    rows = [[n, ("p, q", "q, r", "r, p")[n % 3]] for n in range(30)]
    assert propose(read(write([["a", "tags"], *rows]))).target.task == "multiclass"
    assert (
        propose(read(write([["a", "tags"], *([n, cell.replace(", ", "|")] for n, cell in rows)]))).target.task == "multilabel"
    )


def test_members_that_say_yes_or_no_to_several_stand_in_for_a_dataset():
    assert stand_in([member("sigmoid", 3)]).target == Target(name="target", task="multilabel", classes=("0", "1", "2"))


GOOD = facts(number("a"), classed("p"), classed("q"), classed("r", ("0", "1", "2")))


def labelled(target):
    return Data(sha256="0", file_name="t.csv", target=target, inputs=inputs_of(GOOD, target.sources, only=["a"]))


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (Target(name="x", task="multilabel", classes=("p", "gone"), columns=("p", "gone")), "no column “gone”"),
        (Target(name="x", task="multilabel", classes=("p", "r"), columns=("p", "r")), "“r” of the target “x” holds something"),
        (Target(name="x", task="multilabel", classes=("p",), columns=("p",)), "has 1 label; at least two"),
        (Target(name="x", task="multilabel", classes=("p", "s"), columns=("p", "q")), "has the labels “p”, “q”"),
        (Target(name="q", task="multilabel", classes=("0", "1")), "does not hold several labels"),
    ],
)
def test_labels_that_do_not_fit_are_one_sentence(target, sentence):
    check(labelled(target_of_labels(GOOD.columns[1:3])), GOOD)
    with pytest.raises(Refusal, match=sentence):
        check(labelled(target), GOOD)


@pytest.mark.parametrize(
    ("rows", "target", "sentence"),
    [
        ([[1, "a;b"], [2, "c;a"]], Target(name="y", task="multilabel", classes=("a", "b"), separator="semicolon"), "names “c”"),
        ([[1, 0.5], [2, 1]], Target(name="y", task="multilabel", classes=("a", "x"), columns=("a", "y")), "other numbers"),
        ([[1, "t"], [0, "u"]], Target(name="y", task="multilabel", classes=("a", "x"), columns=("a", "y")), "holds text"),
        ([[1, 2], [2, 1]], Target(name="y", task="multilabel", classes=("a", "b"), separator="bar"), "holds numbers"),
        ([[1, 2], [2, 1]], Target(name="y", task="multilabel", classes=("a", "b"), columns=("a", "b")), "lacks a column"),
    ],
)
def test_a_file_that_changed_under_the_labels_is_refused(rows, target, sentence, write):
    path = write([["a", "y"], *rows * 10])
    data = propose(read(path)).model_copy(update={"target": target})
    with pytest.raises(Refusal, match=sentence):
        load_samples(data, path)
