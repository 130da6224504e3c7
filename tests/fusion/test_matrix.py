"""Every layout on every pair of members: it works everywhere, or is refused with a sentence. There is no third outcome."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from components.fusion.build import build
from components.fusion.layouts import LAYOUTS
from components.fusion.plan import plannable
from components.fusion.script import write_script
from components.recipe import Refusal
from tests.fusion.members import CASES, Case
from tests.plain_keras import PlainKeras

REFUSED = {
    ("cascade", "whole numbers"): "whole numbers",
    ("series", "whole numbers"): "whole numbers",
    ("series", "dense and recurrent"): "known length",
    ("average", "other classes"): "scores for 5 classes",
    ("weighted-average", "other classes"): "scores for 5 classes",
    ("series", "other classes"): "scores for 5 classes",
    ("cascade", "other classes"): "scores for 5 classes",
    ("joint", "other classes"): "scores for 5 classes",
    ("average", "other classes first"): "scores for 5 classes",
    ("weighted-average", "other classes first"): "scores for 5 classes",
    ("joint", "other classes first"): "scores for 5 classes",
    ("average", "several outputs"): "2 outputs",
    ("weighted-average", "several outputs"): "2 outputs",
    ("cascade", "several outputs"): "2 outputs",
    ("joint", "several outputs"): "2 outputs",
    ("logit-average", "regression"): "taken over classes",
    ("product", "regression"): "taken over classes",
    ("majority-vote", "regression"): "taken over classes",
    ("rank-average", "regression"): "taken over classes",
    ("trimmed-mean", "logits and softmax"): "3 to 16 members; 2 chosen",
    ("trimmed-mean", "sigmoid and two classes"): "3 to 16 members; 2 chosen",
    ("trimmed-mean", "regression"): "3 to 16 members; 2 chosen",
}
"""The cells in which a layout cannot be used, and words of the reason."""

WIDE = ("average", "weighted-average", "concatenate", "series", "cascade", "joint")
"""Layouts that meet every pair: together they put every adapter before a member, and the form of every head, to use."""

SPREAD = ("logits and softmax", "sigmoid and two classes", "regression", "three members")
"""The pairs that the other layouts meet: each form of a head and of a target."""

CELLS = [(layout, case) for layout in LAYOUTS for case in (CASES if layout in WIDE else SPREAD)]


_RELOAD = """
results["test"] = test
outputs = keras.models.load_model("app.keras")(feed(np.arange(len(target))), training=False)
for place, output in enumerate(outputs if isinstance(outputs, list) else [outputs]):
    results[f"reloaded {place}"] = output.numpy()
"""


@cache
def _case(name: str) -> Case:
    return CASES[name]()


@pytest.mark.parametrize(("layout", "case_name"), CELLS)
def test_a_layout_works_everywhere_or_is_refused_with_a_sentence(
    layout: str, case_name: str, eager_keras: PlainKeras, tmp_path: Path
) -> None:
    case = _case(case_name)
    answer = plannable(case.members, case.data, None)[layout]
    if (layout, case_name) in REFUSED:
        with pytest.raises(Refusal) as refusal:
            case.plan(layout)
        assert answer == refusal.value.sentence
        assert REFUSED[layout, case_name] in refusal.value.sentence
        return
    assert answer is None
    recipe = case.recipe(layout)
    model = build(recipe, case.models)
    predictions = case.predict(model)

    paths = [weight.path for weight in model.weights]
    assert len(set(paths)) == len(paths)

    model.save(tmp_path / "app.keras")
    for name, member in case.models.items():
        member.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", x=case.samples, y=case.labels)
    script, _, _ = write_script(recipe, case.facts).partition("# Training\n")
    results = eager_keras.run(script + _RELOAD, tmp_path)
    np.testing.assert_allclose(results["before training"], predictions[-1][results["test"]], atol=1e-6)
    for place, ours in enumerate(predictions):
        np.testing.assert_allclose(results[f"reloaded {place}"], ours, atol=1e-6)
