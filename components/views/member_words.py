"""A member's facts in words."""

from __future__ import annotations

from datetime import datetime

from components.models.facts import MemberFacts
from components.recipe import Shape, Tensor
from components.recipe.wording import shown

MANY_NAMES = 12
"""Of more names than this the first are listed, and how many more there are."""


def shape_text(shape: Shape) -> str:
    """A shape as a person writes it: `8 × 8 × 1`; `?` for an axis of any length, `1` for a single number."""
    return " × ".join("?" if length is None else str(length) for length in shape) or "1"


def summary(facts: MemberFacts) -> str:
    """What goes in and comes out, and where it came from: `64 → 10 softmax · 4,160 weights · Keras 2.15.0 h5`."""
    keras = f"Keras {facts.keras_version} " if facts.keras_version else ""
    return f"{_flow(facts.inputs)} → {_flow(facts.outputs)} {facts.head} · {facts.parameters:,} weights · {keras}{facts.format}"


def cost(facts: MemberFacts) -> str:
    """What a member is for and what it costs: `multiclass · 8,340 operations a sample · 16.6 KB of weights`."""
    parts: list[str] = [facts.task]
    if facts.operations is not None and facts.weight_bytes is not None:
        parts += [f"{large(facts.operations)} operations a sample", f"{memory(facts.weight_bytes)} of weights"]
    return " · ".join(parts)


def fact_table(facts: MemberFacts, classes: tuple[str, ...] = (), added: datetime | None = None) -> dict[str, str]:
    """All that is known of a member, by what it is called; what an earlier version did not measure is left out.

    `classes` are the names set by hand, `added` is when the file was first brought, in the zone in which it is shown.
    """
    table = {
        "Takes": _tensors(facts.inputs),
        "Gives": f"{_tensors(facts.outputs)}, {facts.head}",
        "Likely task": f"{facts.task}, {facts.class_count} classes" if facts.class_count else facts.task,
        "Classes": _listed(classes),
        "Weights": f"{facts.parameters:,}",
        "Trainable weights": "" if facts.trainable_parameters is None else f"{facts.trainable_parameters:,}",
        "Operations for one sample": _operations(facts),
        "Memory of the weights": "" if facts.weight_bytes is None else memory(facts.weight_bytes),
        "Memory of one sample's activations": "" if facts.activation_bytes is None else memory(facts.activation_bytes),
        "Normalisation and dropout layers": f"{facts.normalisation_layers} and {facts.dropout_layers}",
        "Weights that are no numbers": _not_finite(facts),
        "Written by": f"Keras {facts.keras_version}" if facts.keras_version else "an unknown version of Keras",
        "File": f"{facts.file_name}, {facts.format}, {memory(facts.size)}",
        "Brought": f"{added:%Y-%m-%d %H:%M}" if added else "",
        "SHA‑256": facts.sha256,
    }
    return {label: shown(value, 1000) for label, value in table.items() if value}


def large(number: int) -> str:
    """A count that may be large: `8,340`, `601 million`, `7.76 billion`."""
    for size, word in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.3g} {word}"
    return f"{number:,}"


def memory(count: int) -> str:
    """A number of bytes: `512 bytes`, `16.6 KB`, `102 MB`; a kilobyte is 1,000 bytes."""
    for size, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "KB")):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def _flow(tensors: tuple[Tensor, ...]) -> str:
    return " + ".join(shape_text(tensor.shape) for tensor in tensors)


def _tensors(tensors: tuple[Tensor, ...]) -> str:
    return "; ".join(f"{shown(tensor.name)}: {shape_text(tensor.shape)}, {tensor.dtype}" for tensor in tensors)


def _operations(facts: MemberFacts) -> str:
    if facts.operations is None:
        return ""
    any_length = any(None in tensor.shape for tensor in facts.inputs)
    steps = "; an axis of any length counts as 1" if any_length else ""
    return f"{large(facts.operations)} (a multiply-add is 2{steps})"


def _not_finite(facts: MemberFacts) -> str:
    if facts.finite:
        return "none"
    return f"in {_listed(facts.not_finite)}" if facts.not_finite else "some"


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MANY_NAMES} more" if len(names) > MANY_NAMES else ""
    return ", ".join(shown(name) for name in names[:MANY_NAMES]) + more
