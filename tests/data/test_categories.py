"""Words as inputs, against pandas and scikit-learn, fitted on the training split alone."""

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from components.data.binding import inputs_of, propose
from components.data.check import check
from components.data.load import load_samples
from components.data.read import read_dataset
from components.data.split import split
from components.recipe import Refusal, Split
from tests.data.test_binding import classed, facts, member, number

RANDOM = np.random.default_rng(0)


@pytest.fixture
def table(tmp_path):
    """A table of numbers and words with gaps: path and frame."""
    frame = pd.DataFrame(
        {
            "city": RANDOM.choice(["Bonn", "Ulm", "Kiel"], 60, p=[0.6, 0.3, 0.1]),
            "age": RANDOM.normal(size=60).round(3),
            "shape": RANDOM.choice(["round", "flat"], 60),
            "name": [f"n{row}" for row in range(60)],
            "y": RANDOM.integers(0, 2, 60),
        }
    )
    frame.loc[[4, 11, 30], "city"] = None
    frame.loc[[7, 9], "age"] = np.nan
    frame.loc[12, "city"] = "Rom"
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    return path, frame


def read(path):
    return read_dataset(path, path.name, "0" * 64)


def test_words_are_one_hot_as_scikit_learn_has_them(table):
    path, frame = table
    data = propose(read(path))
    check(data, read(path))
    (given,) = data.inputs
    assert given.columns == ("age", "city", "shape") and given.shape == (7,)
    assert given.categories == {"city": ("Bonn", "Kiel", "Rom", "Ulm"), "shape": ("flat", "round")}
    samples = load_samples(data, path)
    training = split(samples, data.split).training
    words = frame[["city", "shape"]].astype(object).where(frame[["city", "shape"]].notna(), None).to_numpy()
    full = SimpleImputer(missing_values=None, strategy="most_frequent").fit(words[training]).transform(words)
    encoder = OneHotEncoder(categories=[list(each) for each in given.categories.values()]).fit(full[training])
    expected = encoder.transform(full).toarray()
    if not (words[training, 0] == "Rom").any():
        expected[words[:, 0] == "Rom", :4] = 0
    np.testing.assert_array_equal(samples.inputs["x"][:, 1:], expected)
    ages = SimpleImputer(strategy="median").fit(frame[["age"]].to_numpy()[training]).transform(frame[["age"]].to_numpy())
    np.testing.assert_array_equal(samples.inputs["x"][:, :1], ages.astype("float32"))
    told = " ".join(samples.notes)
    assert "Not used: “name”" in told and "Missing values of “city” (3)" in told


def test_without_gaps_it_is_what_get_dummies_makes(table):
    path, frame = table
    frame = frame.dropna()
    frame = frame[frame["city"] != "Rom"]
    frame.to_csv(path, index=False)
    samples = load_samples(propose(read(path)), path)
    expected = pd.get_dummies(frame[["city", "age", "shape"]], dtype="float32")
    np.testing.assert_array_equal(samples.inputs["x"], expected.to_numpy("float32"))


def test_what_no_training_sample_has_is_nothing(table):
    path, _ = table
    data = propose(read(path))
    for seed in range(20):
        samples = load_samples(data.model_copy(update={"split": Split(seed=seed)}), path)
        trained = 12 in split(samples, Split(seed=seed)).training
        assert samples.inputs["x"][12, 1:5].tolist() == [0, 0, float(trained), 0]
        assert any("No training sample of “city” is “Rom”" in note for note in samples.notes) != trained
        if not trained:
            return
    raise AssertionError("The rare word was always in the training split.")


def word(name, count):
    return classed(name, tuple(f"w{n}" for n in range(count)), "text")


COLUMNS = (number("a"), word("b", 3), number("c"), word("many", 21), classed("y"))


@pytest.mark.parametrize(
    ("members", "columns"),
    [
        ((), ("a", "c", "b")),
        ((member("softmax", 2, (2,)),), ("a", "c")),
        ((member("softmax", 2, (5,)),), ("a", "c", "b")),
        ((member("softmax", 2, (9,)),), ("a", "c")),
    ],
)
def test_words_are_proposed_where_members_have_room_for_them(members, columns):
    (given,) = propose(facts(*COLUMNS), members).inputs
    assert given.columns == columns


def test_words_of_many_values_feed_where_a_person_names_them():
    (given,) = inputs_of(facts(*COLUMNS), ["y"], only=["many", "a"])
    assert given.columns == ("a", "many") and given.shape == (22,)


def test_words_without_categories_are_refused():
    told = facts(*COLUMNS)
    data = propose(told)
    wrong = data.inputs[0].model_copy(update={"categories": {}})
    with pytest.raises(Refusal, match="“b”, which holds text"):
        check(data.model_copy(update={"inputs": (wrong,)}), told)
