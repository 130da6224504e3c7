"""How alike the weights of models are, and whether they come from a common ancestor."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from components.models.weight_space.facts import Cosine, Similarity, Verdict
from components.models.weight_space.registry import Arrays

RELATED, UNRELATED = 0.5, 0.2
"""Cosines from which on weights have a common ancestor, and up to which they have none. In spaces of thousands of weights
independent ones are at right angles, while training moves a model by a part of its own length."""

_SENTENCES: dict[Verdict, str] = {
    "common ancestor": "The members' weights are close to each other (cosine {low:.2f} or more), as those of models trained on "
    "from the same start are: they can be merged as they are.",
    "unclear": "The members' weights are neither close nor at right angles (cosine {low:.2f} to {high:.2f}): look at the "
    "barrier between them before merging.",
    "independent": "The members' weights are at right angles (cosine {high:.2f} or less), as those of models trained from "
    "different starts are: merged as they are, they fall to chance. Align them first.",
}


def similarity(members: Mapping[str, Arrays], base: tuple[str, Arrays] | None = None) -> Similarity | None:
    """The cosines between members and to a base, by name; None for a single member without a base."""
    pairs = cosines(members)
    to_base = cosines({base[0]: base[1], **members})[: len(members)] if base else ()
    found = [each.cosine for each in pairs or to_base]
    if not found:
        return None
    verdict = _verdict(min(found), max(found))
    return Similarity(
        members=pairs,
        base=to_base,
        verdict=verdict,
        sentence=_SENTENCES[verdict].format(low=min(found), high=max(found)),
    )


def cosines(models: Mapping[str, Arrays]) -> tuple[Cosine, ...]:
    """The cosine between the kernels of each two models; biases and scales, which all start alike, are left out."""
    vectors = {name: _direction(arrays) for name, arrays in models.items()}
    return tuple(
        Cosine(first=one, second=two, cosine=float(np.clip(vectors[one] @ vectors[two], -1, 1)))
        for one, two in combinations(vectors, 2)
    )


def _direction(arrays: Arrays) -> np.ndarray:
    kernels = [array.ravel() for array in arrays if array.ndim > 1] or [array.ravel() for array in arrays]
    vector = np.concatenate(kernels) if kernels else np.zeros(1)
    return vector / (np.linalg.norm(vector) or 1.0)


def _verdict(low: float, high: float) -> Verdict:
    if low >= RELATED:
        return "common ancestor"
    return "independent" if high <= UNRELATED else "unclear"
