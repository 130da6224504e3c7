"""What is odd about a dataset is refused in one sentence, or told, and nothing is lost."""

import numpy as np
import pytest

from components.data.binding import inputs_of, propose, target_of
from components.data.bound import bind
from components.data.check import check
from components.data.load import load_samples
from components.data.read import read_dataset
from components.data.split import split
from components.recipe import Refusal, Split

RANDOM = np.random.default_rng(0)
A, B = RANDOM.normal(size=60).round(4), RANDOM.normal(size=60).round(4)


def told(path, data=None):
    facts = read_dataset(path, path.name, "0" * 64)
    data = data or propose(facts)
    check(data, facts)
    return data, " ".join(bind(data, path).notes)


def table(write, **columns):
    return write([list(columns), *map(list, zip(*columns.values(), strict=True))])


def test_a_dataset_without_oddities_is_told_nothing(write):
    _, notes = told(table(write, a=A, b=B, y=(A + B > 0).astype(int)))
    assert notes == ""


@pytest.mark.parametrize("y", [3 * A - 2, ["high" if value else "low" for value in A > 0]])
def test_a_column_that_says_the_target_is_told(write, y):
    same = A if isinstance(y, np.ndarray) else (A > 0).astype(int) * 5 - 1
    data, notes = told(table(write, b=B, same=same, y=y))
    assert "“same” says the same as the target “y” in every training sample. Take it out" in notes and "“b”" not in notes
    assert "same" in data.inputs[0].columns


def test_a_constant_column_is_told_and_trains_with_any_scaling(write):
    _, notes = told(table(write, a=A, c=np.full(60, 7), d=np.full(60, 8), y=(A > 0).astype(int)))
    assert "“c”, “d” have the same value in every training sample and tell the model nothing." in notes
    path = table(write, a=A, c=np.full(60, 7), y=(A > 0).astype(int))
    data, notes = told(path)
    assert "“c” has the same value in every training sample and tells the model nothing." in notes
    statistics = bind(data, path).statistics["x"]
    assert statistics.deviation[1] == 0 and np.isfinite(statistics.mean).all()


def test_a_class_in_the_test_split_alone_is_told(write):
    names = ["p", "q"] * 29 + ["rare", "p"]
    path = table(write, a=A, y=names)
    data = propose(read_dataset(path, path.name, "0" * 64))
    for seed in range(40):
        asked = data.model_copy(update={"split": Split(seed=seed)})
        splits = split(load_samples(asked, path), asked.split)
        _, notes = told(path, asked)
        assert "too rare to be in every split" in notes
        assert ("No training sample of “y” has “rare”" in notes) == (58 not in splits.training)
        if 58 in splits.test:
            return
    raise AssertionError("The rare class was never in the test split.")


def test_as_many_classes_as_rows_are_told(write):
    _, notes = told(table(write, a=A[:8], y=[f"c{row}" for row in range(8)]))
    assert "too rare" in notes and "so that cannot be learnt" in notes


@pytest.mark.parametrize(
    ("y", "sentence"),
    [
        ([""] * 60, "has a value in 0 of 60 rows"),
        ([*["p", "q"] * 2, *[""] * 56], "has a value in 4 of 60 rows; at least 6 are needed"),
        ([*[1.5, 2.5, 3.5], *[""] * 57], "has a value in 3 of 60 rows"),
        (["p"] * 60, "has the one class “p”"),
        ([2.5] * 60, "is 2.5 in every row"),
    ],
)
def test_a_target_that_teaches_nothing_is_refused(write, y, sentence):
    facts = read_dataset(table(write, a=A, y=y), "t.csv", "0" * 64)
    column = facts.columns[-1]
    data = propose(facts, target=target_of(column))
    with pytest.raises(Refusal, match=sentence):
        check(data, facts)


@pytest.mark.parametrize("rows", [1, 5])
def test_too_few_rows_are_refused(write, rows):
    facts = read_dataset(table(write, a=A[:rows], y=list(range(rows))), "t.csv", "0" * 64)
    with pytest.raises(Refusal, match=f"has {rows} samples; at least 6"):
        check(propose(facts), facts)


def test_further_targets_are_looked_at_too(write):
    path = table(write, a=A, copy=2 * B, y=(A > 0).astype(int), z=B)
    facts = read_dataset(path, path.name, "0" * 64)
    z = target_of(facts.columns[3])
    data = propose(facts, target=target_of(facts.columns[2]))
    data = data.model_copy(update={"others": (z,), "inputs": inputs_of(facts, ["y", "z"])})
    _, notes = told(path, data)
    assert "“copy” says the same as the target “z”" in notes
