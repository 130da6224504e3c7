"""What a layer's gradient means: a table of rules, the first that applies gives the verdict. Without Keras."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from pydantic import Field

from components.gradients.report import LayerGradient, Verdict
from components.recipe import Document


class Thresholds(Document):
    """Where vanishing and exploding begin.

    A gradient vanishes below `vanishing` times the layout's median, or times the ninth decile of its own branch where that is
    larger. It explodes above `exploding` times the norm of its weights, or of the median weights where they are larger:
    deep sums without scaling make all gradients large alike, which no comparison among them shows, and what has just started
    at zero is not to blame. It also explodes above `exploding` times the median gradient, where it exceeds its weights.
    Units are dead in a rectified layer of which at least the share `dead` is zero on the whole probe batch.

    The descriptions are what a person reads beside each.
    """

    vanishing: float = Field(1e-2, gt=0, lt=1, description="Vanishing: below this part of the median gradient")
    exploding: float = Field(1e2, gt=1, le=1e9, description="Exploding: above this multiple of the weights")
    dead: float = Field(0.5, gt=0, le=1, description="Dead units: at least this share of a layer's units is never on")


DEFAULT = Thresholds()


@dataclass(frozen=True)
class Evidence:
    """What is known of one layer when it is judged. Norms as measured, NaN and infinity included.

    `update`, `activation` and `dead` are those of `LayerGradient`.
    `silent` and `silent_bias` say why the layer, or its bias alone, gets no gradient by design; empty where it gets one.
    `leads_on` is False where nothing of what the layer gives reaches an output.
    """

    layer: str
    member: str | None
    kind: str
    variables: int
    norm: float | None
    weight: float
    finite_weights: bool
    update: float | None = None
    activation: float | None = None
    dead: float | None = None
    silent: str = ""
    silent_bias: str = ""
    leads_on: bool = True


@dataclass(frozen=True)
class Scale:
    """What a layer's norm is compared with: the layout's median gradient and median weights, and its branch's strong end."""

    median: float
    weight: float
    reference: float
    thresholds: Thresholds


@dataclass(frozen=True)
class Rule:
    """One verdict: `reason` gives the sentence where the rule applies, else None; `remedy` is what can be done."""

    verdict: Verdict
    reason: Callable[[Evidence, Scale], str | None]
    remedy: str


def _weights_broken(layer: Evidence, scale: Scale) -> str | None:
    return None if layer.finite_weights else "Its weights hold values that are not finite numbers."


def _gradient_broken(layer: Evidence, scale: Scale) -> str | None:
    broken = layer.norm is not None and not math.isfinite(layer.norm)
    return "Its gradient is not a finite number on the probe batch." if broken else None


def _untrainable(layer: Evidence, scale: Scale) -> str | None:
    return f"Nothing in it learns by design: {layer.silent}." if layer.variables == 0 and layer.silent else None


def _frozen(layer: Evidence, scale: Scale) -> str | None:
    return "None of its weights is trainable." if layer.variables == 0 else None


def _silent(layer: Evidence, scale: Scale) -> str | None:
    return f"No gradient by design: {layer.silent}." if layer.silent else None


def _disconnected(layer: Evidence, scale: Scale) -> str | None:
    if layer.norm is not None:
        return None
    if layer.leads_on:
        return "No gradient exists: an operation between it and the output passes none."
    return "No gradient exists: what it gives does not reach an output."


def _dead_units(layer: Evidence, scale: Scale) -> str | None:
    if layer.dead is None or layer.dead < scale.thresholds.dead:
        return None
    return f"{layer.dead:.0%} of its units give zero for every sample of the probe batch, and learn nothing."


def _nothing_arrives(layer: Evidence, scale: Scale) -> str | None:
    return "Its gradient is exactly zero: none of its units responds on the probe batch." if layer.norm == 0 else None


def _exploding(layer: Evidence, scale: Scale) -> str | None:
    norm, most = layer.norm or 0.0, scale.thresholds.exploding
    weight = max(layer.weight, scale.weight)
    if norm > most * weight > 0:
        return f"Its gradient is {times(norm / weight)} as large as its weights."
    if norm > max(most * scale.median, layer.weight):
        return f"Its gradient is {times(norm / scale.median)} the layout's median."
    return None


def _vanishing(layer: Evidence, scale: Scale) -> str | None:
    norm = layer.norm or 0.0
    if norm >= scale.thresholds.vanishing * scale.reference:
        return None
    if norm < scale.thresholds.vanishing * scale.median:
        return f"Its gradient is {times(scale.median / norm)} weaker than the layout's median."
    return f"Its gradient is {times(scale.reference / norm)} weaker than in the strong layers of its branch."


