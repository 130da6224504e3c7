"""A pass through a functional model, nested ones unfolded, that keeps what flows between its operations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import keras
import tensorflow as tf

from components.gradients.branch_passes import BranchPass, BranchPasses
from components.gradients.flow import functional_graph
from components.gradients.fused_normalization import fused, is_fused
from components.gradients.passage import Passage
from components.gradients.units import rectifies, silent_units


class Tap(keras.layers.Layer):
    """Computes what a functional model computes; `passage` is of the last call. The model itself is not changed.

    Args:
        model: The functional model.
        members: Names of nested models.
        passes: Passes through members that other layouts have made or will take; None where each is made here.
        feeds: What each member is fed (see `feeds`), for those whose pass is shared.
    """

    def __init__(
        self,
        model: keras.Model,
        members: Collection[str] = (),
        passes: BranchPasses | None = None,
        feeds: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(autocast=False)
        self.model = model
        self.passage = Passage()
        self._members = frozenset(members)
        self._tape: tf.GradientTape | None = None
        self._passes, self._feeds = passes, dict(feeds or {})
        self._borrowed: list[Any] = []

    def watched(self, inputs: list[Any], tape: tf.GradientTape) -> list[Any]:
        """Runs as in training, while the tape watches what each member gives, also where the member itself is frozen."""
        self._tape = tape
        return self(inputs, training=True)

    @property
    def added_losses(self) -> list[Any]:
        """What the model's layers added to the loss in the last call: regularisers, and losses of their own."""
        return [*self.model.losses, *self._borrowed]

    def call(self, inputs: list[Any], training: bool | None = None) -> list[Any]:
        """Runs the model on a tensor for each of its inputs, and gives a tensor for each of its outputs."""
        self.passage, self._borrowed = Passage(), []
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
            inputs = args[0] if args else kwargs["inputs"]
            shared = self._passes is not None and operation.name in self._feeds
            made = self._borrow(operation, inner, inputs, training) if shared else self._run(inner, inputs, training)
            if operation.name in self._members and self._tape is not None:
                self._tape.watch([tensor for tensor in made if tensor.dtype.is_floating])
            return made
        # As Keras does, whatever was said of training when the layer was called.
        if "training" in getattr(operation, "_call_context_args", ()):
            kwargs["training"] = training
        args, kwargs = keras.tree.map_structure(partial(self.passage.taken, operation), (args, kwargs))
        outputs = fused(operation, *args) if is_fused(operation, args, kwargs) else operation(*args, **kwargs)
        for tensor in keras.tree.flatten(outputs):
            if isinstance(tensor, tf.Tensor):
                self.passage.produced(operation.name, tensor)
                self.passage.given.setdefault(id(operation), []).append(tensor)
                if rectifies(operation):
                    self.passage.silent.setdefault(id(operation), []).append(silent_units(tensor))
        return outputs

    def _borrow(self, member: Any, inner: Any, inputs: Any, training: bool | None) -> list[Any]:
        """What a member gives, from the pass that all layouts share."""
        assert self._passes is not None
        key = member.name, self._feeds[member.name]
        if key not in self._passes.made:
            self._passes.made[key] = self._pass_through(self._passes.branches[member.name], inputs, training)
        found = self._passes.made[key]
        self.passage.include(found.passage)
        self._borrowed += [loss for layer in member._flatten_layers() for loss in found.losses.get(id(layer), [])]
        return [found.values[id(tensor)] for tensor in inner.outputs]

    def _pass_through(self, branch: keras.Model, inputs: Any, training: bool | None) -> BranchPass:
        outer, self.passage = self.passage, Passage()
        graph: Any = functional_graph(branch)
        made = self._run(graph, inputs, training)
        passage, self.passage = self.passage, outer
        losses = {id(layer): layer._get_own_losses() for layer in branch._flatten_layers()}
        # What layers added waits there for whoever takes the pass, and counts once for each.
        branch._clear_losses()
        return BranchPass(passage, dict(zip(map(id, graph.outputs), made, strict=True)), losses)
