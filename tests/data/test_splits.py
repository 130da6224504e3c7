"""Splits by group, in order and with a share for calibration, against scikit-learn."""

import numpy as np
import pytest
from sklearn.model_selection import GroupShuffleSplit, train_test_split

from components.data.binding import propose
from components.data.check import check
from components.data.load import load_samples
from components.data.read import read_dataset
from components.data.samples import Samples
from components.data.split import split
from components.recipe import Refusal, Split


def samples(count, groups=None, order=None, classes=3):
    return Samples({}, np.arange(count) % classes, "multiclass", np.arange(count), (), groups, order)


def whole(made, count):
    parts = (made.training, made.validation, made.test, made.calibration)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(count))


def test_groups_stay_together_as_scikit_learn_draws_them():
    groups = np.random.default_rng(0).integers(0, 30, 400)
    made = split(samples(400, groups), Split(test=0.3, seed=5))
    whole(made, 400)
    apart = [set(groups[part]) for part in (made.training, made.validation, made.test)]
    assert not (apart[0] & apart[1] or apart[0] & apart[2] or apart[1] & apart[2])
    _, test = next(GroupShuffleSplit(1, test_size=9, random_state=5).split(groups, groups=groups))
    np.testing.assert_array_equal(made.test, np.sort(test))


def test_in_order_the_last_are_the_test():
    order = np.random.default_rng(0).permutation(100)
    made = split(samples(100, order=order), Split(validation=0.1, test=0.3, calibration=0.2))
    whole(made, 100)
    assert set(order[made.test]) == set(range(70, 100)) and set(order[made.validation]) == set(range(60, 70))
    assert set(order[made.calibration]) == set(range(40, 60))


def test_calibration_comes_from_the_training_share_and_keeps_the_classes():
    plain, made = (split(samples(300), Split(calibration=share)) for share in (0.0, 0.1))
    whole(made, 300)
    assert len(plain.calibration) == 0 and len(made.calibration) == 30
    np.testing.assert_array_equal(made.test, plain.test)
    np.testing.assert_array_equal(made.validation, plain.validation)
    np.testing.assert_array_equal(np.bincount(np.arange(300)[made.calibration] % 3), [10, 10, 10])


def test_without_more_it_is_two_calls_of_scikit_learn():
    classes = np.arange(97) % 3
    rest, test = train_test_split(np.arange(97), test_size=19, random_state=3, stratify=classes)
    training, validation = train_test_split(rest, test_size=19, random_state=3, stratify=classes[rest])
    made = split(samples(97), Split(seed=3))
    for ours, theirs in ((made.training, training), (made.validation, validation), (made.test, test)):
        np.testing.assert_array_equal(ours, np.sort(theirs))


@pytest.mark.parametrize(
    ("given", "shares", "sentence"),
    [
        (samples(50, np.arange(50) % 5), Split(group="g"), "5 groups"),
        (samples(50), Split(group="g", order="t"), "not both"),
        (samples(50), Split(validation=0.4, test=0.4, calibration=0.3), "calibration .30%. and test"),
    ],
)
def test_splits_that_cannot_be_made_are_refused(given, shares, sentence):
    with pytest.raises(Refusal, match=sentence):
        split(given, shares)


def test_columns_of_a_file_part_it(write):
    days = [f"2024-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(48)]
    days[7] = ""
    path = write([["a", "day", "person", "y"], *([n / 7, days[n], f"p{n % 8}", "" if n == 3 else n % 2] for n in range(48))])
    told = read_dataset(path, "t.csv", "0" * 64)
    data = propose(told)
    by_day = load_samples(data.model_copy(update={"split": Split(order="day")}), path)
    test = by_day.rows[split(by_day, Split(order="day")).test]
    latest = sorted((n for n in range(48) if n != 3), key=lambda n: days[n])[-len(test) :]
    assert sorted(days[n] for n in test) == sorted(days[n] for n in latest) and 7 not in test
    by_person = load_samples(data.model_copy(update={"split": Split(group="person")}), path)
    made = split(by_person, Split(group="person"))
    assert not {n % 8 for n in by_person.rows[made.training]} & {n % 8 for n in by_person.rows[made.test]}
    with pytest.raises(Refusal, match="split goes by “gone”"):
        check(data.model_copy(update={"split": Split(group="gone")}), told)
    with pytest.raises(Refusal, match="no “gone”"):
        load_samples(data.model_copy(update={"split": Split(group="gone")}), path)
