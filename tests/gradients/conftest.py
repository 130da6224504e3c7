from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def same_weights_every_time() -> None:
    import keras

    keras.utils.set_random_seed(0)
