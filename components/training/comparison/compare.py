"""Layouts compared by training them, with their members and the members' plain average among them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from components.data.samples import Samples
from components.data.split import Splits
from components.fusion.layouts import LAYOUTS
from components.recipe import Recipe, Refusal
from components.training.alone import predict_alone
from components.training.comparison.contenders import contender, correct, ranked
from components.training.comparison.costs import Cost, Costs
from components.training.comparison.diversity import oracle, pairs
from components.training.comparison.rehearsal import Performance, Report, rehearse
from components.training.comparison.reliances import reliances
from components.training.comparison.report import ComparisonReport, Contender, Reliance
from components.training.tested import AVERAGE


def compare(
    recipes: Mapping[str, Recipe],
    models: Mapping[str, keras.Model],
    samples: Samples,
    splits: Splits,
    seeds: int,
    report: Report,
    stop: Callable[[], bool],
) -> ComparisonReport | None:
    """Trains every layout with the same budget, splits and seeds, and judges all on the test split.

    Args:
        recipes: The layouts' recipes by the layouts' names, alike in all but layout, options and graph.
        models: The members' models by the members' names.
        samples: The bound dataset.
        splits: Its splits.
        seeds: How many trainings each has.
        report: Is told every point of every curve.
        stop: Is asked about ten times a second whether to end.

    Returns:
        None when someone stopped it.

    Raises:
        Refusal: when the data have several targets.
    """
    began = time.monotonic()
    first = next(iter(recipes.values()))
    if first.data and first.data.others:
        raise Refusal(
            f"Layouts are compared on one target, and these data have {len(first.data.targets)}. Take the further ones out "
            "on the Data page."
        )
    members = [member.name for member in first.members]
    performances: dict[str, list[Performance]] = {name: [] for name in recipes}
    relied: dict[str, tuple[Reliance, ...]] = {}
    refused: dict[str, str] = {}
    for found in rehearse(recipes, models, samples, splits, seeds, report, stop):
        if isinstance(found, tuple):
            name, refusal = found
            refused[name] = refusal.sentence
            continue
        if found[0].number == 0:
            places = {each.name: each.places for each in found}
            relied |= reliances(found[0].model, places, members, found[0].bindings, samples, splits, first.seed)
        for each in found:
            performances[each.name].append(each)
    if stop():
        return None
    costs, wanted = Costs(models), samples.target[splits.test]
    rows = [
        contender(
            name,
            LAYOUTS[name].title,
            "layout",
            samples.task,
            [each.predictions for each in performances[name]],
            wanted,
            options=recipe.options,
            reliance=relied.get(name, ()),
            **_trained(performances[name]),
            **costs.of(recipe)._asdict(),
        )
        for name, recipe in recipes.items()
        if performances[name]
    ]
    rows += [_refused(name, sentence) for name, sentence in refused.items()]
    alone = predict_alone(first, models, samples, splits, splits.test)
    rows += [_refused(name, said.sentence, "member") for name, said in alone.items() if isinstance(said, Refusal)]
    able = {name: said for name, said in alone.items() if not isinstance(said, Refusal)}
    costs_alone = {name: costs.of_member(name) for name in able}
    for name, said in able.items():
        rows.append(contender(name, name, "member", samples.task, [[said]], wanted, **costs_alone[name]._asdict()))
    if len(able) > 1:
        mean, cost = np.mean(list(able.values()), axis=0), Cost(*map(sum, zip(*costs_alone.values(), strict=True)))
        rows.append(contender(AVERAGE, AVERAGE, "average", samples.task, [[mean]], wanted, **cost._asdict()))
    right = correct(samples.task, able, wanted)
    return ComparisonReport(
        contenders=ranked(rows),
        pairs=pairs(right),
        oracle=oracle(right) if right else None,
        samples=len(wanted),
        seconds=time.monotonic() - began,
    )


def _refused(name: str, sentence: str, kind: Any = "layout") -> Contender:
    title = LAYOUTS[name].title if kind == "layout" and name in LAYOUTS else name
    return Contender(name=name, title=title, kind=kind, note=sentence)


def _trained(trainings: list[Performance]) -> dict[str, Any]:
    """What the trainings of a layout were: their mean time, the first one's best epoch and notes."""
    first = trainings[0]
    return {
        "seconds": float(np.mean([each.trained.seconds / each.shared_by for each in trainings])),
        "best_epoch": first.trained.best_epoch,
        "note": " ".join(first.trained.notes),
    }
