"""What a plan adapts, what it says of it, and what it refuses."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from components.data.facts import Bound, Statistics
from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import Plan, plan
from components.recipe import AdapterNode, FusionGraph, InputNode, MemberNode, OperatorNode, OutputNode, Refusal, Target
from tests.fusion.members import CASES, Case, convolutional, dense, two_outputs, with_positions


def _sentences(planned: Plan) -> list[str]:
    return [note.sentence for note in planned.notes]


def test_each_adapter_is_told_with_its_reason() -> None:
    planned = CASES["images and vectors"]().plan("average")
    assert _sentences(planned) == [
        "Softmax, since cnn ends in logits and the target takes probabilities.",
        "Flatten, since mlp takes 12 numbers and the data are 4 × 3 × 1.",
    ]
    adapters = [node.id for node in planned.graph.nodes if isinstance(node, AdapterNode)]
    assert adapters == [note.node for note in planned.notes]


def test_a_rule_over_classes_takes_both_classes_of_a_yes_no_member_as_they_are() -> None:
    assert _sentences(CASES["sigmoid and two classes"]().plan("majority-vote"))[:-2] == [
        "Two classes, since one gives one probability and the target has 2 classes."
    ]
    assert _sentences(CASES["score and two logits"]().plan("product"))[:-1] == [
        "Sigmoid, since one ends in a score.",
        "Two classes, since one gives one probability and the target has 2 classes.",
        "Logarithm, since one gives probabilities and the rule takes logits.",
    ]


def test_one_image_feeds_members_of_other_sizes_and_channels() -> None:
    planned = CASES["images of other sizes"]().plan("average")
    assert "Channel repeat, since colour takes 3 channels and the data have 1." in _sentences(planned)
    assert "Resizing, since colour takes 8 × 8 pixels and the data have 4 × 3." in _sentences(planned)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_explains_itself(layout: str) -> None:
    described = LAYOUTS[layout]
    assert described.title and described.formula and described.reference
    assert described.summary.endswith(".") and described.chinese


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("members", [2, 3, 16])
def test_every_layout_takes_as_many_members_as_it_says(layout: str, members: int) -> None:
    model = with_positions()
    case = Case({f"member-{number}": model for number in range(members)})
    if members < LAYOUTS[layout].fewest:
        with pytest.raises(Refusal, match=f"members; {members} chosen"):
            case.plan(layout)
        return
    planned = case.plan(layout)
    assert {node.member for node in planned.graph.nodes if isinstance(node, MemberNode)} == set(case.models)


@pytest.mark.parametrize("members", [1, 17])
def test_too_few_and_too_many_members_are_refused(members: int) -> None:
    model = dense()
    with pytest.raises(Refusal, match=f"2 to 16 members; {members} chosen"):
        Case({f"member-{number}": model for number in range(members)}).plan("average")


def test_two_members_of_one_name_are_refused() -> None:
    case = CASES["dense and dense, equal layer names"]()
    with pytest.raises(Refusal, match="2 members are called a"):
        plan("average", {}, [case.members[0], case.members[0]], case.data, None)


@pytest.mark.parametrize(
    ("layout", "options", "words"),
    [
        ("maelstrom", {}, "No layout is called"),
        ("average", {"speed": 1}, "“speed” of average"),
        ("series", {"through": "x"}, "through"),
    ],
)
def test_unknown_layouts_and_options_are_refused(layout: str, options: dict[str, object], words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        CASES["dense and dense, equal layer names"]().plan(layout, **options)
    assert words in refusal.value.sentence


def test_joint_has_an_input_and_an_output_for_each_member_fed_by_the_same_data() -> None:
    graph = CASES["images and vectors"]().plan("joint").graph
    inputs = [node for node in graph.nodes if isinstance(node, InputNode)]
    assert [node.binding for node in inputs] == ["x", "x"] and len({node.id for node in inputs}) == 2
    assert sum(isinstance(node, OutputNode) for node in graph.nodes) == 2


def _statistics(samples: np.ndarray) -> Bound:
    flat = samples.reshape(len(samples), -1).astype("float64")
    statistics = Statistics(
        minimum=flat.min(), maximum=flat.max(), mean=tuple(flat.mean(axis=0)), deviation=tuple(flat.std(axis=0))
    )
    return Bound(training=len(samples), validation=1, test=1, statistics={"x": statistics})


@pytest.mark.parametrize("shape", [(12,), (4, 3, 1)])
def test_each_member_gets_its_own_scaling_as_scikit_learn_does_it(shape: tuple[int, ...]) -> None:
    case = Case(
        {"unit": dense(), "standard": dense()},
        shape,
        settings={"unit": {"scaling": "unit"}, "standard": {"scaling": "standard"}},
    )
    case.samples[..., 1, 0] = 7.0 if len(shape) == 3 else case.samples[..., 1, 0]
    planned = plan("average", {}, case.members, case.data, _statistics(case.samples))
    model = build(case.recipe_of(planned.graph), case.models)
    flat = case.samples.reshape(40, 12)
    unit = MinMaxScaler().fit(flat.reshape(-1, 1)).transform(flat.reshape(-1, 1)).reshape(40, 12)
    standard = StandardScaler().fit_transform(flat.astype("float64"))
    expected = (case.models["unit"](unit).numpy() + case.models["standard"](standard).numpy()) / 2
    np.testing.assert_allclose(case.predict(model)[0], expected, atol=1e-5)


def test_an_image_member_is_standardised_by_channel() -> None:
    case = Case(
        {"a": convolutional((4, 3, 2)), "b": convolutional((4, 3, 2))}, (4, 3, 2), settings={"a": {"scaling": "standard"}}
    )
    planned = plan("average", {}, case.members, case.data, _statistics(case.samples))
    scale = next(node.options for node in planned.graph.nodes if isinstance(node, AdapterNode) and node.operator == "rescale")
    deviations = case.samples.astype("float64").std(axis=(0, 1, 2))
    np.testing.assert_allclose(scale["scale"], 1 / deviations, rtol=1e-6)
    np.testing.assert_allclose(scale["offset"], -case.samples.astype("float64").mean(axis=(0, 1, 2)) / deviations, rtol=1e-6)


def _photographs(top: float, shape: tuple[int, ...] = (4, 3, 3), **scalings: str) -> tuple[Case, Plan]:
    """Two members that take colour images, and images from 0 to `top` without a white pixel."""
    case = Case(
        {name: convolutional(shape) for name in scalings},
        shape,
        settings={name: {"scaling": scaling} for name, scaling in scalings.items()},
    )
    case.samples = (case.samples / case.samples.max() * 0.9 * top).astype("float32")
    return case, plan("average", {}, case.members, case.data, _statistics(case.samples))


@pytest.mark.parametrize("top", [1.0, 255.0])
@pytest.mark.parametrize(("scaling", "mode"), [("symmetric", "tf"), ("torch", "torch"), ("caffe", "caffe")])
def test_images_come_as_keras_applications_prepares_them(scaling: str, mode: str, top: float) -> None:
    case, planned = _photographs(top, a=scaling, b="pixels")
    model = build(case.recipe_of(planned.graph), case.models)
    pixels = case.samples * (255 / top)
    prepared = keras.applications.imagenet_utils.preprocess_input(pixels.copy(), mode=mode)
    expected = [keras.ops.softmax(case.models[name](x, training=False)).numpy() for name, x in (("a", prepared), ("b", pixels))]
    np.testing.assert_allclose(case.predict(model)[0], np.mean(expected, axis=0), atol=1e-5)


def test_pixels_that_are_right_already_take_no_adapter() -> None:
    _, planned = _photographs(255.0, a="pixels", b="none")
    assert not [node for node in planned.graph.nodes if isinstance(node, AdapterNode) and node.operator == "rescale"]


def test_grey_images_are_coloured_before_they_meet_the_means_of_colours() -> None:
    case = Case({"a": convolutional((4, 3, 3)), "b": dense()}, (4, 3, 1), settings={"a": {"scaling": "caffe"}})
    planned = plan("average", {}, case.members, case.data, _statistics(case.samples))
    order = [node.operator for node in planned.graph.nodes if isinstance(node, AdapterNode) and node.id.endswith("-a")]
    assert order == ["channel-repeat", "channel-reverse", "rescale", "softmax"]


def test_a_mode_for_colours_is_refused_for_columns() -> None:
    case = Case({"a": dense(), "b": dense()}, settings={"a": {"scaling": "torch"}})
    with pytest.raises(Refusal, match="3 colours, and receives 12 numbers"):
        plan("average", {}, case.members, case.data, _statistics(case.samples))


def test_scaling_without_statistics_is_refused() -> None:
    case = Case({"a": dense(), "b": dense()}, settings={"a": {"scaling": "unit"}})
    with pytest.raises(Refusal, match="a wants its inputs scaled"):
        case.plan("average")


@pytest.mark.parametrize(
    ("case", "layout", "words"),
    [
        (Case({"a": dense(), "b": dense(width=5)}), "average", "b takes 5 numbers, and the data give 12 numbers"),
        (
            Case({"a": dense(), "b": convolutional((4, 3, 3))}, (4, 3, 2)),
            "average",
            "a takes 12 numbers, and the data give 4 × 3 × 2",
        ),
        (
            Case({"a": dense(), "b": dense()}, target=Target(name="price", task="regression")),
            "average",
            "“price” is one number",
        ),
        (Case({"a": dense(), "b": dense()}, target=Target(name="y", task="multiclass")), "concatenate", "2 classes or more"),
        (Case({"a": two_outputs(), "b": dense()}), "average", "a has 2 outputs"),
    ],
)
def test_what_no_adapter_can_help_is_refused_with_what_was_received(case: Case, layout: str, words: str) -> None:
    with pytest.raises(Refusal) as refusal:
        case.plan(layout)
    assert words in refusal.value.sentence


def test_a_colour_picture_never_flows_into_one_channel_unseen() -> None:
    planned = Case({"a": convolutional((4, 3, 1)), "b": convolutional((4, 3, 3))}, (4, 3, 3)).plan("average")
    assert "Channel mean, since a takes grey images and the data have 3 channels." in _sentences(planned)


def test_a_cut_layer_that_is_not_there_is_refused_with_a_name_that_cannot_harm() -> None:
    case = Case({"a": dense(), "b": dense()}, settings={"a": {"cut_layer": "x\x1b[31m" + "y" * 100}})
    with pytest.raises(Refusal) as refusal:
        case.plan("concatenate")
    assert "\x1b" not in refusal.value.sentence and "y" * 61 not in refusal.value.sentence


@pytest.mark.parametrize(
    ("options", "settings", "words"),
    [({"normalize": True}, {}, "branches are normalised"), ({}, {"a": {"cut_layer": "hidden"}}, "not cut right before")],
)
def test_where_a_head_cannot_start_from_the_members_a_note_says_why(
    options: dict[str, object], settings: dict[str, dict[str, object]], words: str
) -> None:
    planned = Case({"a": dense(), "b": dense()}, settings=settings).plan("concatenate", **options)
    assert words in _sentences(planned)[-1]
    assert not next(node for node in planned.graph.nodes if node.id == "head").start


@pytest.mark.parametrize("layout", [name for name, each in LAYOUTS.items() if "head_width" in each.options.model_fields])
def test_a_head_of_some_width_has_a_hidden_layer_and_starts_at_random(layout: str) -> None:
    case = CASES["images of other sizes" if layout == "cross-attention" else "dense and dense, equal layer names"]()
    for width in (0, 7):
        planned = case.plan(layout, head_width=width)
        [head] = [node for node in planned.graph.nodes if isinstance(node, OperatorNode) and node.operator == "head"]
        assert head.options["hidden"] == width
        if "start" in LAYOUTS[layout].options.model_fields:
            assert head.start == (width == 0)
            assert any("it has a hidden layer" in sentence for sentence in _sentences(planned)) == (width > 0)


def test_a_graph_changed_by_hand_is_checked_too() -> None:
    from components.fusion.inference import infer

    case = CASES["dense and dense, equal layer names"]()
    graph = case.plan("average").graph
    broken = FusionGraph(nodes=(graph.nodes[0].model_copy(update={"shape": (5,)}), *graph.nodes[1:]))
    with pytest.raises(Refusal, match="a takes 12 numbers; received 5 numbers"):
        infer(broken, {member.name: (member, facts) for member, facts in case.members})


@pytest.mark.parametrize(
    ("weights", "words"), [((1.0,), "for each of 2 members is needed; received 1"), ((1.0, 0.0), "above 0; received 1, 0")]
)
def test_loss_weights_that_do_not_fit_the_members_are_refused(weights: tuple[float, ...], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        CASES["images and vectors"]().plan("joint", loss_weights=weights)
