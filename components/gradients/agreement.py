"""Whether the losses of several outputs pull the weights that they share in one direction.

The cosine between two losses' gradients on the weights that both reach: below 0, a step for one undoes some of what a step
for the other does (Yu et al., “Gradient Surgery for Multi-Task Learning”, 2020).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from components.gradients.squares import square, stacked

Meeting = tuple[str | None, int, int]
"""Where two losses meet: a member, or None for what is fused, and the positions of both losses."""


def cosines(pulls: Sequence[Sequence[Any]], members: Sequence[str | None]) -> tuple[list[Meeting], tf.Tensor]:
    """Where losses meet, and the cosine between their gradients there, in float64; NaN where one of them is 0.

    Args:
        pulls: For each loss its gradient with respect to each variable, None where it does not reach it.
        members: For each variable the member that it belongs to, None for what is fused.
    """
    meetings: list[Meeting] = []
    found = []
    for (first, one), (second, other) in itertools.combinations(enumerate(pulls), 2):
        for member in dict.fromkeys(members):
            both = [(a, b) for a, b, place in zip(one, other, members, strict=True) if place == member and None not in (a, b)]
            if both:
                meetings.append((member, first, second))
                found.append(cosine(both))
    return meetings, stacked(found)


def cosine(pairs: Sequence[tuple[Any, Any]]) -> tf.Tensor:
    """The cosine between two gradients, each the parts of one side of all pairs, in float64; NaN where one of them is 0."""
    along = tf.add_n([tf.reduce_sum(_exact(a) * _exact(b)) for a, b in pairs])
    lengths = [sum(square(pair[side]) for pair in pairs) ** 0.5 for side in (0, 1)]
    return along / (lengths[0] * lengths[1])


def _exact(gradient: Any) -> tf.Tensor:
    return tf.cast(tf.convert_to_tensor(gradient), tf.float64)
