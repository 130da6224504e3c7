"""Whether fusion helps, in one plain sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from components.data.wording import listed
from components.recipe import Task
from components.training.analysis.findings import Compared, Verdict
from components.training.metrics import SHOWN, Shown, metric_of

LUCK = 0.05
"""A corrected p-value below this is taken for more than luck."""


def verdict(
    task: Task, fused: float, reached: Mapping[str, float], against: Sequence[Compared], samples: int
) -> tuple[Verdict, str]:
    """The verdict and its sentence.

    Args:
        task: Of the target.
        fused: The fused model's metric.
        reached: That of each candidate beside it, by its name.
        against: The comparison with each of them.
        samples: In the test split.
    """
    metric = SHOWN[metric_of(task)]
    sign = 1 if metric.higher_is_better else -1
    beaten = [each for each in against if each.adjusted < LUCK and sign * each.difference > 0]
    better = [each for each in against if each.adjusted < LUCK and sign * each.difference < 0]
    open_ = [each for each in against if each.adjusted >= LUCK]
    best = max(against, key=lambda each: sign * reached[each.name])
    head = (
        f"{metric.text(fused)} {metric.title} on {samples:,} test samples, against {metric.text(reached[best.name])} "
        f"for {_named(best)}, the best of what was there before"
    )
    if better:
        worst = min(better, key=lambda each: sign * each.difference)
        return "hurts", f"Fusion hurts here: {head}. That {_named(worst)} is better is more than luck ({_p(worst)})."
    if not open_:
        largest = max(against, key=lambda each: each.adjusted)
        return "helps", f"Fusion helps, and that is more than luck: {head} ({_p(largest)} at most)."
    if beaten:
        return "mixed", (
            f"Fusion helps against {listed([each.name for each in beaten])}, and that is more than luck; against "
            f"{listed([each.name for each in open_])} it could be luck: {head}{_discordant(best, metric)} ({_p(best)})."
        )
    return "no difference", f"No difference that luck could not explain: {head}{_discordant(best, metric)} ({_p(best)})."


def _named(compared: Compared) -> str:
    return f"“{compared.name}” alone" if compared.kind == "member" else f"the {compared.name}"


def _p(compared: Compared) -> str:
    return "p < 0.001" if compared.adjusted < 0.001 else f"p = {compared.adjusted:.2g}"


def _discordant(compared: Compared, metric: Shown) -> str:
    """So that nobody takes a handful of samples for a trend."""
    if compared.fused_alone is None:
        return ""
    return f"; {compared.fused_alone:,} samples are right with fusion alone, {compared.other_alone:,} without it alone"
