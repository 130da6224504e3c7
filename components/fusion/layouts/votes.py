"""The members vote for classes, or rank them."""

from __future__ import annotations

from pydantic import Field

from components.fusion.class_scores import class_probabilities, in_form_of_target
from components.fusion.layout import layout
from components.fusion.writer import GraphWriter

_NOTHING_TO_TRAIN = (
    "No gradient passes through it, so this layout predicts with the members as they are: nothing can be trained."
)


@layout(
    title="Majority vote",
    family="output space",
    chinese="并联 · 多数投票",
    summary="Each member votes for one class, and the class with most votes wins; it cannot be trained.",
    formula="ŷ = argmax_k Σ_m 1[ŷ_m = k]",
    reference="Hansen & Salamon, 1990",
)
def majority_vote(writer: GraphWriter) -> None:
    """Probabilities side by side into a vote."""
    vote = writer.operate("majority-vote", [class_probabilities(writer, member, "A vote") for member in writer.members])
    writer.note(vote, _NOTHING_TO_TRAIN)
    writer.output(in_form_of_target(writer, vote))


@layout(
    title="Weighted vote",
    family="output space",
    chinese="并联 · 加权投票",
    summary="Each member votes for one class, and its vote counts by a weight that is given; it cannot be trained.",
    formula="ŷ = argmax_k Σ_m w_m 1[ŷ_m = k], best with w_m = log(a_m / (1 − a_m)) + log(K − 1)",
    reference="Nitzan & Paroush, 1982; Kuncheva, 2004",
    options={
        "weights": Field(
            description="A weight for each member, in their order; best the log odds of its accuracy. Empty: all alike."
        )
    },
)
def weighted_vote(writer: GraphWriter, weights: tuple[float, ...] = ()) -> None:
    """Probabilities side by side into a vote under weights."""
    chosen = weights or (1.0,) * len(writer.members)
    probabilities = [class_probabilities(writer, member, "A vote") for member in writer.members]
    vote = writer.operate("weighted-vote", probabilities, weights=chosen)
    writer.note(vote, _NOTHING_TO_TRAIN)
    writer.output(in_form_of_target(writer, vote))


@layout(
    title="Rank average",
    family="output space",
    chinese="并联 · 排名平均",
    summary="Each member ranks the classes, and the ranks are averaged (Borda count); it cannot be trained.",
    formula="score_k = Σ_m rank_m(k)",
    reference="Ho, Hull & Srihari, 1994",
)
def rank_average(writer: GraphWriter) -> None:
    """Probabilities side by side into their mean ranks."""
    ranks = writer.operate("rank-average", [class_probabilities(writer, member, "A rank average") for member in writer.members])
    writer.note(ranks, _NOTHING_TO_TRAIN)
    writer.output(in_form_of_target(writer, ranks))
