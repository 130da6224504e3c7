"""Members that are made by a worker are members like any other."""

from __future__ import annotations

import numpy as np
import pytest

from components.engine.client import Engine
from components.engine.made import make_architecture
from components.models.architectures import ArchitectureOrder
from components.recipe import Refusal
from components.store import Store
from tests.plain_keras import PlainKeras


def test_an_architecture_becomes_a_member(engine: Engine, shared_store: Store, plain_keras: PlainKeras) -> None:
    order = ArchitectureOrder(name="small", architecture="MobileNetV3Small", side=40, channels=1, units=5, width=0.5, seed=3)
    facts = make_architecture(engine, shared_store, order)
    assert facts == shared_store.member(facts.sha256)
    assert facts.head == "softmax" and facts.inputs[0].shape == (40, 40, 1) and facts.outputs[0].shape == (5,)
    assert "random weights" in facts.notes[-1] and "starts from nothing" in facts.notes[-1]
    settings = shared_store.member_settings()[facts.sha256]
    assert settings.title == "MobileNetV3Small, untrained" and settings.scaling == "standard"
    [probabilities] = plain_keras.predict(shared_store.canonical(facts.sha256), [np.ones((2, 40, 40, 1), np.float32)])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    with pytest.raises(Refusal, match="32 × 32 pixels or more; 8 × 8"):
        make_architecture(engine, shared_store, order.model_copy(update={"side": 8}))