def _healthy(layer: Evidence, scale: Scale) -> str | None:
    if layer.silent_bias:
        return f"The gradient reaches it; its bias gets none by design: {layer.silent_bias}."
    return "The gradient reaches it."


RULES: tuple[Rule, ...] = (
    Rule("not a number", _weights_broken, "Open a sound copy of the member, or train it again at a lower learning rate."),
    Rule("not a number", _gradient_broken, "Look for a logarithm of zero or an overflow: scale the inputs, lower the rate."),
    Rule("frozen", _untrainable, "Nothing needs to be done."),
    Rule("frozen", _frozen, "Unfreeze the layer if it should learn."),
    Rule(
        "structurally zero", _silent, "Nothing is broken; choose another layout or start if these weights should learn at once."
    ),
    Rule("disconnected", _disconnected, "Choose a layout in which the gradient can pass, or freeze the layer."),
    Rule("dead units", _dead_units, "Use a leaky activation, scale the inputs, lower the learning rate, or start afresh."),
    Rule("vanishing", _nothing_arrives, "Units that are never on do not learn: scale the inputs, or use a leaky activation."),
    Rule("exploding", _exploding, "Scale the sums, the inputs or the target, add a normalization, or clip the gradient."),
    Rule("vanishing", _vanishing, "Add a skip connection or a normalization, or join the branches before the narrow place."),
    Rule("healthy", _healthy, ""),
)


def judge(layers: Sequence[Evidence], thresholds: Thresholds = DEFAULT) -> tuple[LayerGradient, ...]:
    """The verdict on each layer of one layout, in the same order."""
    middle, references = _middle(layers), _references(layers)
    weight = median([layer.weight for layer in layers if layer.variables and math.isfinite(layer.weight)] or [0.0])
    judged = []
    for layer in layers:
        scale = Scale(middle, weight, references[layer.member], thresholds)
        rule, reason = next((rule, reason) for rule in RULES if (reason := rule.reason(layer, scale)))
        judged.append(
            LayerGradient(
                layer=layer.layer,
                member=layer.member,
                kind=layer.kind,
                variables=layer.variables,
                norm=layer.norm if layer.norm is not None and math.isfinite(layer.norm) else None,
                weight=layer.weight if math.isfinite(layer.weight) else None,
                update=layer.update if layer.update is not None and math.isfinite(layer.update) else None,
                activation=layer.activation,
                dead=layer.dead,
                verdict=rule.verdict,
                reason=reason,
                remedy=rule.remedy,
                broken=_broken(layer),
                silent=layer.silent,
                silent_bias=layer.silent_bias,
                leads_on=layer.leads_on,
            )
        )
    return tuple(judged)


def _broken(layer: Evidence) -> Literal["", "weights", "gradient"]:
    if not layer.finite_weights:
        return "weights"
    return "gradient" if layer.norm is not None and not math.isfinite(layer.norm) else ""


def number(value: float) -> str:
    """A factor to two figures, as a person reads it: 0.52, 7.1, 1,300,000, 4 × 10^12."""
    if 0.01 <= value < 1e7:
        return f"{float(f'{value:.2g}'):,.10g}"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa} × 10^{int(exponent)}"


def times(value: float) -> str:
    """A factor in words: `320 times`."""
    return f"{number(value)} times"


def _middle(layers: Sequence[Evidence]) -> float:
    """The median of the norms that are neither missing nor zero; 0 where there is none."""
    return median(_live(layers) or [0.0])


def _references(layers: Sequence[Evidence]) -> dict[str | None, float]:
    """For each member, and for what is fused, the larger of the layout's median and its own ninth decile.

    In a deep chain the median itself has all but vanished; its strong end still tells. The single strongest layer would not do:
    a new head often stands out.
    """
    middle = _middle(layers)
    return {
        member: max(middle, _ninth_decile(_live([layer for layer in layers if layer.member == member])))
        for member in {layer.member for layer in layers}
    }


def _live(layers: Sequence[Evidence]) -> list[float]:
    return sorted(layer.norm for layer in layers if layer.norm and math.isfinite(layer.norm))


def _ninth_decile(ordered: Sequence[float]) -> float:
    """The value above which lies a tenth at most, counted downwards: of few layers it is never the single strongest."""
    return ordered[int(0.9 * (len(ordered) - 1))] if ordered else 0.0
