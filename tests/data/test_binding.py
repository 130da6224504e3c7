import subprocess
import sys

import numpy as np
import pytest
from sklearn import datasets

from components.data.binding import inputs_of, propose, target_of, with_targets
from components.data.check import check
from components.data.examples import EXAMPLES, example_facts
from components.data.facts import Column, DatasetFacts
from components.data.read import read_dataset
from components.models.facts import MemberFacts
from components.recipe import Input, Refusal, Target, Tensor


def member(head, units, shape=(64,)):
    tensors = {"inputs": (Tensor(name="x", shape=shape),), "outputs": (Tensor(name="y", shape=(units,)),)}
    return MemberFacts(
        sha256="0" * 64,
        file_name="m.h5",
        size=1,
        format="h5",
        keras_version=None,
        head=head,
        parameters=1,
        layers=(),
        **tensors,
    )


def facts(*columns, rows=100):
    return DatasetFacts(sha256="0" * 64, file_name="t.csv", size=1, format="csv", rows=rows, columns=columns)


def number(name, **more):
    return Column(name=name, kind="number", minimum=0, maximum=1, **more)


def classed(name, classes=("0", "1"), kind="integer", **more):
    return Column(name=name, kind=kind, classes=classes, counts=(10,) * len(classes), minimum=0, maximum=1, **more)


@pytest.mark.parametrize(
    ("name", "task", "classes", "shape"),
    [
        ("digits", "multiclass", tuple("0123456789"), (8, 8, 1)),
        ("iris", "multiclass", ("setosa", "versicolor", "virginica"), (4,)),
        ("wine", "multiclass", ("class_0", "class_1", "class_2"), (13,)),
        ("breast-cancer", "binary", ("malignant", "benign"), (30,)),
        ("moons", "binary", ("upper", "lower"), (2,)),
        ("diabetes", "regression", (), (10,)),
    ],
)
def test_each_example_is_bound_to_what_it_is_for(name, task, classes, shape):
    assert name in EXAMPLES
    told = example_facts(name)
    data = propose(told)
    assert (data.target.task, data.target.classes) == (task, classes)
    assert [each.shape for each in data.inputs] == [shape]
    check(data, told)


def test_every_example_is_covered_above():
    assert set(EXAMPLES) == {"digits", "iris", "wine", "breast-cancer", "moons", "diabetes"}


@pytest.mark.parametrize(
    ("columns", "target"),
    [
        ((number("a"), classed("b")), "b"),
        ((classed("Class"), number("a"), classed("b")), "Class"),
        ((classed("label"), classed("target"), number("z")), "target"),
        ((number("a"), number("price")), "price"),
        ((number("a"), classed("b"), Column(name="remark", kind="text")), "b"),
    ],
)
def test_the_target_is_named_like_one_or_stands_last(columns, target):
    assert propose(facts(*columns)).target.name == target


@pytest.mark.parametrize(
    ("column", "members", "task"),
    [
        (classed("y"), (), "binary"),
        (classed("y", ("a", "b", "c"), "text"), (), "multiclass"),
        (classed("y", ("false", "true"), "boolean"), (), "binary"),
        (classed("y", tuple(map(str, range(10)))), (), "multiclass"),
        (classed("y", tuple(map(str, range(10)))), (member("linear", 1),), "regression"),
        (classed("y", tuple(map(str, range(50)))), (), "regression"),
        (classed("y", tuple(map(str, range(50)))), (member("softmax", 50),), "multiclass"),
        (number("y", classes=("0.5", "1.5"), counts=(1, 1)), (), "regression"),
    ],
)
def test_the_task_follows_values_and_members(column, members, task):
    assert propose(facts(number("a"), column), members).target.task == task


def test_inputs_are_all_other_numbers_in_order():
    columns = (Column(name="id", kind="integer"), number("b"), Column(name="t", kind="text"), classed("a"), classed("y"))
    assert propose(facts(*columns)).inputs == (Input(name="x", columns=("b", "a"), shape=(2,)),)


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        *[(name, False) for name in ("id", "Index", "row_id", "patient id", "Patient-ID", "SampleID", "userId", "ID")],
        *[(name, True) for name in ("covid", "PAID", "body mass index", "id_count", "grid", "row width")],
    ],
)
def test_what_only_tells_rows_apart_is_not_proposed(name, proposed):
    told = facts(Column(name=name, kind="integer"), number("b"), classed("y"))
    assert propose(told).inputs[0].columns == ((name, "b") if proposed else ("b",))
    assert inputs_of(told, ["y"], only=[name, "b"])[0].columns == (name, "b"), "who wants it may have it"


@pytest.mark.parametrize(("taken", "shape"), [((64,), (8, 8, 1)), ((8, 8, 1), (8, 8, 1)), ((8, 8), (8, 8))])
def test_a_picture_has_channels_unless_a_member_takes_rows(taken, shape):
    columns = (Column(name="X pixels", kind="integer", shape=(8, 8)), classed("y", ("0", "1", "2")))
    (bound,) = propose(facts(*columns), (member("softmax", 3, taken),)).inputs
    assert (bound.name, bound.array, bound.shape) == ("x-pixels", "X pixels", shape)


