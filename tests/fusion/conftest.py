from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plain_keras import PlainKeras


@pytest.fixture(scope="package")
def eager_keras(plain_keras: PlainKeras, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainKeras]:
    """Plain Keras without tracing graphs, which would take most of the time for models as small as these."""
    folder = tmp_path_factory.mktemp("eager")
    plain_keras.run("import tensorflow as tf\ntf.config.run_functions_eagerly(True)", folder)
    yield plain_keras
    plain_keras.run("import tensorflow as tf\ntf.config.run_functions_eagerly(False)", folder)
