"""What a run leaves when its training is done: scores, the analysis of its test split, and the predictions themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from components.data.facts import Bound
from components.data.samples import Samples
from components.data.split import Splits
from components.recipe import Recipe
from components.training.analysis.analyse import analyse
from components.training.analysis.findings import ANALYSIS, Analysis
from components.training.chance import at_chance
from components.training.evaluate import scores
from components.training.events import Score
from components.training.predictions import keep_predictions, write_predictions
from components.training.tested import Part, Tested, put_to_the_test

PARTS: tuple[Part, ...] = ("validation", "test", "calibration")


@dataclass(frozen=True)
class Judged:
    """Scores on the validation and the test split, and what the test split tells in detail.

    `warnings` name the members that do no better than chance on the validation split, beside which a fused model looks good.
    """

    scores: tuple[Score, ...]
    analysis: Analysis
    warnings: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Whether fusion helps, in one sentence; several outputs have one each, behind the output's name.

        Empty where nothing stands beside the fused model.
        """
        outputs = self.analysis.outputs
        told = {each.output: each.comparison.sentence for each in outputs if each.comparison}
        return " ".join(f"{name}: {sentence}" if len(outputs) > 1 else sentence for name, sentence in told.items())


def judge(
    recipe: Recipe,
    model: keras.Model,
    members: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    folder: Path | None = None,
    bound: Bound | None = None,
) -> Judged:
    """Predicts validation, test and calibration split once, and judges the predictions; the test split is opened here.

    Splits without samples are left out; the test split must have some.

    Args:
        recipe: With members, data and graph.
        model: The fused model, trained.
        members: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits.
        folder: Takes `predictions.csv`, `predictions.npz` and `analysis.json`; nothing is written without it.
        bound: The training split's statistics, where that is not among these samples.

    Raises:
        Refusal: when the recipe has no data, or its graph is fed what the data do not have.
    """
    parts: list[Part] = [part for part in PARTS if len(getattr(splits, part))]
    tested = put_to_the_test(recipe, model, members, samples, splits, parts, bound)
    found = [score for part in parts if part != "calibration" for score in scores(part, tested[part])]
    judged = Judged(tuple(found), analyse(tested), () if recipe.is_single else _warnings(tested.get("validation", ())))
    if folder is not None:
        write_predictions(folder / "predictions.csv", tested["test"])
        keep_predictions(folder / "predictions.npz", tested)
        (folder / ANALYSIS).write_text(judged.analysis.model_dump_json(), encoding="utf-8")
    return judged


def _warnings(outputs: Sequence[Tested]) -> tuple[str, ...]:
    """On the members that predict the first target no better than chance."""
    if not outputs:
        return ()
    first = outputs[0]
    predicted = {name: prediction for name, (each, prediction) in first.able.items() if each.kind == "member"}
    return tuple(at_chance(first.target.task, predicted, first.truth).values())
