"""Small members are trained by the engine, from the training split alone, and are plain Keras models in the end."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from components.data.binding import propose
from components.engine.client import Engine
from components.engine.small_members import train_small_member, trained_here, trained_member, training_for
from components.engine.uploads import take_example
from components.models.facts import MemberFacts
from components.models.small_member import SmallMember, kinds_for, pair_for
from components.recipe import Data
from components.store import Store
from tests.engine.waiting import ended
from tests.plain_keras import PlainKeras


def bind(engine: Engine, store: Store, example: str) -> Data:
    return propose(take_example(engine, store, example))


def trained(engine: Engine, store: Store, data: Data, order: SmallMember, epochs: int) -> MemberFacts:
    run = train_small_member(engine, store, data, order, training_for(1000, epochs))
    done = ended(store, run.id)
    assert done.state == "done", (done.message, done.detail)
    facts = trained_member(engine, store, done)
    assert trained_member(engine, store, done) == facts, "a second ask finds the same member"
    assert done.id in {each.id for each in trained_here(store)}
    kept = {card.sha256 for card in store.members()}
    assert facts.sha256 in kept and done.recipe.members[0].sha256 not in kept, "the untrained one is not offered"
    return facts


def test_digits_in_pictures(engine: Engine, shared_store: Store, plain_keras: PlainKeras) -> None:
    data = bind(engine, shared_store, "digits")
    dense, convolutional = pair_for(data)
    assert (dense.kind, convolutional.kind) == ("dense", "convolutional")
    facts = trained(engine, shared_store, data, convolutional, epochs=12)
    assert facts.head == "softmax" and facts.inputs[0].shape == (8, 8, 1) and facts.cut_layer is not None

    digits = datasets.load_digits()
    size = round(0.2 * 1797)
    rest, test = train_test_split(np.arange(1797), test_size=size, random_state=0, stratify=digits.target)
    _, validation = train_test_split(rest, test_size=size, random_state=0, stratify=digits.target[rest])
    images = digits.images[..., None].astype(np.float32)
    [probabilities] = plain_keras.predict(shared_store.canonical(facts.sha256), [images])
    right = probabilities.argmax(axis=1) == digits.target
    [note] = [note for note in facts.notes if "Trained here" in note]
    assert f"accuracy {right[validation].mean():.1%}".replace("%", " %") + " on the validation split" in note
    settings = shared_store.member_settings()[facts.sha256]
    assert settings.classes == tuple("0123456789") and settings.scaling == "none"
    assert settings.title == "convolutional, trained on Digits"
    usual = LogisticRegression(max_iter=2000).fit(digits.data[rest] / 16, digits.target[rest])
    assert right[test].mean() > usual.score(digits.data[test] / 16, digits.target[test]) - 0.02


def test_a_regression_is_learned_on_the_scale_of_its_target(
    engine: Engine, shared_store: Store, plain_keras: PlainKeras
) -> None:
    data = bind(engine, shared_store, "diabetes")
    assert kinds_for(data) == ("dense",)
    wide, deep = pair_for(data)
    assert wide.seed != deep.seed and wide.depth < deep.depth
    facts = trained(engine, shared_store, data, wide, epochs=40)
    assert facts.head == "linear" and facts.cut_layer is not None and facts.layers[-1].kind == "Dense"

    bunch = datasets.load_diabetes()
    rest, test = train_test_split(np.arange(442), test_size=round(0.2 * 442), random_state=0)
    usual = make_pipeline(StandardScaler(), Ridge()).fit(bunch.data[rest], bunch.target[rest])
    [predicted] = plain_keras.predict(shared_store.canonical(facts.sha256), [bunch.data[test].astype(np.float32)])
    reached = r2_score(bunch.target[test], predicted[:, 0])
    assert reached > r2_score(bunch.target[test], usual.predict(bunch.data[test])) - 0.12


@pytest.mark.parametrize("samples", [10, 1000, 1_000_000])
def test_fewer_samples_take_more_epochs(samples: int) -> None:
    steps = training_for(samples).epochs * samples / 32
    assert 10 <= training_for(samples).epochs <= 80
    assert samples != 1000 or 1000 < steps < 2000
