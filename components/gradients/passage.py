"""What one pass through a model saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras
import tensorflow as tf

GIVES_ITS_OWN = (
    keras.layers.Dense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.DepthwiseConv2D,
    keras.layers.BatchNormalization,
    keras.layers.ReLU,
)
"""Layers that compute what they send up; of any other, what it sends up may be the very tensor that came to it."""


@dataclass
class Passage:
    """What one pass saw: tensors of one trace, or of one run.

    `given` has the tensors that each operation gave, by the operation's identity, over all of its calls. `edges` has, for each
    floating-point tensor that an operation took, its producer's name, its taker's, and a copy that this taker alone reads: the
    gradient with respect to the copy is what comes up through this edge. `silent` has, for operations that rectify, which of
    their units never answered (see `silent_units`), for each call.
    """

    given: dict[int, list[Any]] = field(default_factory=dict)
    edges: list[tuple[str, str, Any]] = field(default_factory=list)
    silent: dict[int, list[Any]] = field(default_factory=dict)
    # Tensors are told apart by identity, so that they are kept alive here.
    producers: dict[int, tuple[str, Any]] = field(default_factory=dict)
    # The tensor that each copy is of, by the copy's identity.
    originals: dict[int, Any] = field(default_factory=dict)

    def produced(self, name: str, tensor: Any) -> None:
        """Notes who gave a tensor."""
        self.producers[id(tensor)] = (name, tensor)

    def taken(self, operation: Any, tensor: Any) -> Any:
        """What an operation is to read in place of a tensor; anything else is given back as it is."""
        producer, _ = self.producers.get(id(tensor), ("", None))
        if not producer or not tensor.dtype.is_floating:
            return tensor
        copy = tf.identity(tensor)
        read = copy
        if not isinstance(operation, GIVES_ITS_OWN):
            # An addition hands one gradient to all that it took. TensorFlow keeps such a gradient for ever where it is asked
            # for twice (seen with 2.21); that of a reshaped tensor is always one of its own.
            read = tf.reshape(copy, copy.shape if copy.shape.is_fully_defined() else tf.shape(copy))
        mask = getattr(tensor, "_keras_mask", None)
        if mask is not None:
            read._keras_mask = mask
        self.edges.append((producer, operation.name, copy))
        self.originals[id(copy)] = tensor
        return read

    def only_copies(self) -> dict[int, Any]:
        """The copies of tensors that one taker alone reads, by the tensor's identity.

        Both have one gradient, so that the copy is to be asked for alone.
        """
        copies: dict[int, list[Any]] = {}
        for _, _, copy in self.edges:
            copies.setdefault(id(self.originals[id(copy)]), []).append(copy)
        return {original: found[0] for original, found in copies.items() if len(found) == 1}

    def include(self, other: Passage) -> None:
        """Adds what another pass saw, which was a part of this one."""
        for seen, others in ((self.given, other.given), (self.silent, other.silent)):
            for operation, tensors in others.items():
                seen.setdefault(operation, []).extend(tensors)
        self.edges.extend(other.edges)
        self.producers.update(other.producers)
        self.originals.update(other.originals)
