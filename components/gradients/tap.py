"""A pass through a functional model, nested ones unfolded, that keeps what flows between its operations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from components.gradients.flow import functional_graph


@dataclass
class Passage:
    """What one pass saw: tensors of one trace.

    `given` has the tensors that each operation gave, by the operation's identity, over all of its calls. `edges` has, for each
    floating-point tensor that an operation took, its producer's name, its taker's, and a copy that this taker alone reads: the
    gradient with respect to the copy is what comes up through this edge.
    """

    given: dict[int, list[Any]] = field(default_factory=dict)
    edges: list[tuple[str, str, Any]] = field(default_factory=list)
    # Tensors are told apart by identity, so that they are kept alive here.
    producers: dict[int, tuple[str, Any]] = field(default_factory=dict)

    def produced(self, name: str, tensor: Any) -> None:
        """Notes who gave a tensor."""
        self.producers[id(tensor)] = (name, tensor)

    def taken(self, name: str, tensor: Any) -> Any:
        """What an operation is to read in place of a tensor; anything else is given back as it is."""
        producer, _ = self.producers.get(id(tensor), ("", None))
        if not producer or not tensor.dtype.is_floating:
            return tensor
        copy = tf.identity(tensor)
        mask = getattr(tensor, "_keras_mask", None)
        if mask is not None:
            copy._keras_mask = mask
        self.edges.append((producer, name, copy))
        return copy


class Tap(keras.layers.Layer):
    """Computes what a functional model computes; `passage` is of the last call. The model itself is not changed.

    Args:
        model: The functional model.
        members: Names of nested models.
    """

    def __init__(self, model: keras.Model, members: Collection[str] = ()) -> None:
        super().__init__(autocast=False)
        self.model = model
        self.passage = Passage()
        self._members = frozenset(members)
        self._tape: tf.GradientTape | None = None

    def watched(self, inputs: list[Any], tape: tf.GradientTape) -> list[Any]:
        """Runs as in training, while the tape watches what each member gives, also where the member itself is frozen."""
        self._tape = tape
        return self(inputs, training=True)

    def call(self, inputs: list[Any], training: bool | None = None) -> list[Any]:
        """Runs the model on a tensor for each of its inputs, and gives a tensor for each of its outputs."""
        self.passage = Passage()
        for given, tensor in zip(self.model.inputs, inputs, strict=True):
            self.passage.produced(given.name, tensor)
        graph: Any = functional_graph(self.model)
        return self._run(graph, keras.tree.pack_sequence_as(graph._inputs_struct, list(inputs)), training)

    def _run(self, graph: Any, inputs: Any, training: bool | None) -> list[Any]:
        before = keras.tree.flatten(inputs)
        standard = graph._standardize_inputs(inputs)
        for tensor, other in zip(before, standard, strict=True):
            if id(tensor) in self.passage.producers:
                self.passage.produced(self.passage.producers[id(tensor)][0], other)
        outputs = graph._run_through_graph(standard, operation_fn=lambda operation: partial(self._call, operation, training))
        return keras.tree.flatten(outputs)

    def _call(self, operation: Any, training: bool | None, /, *args: Any, **kwargs: Any) -> Any:
        inner = functional_graph(operation)
        if inner is not None:
            made = self._run(inner, args[0] if args else kwargs["inputs"], training)
            if operation.name in self._members and self._tape is not None:
                self._tape.watch([tensor for tensor in made if tensor.dtype.is_floating])
            return made
        # As Keras does, whatever was said of training when the layer was called.
        if "training" in getattr(operation, "_call_context_args", ()):
            kwargs["training"] = training
        args, kwargs = keras.tree.map_structure(partial(self.passage.taken, operation.name), (args, kwargs))
        outputs = operation(*args, **kwargs)
        for tensor in keras.tree.flatten(outputs):
            if isinstance(tensor, tf.Tensor):
                self.passage.produced(operation.name, tensor)
                self.passage.given.setdefault(id(operation), []).append(tensor)
        return outputs
