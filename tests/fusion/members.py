"""Small members and data to fuse, built on the spot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import keras
import numpy as np
from keras import layers

from components.fusion.plan import Plan, plan
from components.models import inspection
from components.models.facts import MemberFacts
from components.recipe import Data, FusionGraph, Input, Member, Recipe, Target, Training

DIGITS = Target(name="y", task="multiclass", classes=("0", "1", "2"))
YES_NO = Target(name="y", task="binary", classes=("no", "yes"))
TAGS = Target(name="y", task="multilabel", classes=("0", "1", "2"))
NUMBER = Target(name="y", task="regression")


def facts_of(model: keras.Model) -> MemberFacts:
    """What intake would tell of a model."""
    return MemberFacts(
        sha256="0",
        file_name="member.keras",
        size=0,
        format="keras",
        keras_version=None,
        **inspection.facts(model),
    )


def dense(width: int = 12, units: int = 3, activation: str | None = "softmax", hidden: int = 5) -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((width,)),
            layers.Dense(hidden, activation="relu", name="hidden"),
            layers.Dropout(0.3, name="dropout"),
            layers.Dense(units, activation=activation, name="out"),
        ],
        name="net",
    )


def convolutional(shape: tuple[int, int, int] = (4, 3, 1), activation: str | None = None) -> keras.Model:
    return keras.Sequential(
        [
            layers.Input(shape),
            layers.Conv2D(4, 2, activation="relu", name="hidden"),
            layers.BatchNormalization(name="norm"),
            layers.GlobalAveragePooling2D(name="pool"),
            layers.Dense(3, activation=activation, name="out"),
        ],
        name="net",
    )


def recurrent() -> keras.Model:
    tensor = layers.Input((None, 3))
    states = layers.Bidirectional(layers.LSTM(4, dropout=0.2, name="lstm"), name="both")(tensor)
    return keras.Model(tensor, layers.Dense(3, activation="softmax", name="out")(states), name="rnn")


def nested() -> keras.Model:
    backbone = keras.Sequential([layers.Input((12,)), layers.Dense(6, activation="relu", name="hidden")], name="backbone")
    tensor = layers.Input((12,))
    skipped = layers.Concatenate(name="skip")([backbone(tensor), tensor])
    return keras.Model(tensor, layers.Dense(3, activation="softmax", name="out")(skipped), name="nested")


def with_positions(hidden: int = 1) -> keras.Model:
    """A member with features at several positions on its way, and very few where it is cut by default."""
    return keras.Sequential(
        [
            layers.Input((12,)),
            layers.Reshape((4, 3), name="positions"),
            layers.Dense(2, name="each"),
            layers.Flatten(name="flat"),
            layers.Dense(hidden, activation="relu", name="hidden"),
            layers.Dense(3, activation="softmax", name="out"),
        ],
        name="net",
    )


def two_inputs() -> keras.Model:
    left, right = layers.Input((12,), name="left"), layers.Input((12,), name="right")
    hidden = layers.Dense(4, activation="relu", name="hidden")(layers.Concatenate(name="both")([left, right]))
    return keras.Model([left, right], layers.Dense(3, activation="softmax", name="out")(hidden), name="two")


def tokens() -> keras.Model:
    return keras.Sequential(
        [
            layers.Input((12,), dtype="int32"),
            layers.Embedding(20, 4),
            layers.GlobalAveragePooling1D(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def two_outputs() -> keras.Model:
    tensor = layers.Input((12,))
    hidden = layers.Dense(4, activation="relu", name="hidden")(tensor)
    return keras.Model(tensor, [layers.Dense(3, activation="softmax", name="a")(hidden), layers.Dense(1, name="b")(hidden)])


def separate_softmax() -> keras.Model:
    return keras.Sequential([layers.Input((12,)), layers.Dense(4), layers.Dense(3, name="out"), layers.Softmax(name="soft")])


@dataclass
class Case:
    """Members by name with the shape of a sample and the target; `samples` are seeded."""

    models: dict[str, keras.Model]
    shape: tuple[int, ...] = (12,)
    target: Target = DIGITS
    settings: dict[str, dict[str, object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        random = np.random.default_rng(0)
        self.samples = random.uniform(0, 9, (40, *self.shape)).astype("float32")
        classes = max(len(self.target.classes), 1)
        numbers = np.arange(40) % classes
        self.labels = random.normal(size=40).astype("float32") if classes == 1 else np.array(self.target.classes)[numbers]
        if self.target.task == "multilabel":
            self.labels = (random.random((40, classes)) < 0.5).astype("int8")
        self.data = Data(
            sha256="1",
            file_name="data.npz",
            inputs=(Input(name="x", array="x", shape=self.shape),),
            target=self.target,
        )

    @cached_property
    def members(self) -> list[tuple[Member, MemberFacts]]:
        return [
            (Member(name=name, sha256="0", file_name="member.keras", **self.settings.get(name, {})), facts_of(model))
            for name, model in self.models.items()
        ]

    @property
    def facts(self) -> dict[str, MemberFacts]:
        return {member.name: facts for member, facts in self.members}

    def plan(self, layout: str, **options: object) -> Plan:
        return plan(layout, options, self.members, self.data, None)

    def recipe(self, layout: str, **options: object) -> Recipe:
        return self.recipe_of(self.plan(layout, **options).graph, layout=layout, options=options)

    def recipe_of(self, graph: FusionGraph, **fields: object) -> Recipe:
        members = tuple(member for member, _ in self.members)
        return Recipe(members=members, data=self.data, graph=graph, training=Training(epochs=1, batch_size=8), seed=3, **fields)

    def feed(self, model: keras.Model) -> list[np.ndarray]:
        """The samples for each of a fused model's inputs."""
        return [self.samples] * len(model.inputs)

    def predict(self, model: keras.Model) -> list[np.ndarray]:
        feed = self.feed(model)
        given = model(feed if len(feed) > 1 else feed[0], training=False)
        return [each.numpy() for each in (given if isinstance(given, list) else [given])]


