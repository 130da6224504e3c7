"""Small members, as they are built: their scaling is scikit-learn's, and every kind fits every task."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from components.models import inspection
from components.models.build_small import build_small, folded
from components.models.small_member import KINDS, SmallMember
from components.recipe import Refusal, Task

HEADS: dict[Task, tuple[int, str]] = {"binary": (1, "sigmoid"), "multiclass": (3, "softmax"), "regression": (1, "linear")}


def samples() -> dict[str, np.ndarray]:
    """A table with a column that never changes and one far from 0, beside pictures; named like layers might be."""
    random = np.random.default_rng(0)
    table = np.stack([np.full(50, 123456.7), random.normal(1e5, 20, 50), random.uniform(0, 1, 50)], axis=1)
    return {"prediction": table.astype(np.float32), "head": random.uniform(0, 255, (50, 6, 6, 3)).astype(np.float32)}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("task", HEADS)
def test_every_kind_fits_every_task(kind: str, task: Task) -> None:
    units, head = HEADS[task]
    target = np.random.default_rng(1).normal(50, 10, 50) if task == "regression" else np.arange(50) % max(2, units)
    order = SmallMember(name="small", kind=kind, width=4, depth=3, seed=5)  # type: ignore[arg-type]
    model, again = (build_small(order, samples(), target, task, units if units > 1 else 0) for _ in range(2))
    assert inspection.head(model) == head and model.output_shape == (None, units)
    assert inspection.default_cut_layer(model) is not None
    other = build_small(order.model_copy(update={"seed": 6}), samples(), target, task, units if units > 1 else 0)
    first, same, different = (each.predict(list(samples().values()), verbose=0) for each in (model, again, other))
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - different).max() > 1e-3
    if task == "regression":
        assert np.abs(first - target.mean()).max() < 20 * target.std()
        short = folded(model)
        assert isinstance(short.layers[-1], keras.layers.Dense) and inspection.head(short) == head
        np.testing.assert_allclose(short.predict(list(samples().values()), verbose=0), first, rtol=1e-5)


def test_its_scaling_is_that_of_scikit_learn() -> None:
    order = SmallMember(name="small", kind="dense", width=4, depth=1)
    model = build_small(order, samples(), np.arange(50) % 2, "binary", 2)
    table, pictures = samples().values()
    for layer, array in (("prediction.scaling", table), ("head.scaling", pictures)):
        scaled = keras.ops.convert_to_numpy(model.get_layer(layer)(array))
        flat = array.reshape(-1, array.shape[-1]).astype(np.float64)
        np.testing.assert_allclose(scaled.reshape(flat.shape), StandardScaler().fit_transform(flat), atol=2e-3)


def test_a_convolutional_one_needs_a_picture() -> None:
    order = SmallMember(name="small", kind="convolutional", width=4, depth=1)
    with pytest.raises(Refusal, match="needs a picture"):
        build_small(order, {"x": np.ones((10, 3), np.float32)}, np.arange(10) % 2, "binary", 2)