def test_several_arrays_are_several_inputs():
    columns = (number("left", shape=(4,)), number("Left", shape=(2, 2, 3)), number("age"), classed("y"))
    assert [each.name for each in propose(facts(*columns)).inputs] == ["x", "left", "left-2"]


def changed(told, **more):
    return propose(told).model_copy(update=more)


def test_nothing_to_feed_the_model_is_refused():
    with pytest.raises(Refusal, match="no numbers beside"):
        propose(facts(Column(name="a", kind="text"), classed("y")))


GOOD = facts(number("a"), number("b"), Column(name="t", kind="text"), number("p", shape=(2, 2)), classed("y"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"target": Target(name="gone", task="binary", classes=("0", "1"))}, "no column “gone”.*it has “a”, “b”"),
        ({"target": Target(name="t", task="multiclass")}, "too many different values"),
        ({"target": Target(name="t", task="regression")}, "regression needs numbers"),
        ({"target": Target(name="p", task="regression")}, "one value a sample"),
        ({"target": Target(name="y", task="binary", classes=("0", "2"))}, "holds “1”"),
        ({"target": Target(name="y", task="binary", classes=("0", "1", "2"))}, "a yes/no task has two"),
        ({"inputs": ()}, "No input"),
        ({"inputs": (Input(name="x", columns=("a", "gone"), shape=(2,)),)}, "“gone”"),
        ({"inputs": (Input(name="x", columns=("a", "y"), shape=(2,)),)}, "is the target and also"),
        ({"inputs": (Input(name="x", columns=("a", "t"), shape=(2,)),)}, "holds text"),
        ({"inputs": (Input(name="x", columns=("a", "p"), shape=(2,)),)}, "mixes columns and arrays"),
        ({"inputs": (Input(name="x", array="p", shape=(3, 2)),)}, "4 values a sample"),
        ({"inputs": (Input(name="x", columns=("a",), shape=(1,)),) * 2}, "same name"),
    ],
)
def test_what_does_not_fit_is_one_sentence(changes, sentence):
    check(propose(GOOD), GOOD)
    with pytest.raises(Refusal, match=sentence):
        check(changed(GOOD, **changes), GOOD)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (facts(number("a"), classed("y", ("1",))), "one class"),
        (facts(number("a"), Column(name="y", kind="number", minimum=2, maximum=2)), "nothing to learn"),
        (facts(number("a"), classed("y"), rows=5), "5 samples"),
    ],
)
def test_a_target_without_choice_is_refused(told, sentence):
    with pytest.raises(Refusal, match=sentence):
        check(propose(told), told)


def test_a_table_from_disk_is_proposed_whole(write):
    digits = datasets.load_digits()
    names = [*digits.feature_names, "target"]
    path = write([names, *np.column_stack([digits.data, digits.target]).astype(int).tolist()])
    told = read_dataset(path, "digits.csv", "1" * 64)
    data = propose(told, (member("softmax", 10),))
    check(data, told)
    assert data.inputs == (Input(name="x", columns=tuple(digits.feature_names), shape=(64,)),)
    assert data.target == Target(name="target", task="multiclass", classes=tuple("0123456789"))


def test_binding_is_light():
    heavy = "{'pandas', 'sklearn', 'keras', 'tensorflow'}"
    script = f"import sys, components.data.binding, components.data.examples; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_the_only_column_of_words_among_numbers_is_the_target(tmp_path):
    table = tmp_path / "first.csv"
    table.write_text("what;a;b\n" + "".join(f"class {n % 3};{n};{n % 2}\n" for n in range(30)))
    data = propose(read_dataset(table, "first.csv", "0" * 64))
    assert data.target.name == "what" and data.target.classes == ("class 0", "class 1", "class 2")
    assert data.inputs[0].columns == ("a", "b")


def test_further_targets_leave_the_inputs_and_the_others_stay():
    told = facts(number("a"), number("b"), number("c"), classed("p"), classed("y"))
    data = propose(told)
    chosen = data.model_copy(update={"inputs": inputs_of(told, ["y"], only=["a", "c"])})
    both = with_targets(chosen, told, [target_of(told.columns[2]), target_of(told.columns[3])])
    assert [each.name for each in both.targets] == ["y", "c", "p"] and both.inputs[0].columns == ("a",)
    check(both, told)
    assert with_targets(both, told, []).inputs == both.inputs
    with pytest.raises(Refusal, match="no numbers beside"):
        with_targets(both, told, [target_of(told.columns[0])])


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ((Target(name="y", task="binary", classes=("0", "1")),), "“y” is predicted twice"),
        ((Target(name="b", task="regression"),), "“b” is the target and also flows"),
        ((Target(name="gone", task="regression"),), "no column “gone”"),
        ((Target(name="t", task="regression"),), "regression needs numbers"),
    ],
)
def test_further_targets_are_checked_as_the_first(others, sentence):
    data = propose(GOOD)
    with pytest.raises(Refusal, match=sentence):
        check(data.model_copy(update={"others": others}), GOOD)