def _same_file() -> Case:
    model = dense()
    return Case({"net": model, "net-2": model})


CASES: dict[str, Callable[[], Case]] = {
    "dense and dense, equal layer names": lambda: Case({"a": dense(), "b": dense(hidden=7)}),
    "same file twice": _same_file,
    "images and vectors": lambda: Case({"cnn": convolutional(), "mlp": dense()}, (4, 3, 1)),
    "images of other sizes": lambda: Case({"colour": convolutional((8, 8, 3)), "grey": convolutional((4, 3, 1))}, (4, 3, 1)),
    "logits and softmax": lambda: Case({"logits": dense(activation=None), "softmax": separate_softmax()}),
    "sigmoid and two classes": lambda: Case(
        {"one": dense(units=1, activation="sigmoid"), "two": dense(units=2)}, target=YES_NO
    ),
    "score and two logits": lambda: Case(
        {"one": dense(units=1, activation=None), "two": dense(units=2, activation=None)}, target=YES_NO
    ),
    "regression": lambda: Case({"a": dense(units=1, activation=None), "b": dense(units=1, activation=None)}, target=NUMBER),
    "several labels": lambda: Case(
        {"yes-no": dense(activation="sigmoid"), "scores": dense(activation=None)},
        target=TAGS,
        settings={"scores": {"classes": ("2", "0", "1")}},
    ),
    "labels and classes": lambda: Case({"labels": dense(activation="sigmoid"), "classes": dense()}, target=TAGS),
    "nested backbone": lambda: Case({"nested": nested(), "plain": dense()}),
    "recurrent and dense": lambda: Case({"rnn": recurrent(), "mlp": dense()}),
    "dense and recurrent": lambda: Case({"mlp": dense(), "rnn": recurrent()}, (4, 3)),
    "frozen and partly frozen": lambda: Case(
        {"cnn": convolutional(), "mlp": dense()},
        (4, 3, 1),
        settings={"cnn": {"frozen": True}, "mlp": {"frozen_layers": ("hidden",)}},
    ),
    "whole numbers": lambda: Case({"mlp": dense(), "tokens": tokens()}),
    "other classes": lambda: Case({"three": dense(), "five": dense(units=5)}),
    "other classes first": lambda: Case({"five": dense(units=5, activation=None), "three": dense()}),
    "binary and several classes": lambda: Case({"binary": dense(units=1, activation="sigmoid"), "three": dense()}),
    "other class orders": lambda: Case(
        {"logits": dense(activation=None), "softmax": dense()},
        settings={"logits": {"classes": ("2", "0", "1")}, "softmax": {"classes": ("1", "0", "2")}},
    ),
    "two inputs": lambda: Case({"two": two_inputs(), "mlp": dense()}),
    "several outputs": lambda: Case({"two-outputs": two_outputs(), "mlp": dense()}),
    "three members": lambda: Case({"average": dense(), "head": dense(hidden=4), "x": dense(activation=None)}),
}
