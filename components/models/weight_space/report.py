"""What is told of a merge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from components.models.weight_space.facts import MergeReport, Merging, Scored
from components.models.weight_space.moments import normalizations
from components.models.weight_space.registry import Arrays, find
from components.models.weight_space.repair import repairable
from components.models.weight_space.similarity import cosines, similarity
from components.models.weight_space.trial import Trial
from components.recipe.wording import shown

Start = tuple[str, Arrays]
"""The base's name and weights."""


def before(
    trial: Trial, merging: Merging, members: Mapping[str, Arrays], aligned: Mapping[str, Arrays] | None, start: Start | None
) -> MergeReport:
    """What is known of the members before they are merged.

    Args:
        trial: Of their architecture, with the samples on which they are judged, if any.
        merging: How they will be merged.
        members: All weights by the members' names.
        aligned: The same after alignment; None without one.
        start: The base, if any.
    """
    trained = [place for place, weight in enumerate(trial.weights) if not weight.statistic]

    def only_trained(arrays: Arrays) -> Arrays:
        return [arrays[place] for place in trained]

    scores: list[Scored] = []
    if trial.judges:
        scores += [Scored(name=name, kind="member", **trial.score(arrays).model_dump()) for name, arrays in members.items()]
        if start:
            scores.append(Scored(name=start[0], kind="base", **trial.score(start[1]).model_dump()))
    return MergeReport(
        method=merging.method,
        title=find(merging.method).title,
        members=tuple(members),
        base=start[0] if start else None,
        similarity=similarity(
            {name: only_trained(arrays) for name, arrays in members.items()}, start and (start[0], only_trained(start[1]))
        ),
        aligned=cosines({name: only_trained(arrays) for name, arrays in (aligned or {}).items()}),
        curves=trial.curves(members, aligned, merging) if trial.judges and len(members) == 2 else (),
        scores=tuple(scores),
    )


def after(report: MergeReport, trial: Trial, merging: Merging, measured: int) -> MergeReport:
    """The report with the score of the merged model, which the trial holds, and with notes on what was done.

    Args:
        report: What was known before.
        trial: With the merged weights.
        merging: How they were merged.
        measured: On how many samples moving statistics were measured.
    """
    scores = report.scores
    if trial.judges:
        scores += (Scored(name="merged", kind="merged", **trial.score().model_dump()),)
    return report.model_copy(update={"scores": scores, "notes": tuple(_notes(report, trial, merging, measured))})


def _notes(report: MergeReport, trial: Trial, merging: Merging, measured: int) -> Iterator[str]:
    names = [shown(name) for name in report.members]
    based = f" over the base {shown(report.base)}" if report.base else ""
    yield f"{report.title} of {', '.join(names)}{based}: {len(trial.weights)} arrays of weights."
    if report.similarity and not merging.align:
        yield report.similarity.sentence
    if report.similarity and report.aligned:
        lowest = [min(each.cosine for each in pairs) for pairs in (report.similarity.members, report.aligned)]
        yield (
            f"Hidden units were put into the order of {names[0]}'s; the lowest cosine between members went from "
            f"{lowest[0]:.2f} to {lowest[1]:.2f}."
        )
    if merging.repair:
        count = len(repairable(trial.graph))
        yield f"The units of {count} hidden layers were given the mean and deviation that they have in the members."
    layers = len(normalizations(trial.graph))
    if measured:
        yield f"Moving statistics of {layers} layers were measured anew on {measured:,} samples."
    elif merging.re_estimate:
        yield "There is no batch normalization in these models, so no moving statistics were measured."
    elif layers:
        yield f"Moving statistics of {layers} layers are the members' average; measure them anew on data to let them fit."
