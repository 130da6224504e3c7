from __future__ import annotations

from pathlib import Path

import pytest

from tests.gradients.digits import Opened, open_digits
from tests.gradients.shelf import Shelf


@pytest.fixture(autouse=True)
def same_weights_every_time() -> None:
    import keras

    keras.utils.set_random_seed(0)


@pytest.fixture(scope="module")
def opened(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return open_digits(files, tmp_path_factory.mktemp("members"))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("home"))
