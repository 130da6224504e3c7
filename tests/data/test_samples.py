from types import SimpleNamespace

import numpy as np
import pytest
from sklearn import datasets
from sklearn.preprocessing import LabelEncoder

from components.data.binding import propose
from components.data.bound import bind
from components.data.examples import EXAMPLES, example_facts
from components.data.load import load_samples
from components.data.read import read_dataset
from components.data.samples import Samples
from components.data.split import split
from components.recipe import Refusal, Split

LOADERS = {
    "digits": datasets.load_digits,
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast-cancer": datasets.load_breast_cancer,
    "moons": lambda: _moons(),
    "diabetes": datasets.load_diabetes,
}


def _moons():
    places, numbers = datasets.make_moons(1000, noise=0.2, random_state=0)
    return SimpleNamespace(data=places, target=numbers)


def bound_file(path, **more):
    return propose(read_dataset(path, path.name, "0" * 64)).model_copy(update=more)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_scikit_learns_arrays(name):
    data = propose(example_facts(name))
    samples = load_samples(data, None)
    bunch = LOADERS[name]()
    (array,) = samples.inputs.values()
    np.testing.assert_array_equal(array.reshape(len(array), -1), bunch.data.astype(np.float32))
    np.testing.assert_array_equal(samples.target, bunch.target.astype(samples.target.dtype))
    kinds = {"multiclass": np.int64, "binary": np.float32, "regression": np.float32}
    assert array.dtype == np.float32 and samples.target.dtype == kinds[data.target.task] and samples.notes == ()


def test_classes_are_numbered_as_scikit_learn_numbers_them(write, iris_rows):
    path = write(iris_rows)
    samples = load_samples(bound_file(path), path)
    np.testing.assert_array_equal(samples.target, LabelEncoder().fit_transform([row[-1] for row in iris_rows[1:]]))


def test_gaps_are_dropped_filled_and_told(write):
    rows = [["a", "b", "y"], *([i, 100 + i, i % 2] for i in range(40))]
    rows[3][0] = rows[8][0] = ""
    rows[5][1] = "inf"
    rows[7][2] = ""
    path = write(rows)
    data = bound_file(path)
    samples = load_samples(data, path)
    raw = np.array([[np.nan if cell in ("", "inf") else cell for cell in row] for row in rows[1:] if row[2] != ""], float)
    training = split(samples, data.split).training
    expected = np.where(np.isnan(raw), np.nanmedian(raw[training], axis=0), raw)
    np.testing.assert_allclose(samples.inputs["x"], expected[:, :2])
    np.testing.assert_array_equal(samples.target, expected[:, 2])
    assert any("A sample has no target" in note for note in samples.notes)
    assert any("3 missing values" in note for note in samples.notes)


def test_pictures_get_the_shape_of_the_binding(write_npz):
    images = np.arange(20 * 6 * 4).reshape(20, 6, 4)
    path = write_npz(x=images, y=np.arange(20) % 2)
    samples = load_samples(bound_file(path), path)
    np.testing.assert_array_equal(samples.inputs["x"], images[..., None])


def test_a_file_that_changed_under_the_binding_is_refused(write):
    rows = [["a", "y"], *([i, i % 2] for i in range(20))]
    data = bound_file(write(rows))
    with pytest.raises(Refusal, match="no “a”"):
        load_samples(data, write([["b", "y"], *rows[1:]]))
    with pytest.raises(Refusal, match="holds “7”"):
        load_samples(data, write([*rows, [1, 7]]))
    with pytest.raises(Refusal, match="upload it again"):
        load_samples(data, None)


def multiclass(target):
    return Samples({}, np.asarray(target), "multiclass", np.arange(len(target)))


@pytest.mark.parametrize("shares", [Split(), Split(validation=0.1, test=0.3, seed=4), Split(stratify=False, seed=1)])
def test_shares_hold_and_splits_do_not_meet(shares):
    target = np.random.default_rng(0).choice(4, 1000, p=[0.5, 0.3, 0.15, 0.05])
    made = split(multiclass(target), shares)
    assert len(made.validation) == 1000 * shares.validation and len(made.test) == 1000 * shares.test
    together = np.concatenate([made.training, made.validation, made.test])
    np.testing.assert_array_equal(np.sort(together), np.arange(1000))
    if shares.stratify:
        for part in (made.training, made.validation, made.test):
            np.testing.assert_allclose(np.bincount(target[part]) / len(part), np.bincount(target) / 1000, atol=0.01)


def test_a_split_depends_on_its_seed_alone():
    target = np.arange(300) % 3
    first, again, other = (split(multiclass(target), Split(seed=seed)) for seed in (7, 7, 8))
    np.testing.assert_array_equal(first.validation, again.validation)
    assert not np.array_equal(first.validation, other.validation)


def test_the_test_split_stays_when_the_validation_share_changes():
    target = np.arange(300) % 3
    small, large = (split(multiclass(target), Split(validation=share)) for share in (0.1, 0.4))
    np.testing.assert_array_equal(small.test, large.test)


def test_a_class_with_one_sample_is_told():
    made = split(multiclass([0] * 30 + [1] * 30 + [2]), Split())
    assert "too rare" in made.notes[0] and len(made.training) == 61 - 12 - 12


def test_too_few_samples_or_no_training_share_are_refused():
    with pytest.raises(Refusal, match="5 usable"):
        split(multiclass([0] * 5), Split())
    with pytest.raises(Refusal, match="none for training"):
        split(multiclass([0, 1] * 10), Split(validation=0.5, test=0.5))


def test_statistics_are_those_of_the_training_split():
    data = propose(example_facts("wine"))
    bound = bind(data, None)
    wine = datasets.load_wine()
    training = wine.data[split(load_samples(data, None), data.split).training]
    assert (bound.training, bound.validation, bound.test) == (106, 36, 36)
    assert bound.class_counts == tuple(np.bincount(wine.target))
    told = bound.statistics["x"]
    np.testing.assert_allclose(told.mean, training.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(told.deviation, training.std(axis=0), rtol=1e-5)
    assert (told.minimum, told.maximum) == pytest.approx((training.min(), training.max()))


def test_rows_say_where_samples_stand_in_the_file(tmp_path):
    table = tmp_path / "gaps.csv"
    table.write_text("a,b,y\n" + "".join(f"{n},{n * 2},{'' if n % 3 == 1 else n % 2}\n" for n in range(40)))
    facts = read_dataset(table, "gaps.csv", "0" * 64)
    samples = load_samples(propose(facts), table)
    assert samples.rows.tolist() == [n for n in range(40) if n % 3 != 1]
    assert samples.inputs["x"][:, 0].tolist() == samples.rows.tolist()
