"""Norms of the gradients that training computes anyway, kept at every step."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from components.gradients.owners import owners_of
from components.gradients.squares import summed
from components.gradients.trail import Trail, read_trail
from components.recipe import Recipe

ROWS = 512
"""Steps that wait in memory of TensorFlow at most; they are read when half of it is full."""

SECONDS_BETWEEN_FILES = 1.0


class Counter(Protocol):
    """Knows how many optimizer steps a run has made."""

    steps: int


class GradientRecorder:
    """Records a run's gradient norms, layer by layer, into a file that can be read while the run goes on.

    What an optimizer is given is measured before it is applied, in the graph of the training step itself: nothing is computed
    twice, and nothing that training computes changes. Norms are in float32, those below 1e-22 are 0; they are not scaled for
    mixed precision, and before any clipping.

    Args:
        recipe: What is trained.
        model: Its fused model.
        path: The file that is written; what an earlier start of the run left there goes on.
    """

    def __init__(self, recipe: Recipe, model: keras.Model, path: Path) -> None:
        trained = [owner for owner in owners_of(recipe, model) if owner.trainable]
        self._columns = {id(weight): place for place, owner in enumerate(trained) for weight in owner.trainable}
        fresh = Trail([owner.path for owner in trained], [owner.member or "" for owner in trained])
        found = read_trail(path)
        self.trail = found if found is not None and found.layers == fresh.layers else fresh
        self.written = 0.0
        self._path = path

    def __call__(self, learner: keras.Model, counter: Counter) -> keras.callbacks.Callback:
        """Follows a compiled model before its first step; the callback is to be among those of `fit`."""
        return _Following(self, learner, counter)

    def column(self, variable: Any) -> int:
        """The place of the layer that a variable belongs to."""
        return self._columns[id(variable)]

    def write(self) -> None:
        """Writes the file; `written` is when that was, on the monotonic clock."""
        # A disk that is full now may take it a second later, and training does not depend on it.
        with contextlib.suppress(OSError):
            self.trail.save(self._path)
        self.written = time.monotonic()


class _Following(keras.callbacks.Callback):
    """Reads what the training step of one model leaves in a ring of rows."""

    def __init__(self, recorder: GradientRecorder, learner: keras.Model, counter: Counter) -> None:
        super().__init__()
        self._recorder, self._learner, self._counter = recorder, learner, counter
        variables = learner.trainable_variables
        self._columns = np.array([recorder.column(variable) for variable in variables], np.int64)
        self._present = np.zeros(len(variables), bool)
        self._rows = tf.Variable(tf.zeros([ROWS, len(variables)]), trainable=False)
        self._made = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._first = self._read = self._waiting = 0
        plain = learner.optimizer.apply_gradients

        def apply_gradients(pairs: Any) -> Any:
            known = list(pairs)
            self._note([gradient for gradient, _ in known])
            return plain(known)

        learner.optimizer.apply_gradients = apply_gradients

    def on_train_begin(self, logs: Any = None) -> None:
        """Steps that were made to find the pace do not count; steps after the last checkpoint are made anew."""
        self._first, self._read, self._waiting = self._counter.steps, 0, 0
        self._made.assign(0)
        self._recorder.trail.forget_after(self._first)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Reads the rows before they are written over."""
        self._waiting += self._learner.steps_per_execution
        due = time.monotonic() - self._recorder.written >= SECONDS_BETWEEN_FILES
        if due or self._waiting >= ROWS // 2:
            self._take()
        if due:
            self._recorder.write()

    def on_train_end(self, logs: Any = None) -> None:
        """Reads the rest."""
        self._take()
        self._recorder.write()

    def _note(self, gradients: Sequence[Any]) -> None:
        """Adds the norms to the graph of a training step; half their squares, which is one operation each."""
        self._present = np.array([gradient is not None for gradient in gradients])
        nothing = tf.zeros([])
        halves = [nothing if each is None else tf.nn.l2_loss(tf.cast(summed(each), tf.float32)) for each in gradients]
        scale = self._learner.optimizer.scale_loss(tf.constant(1.0))
        place = tf.cast(self._made % ROWS, tf.int32)
        self._rows.scatter_nd_update([[place]], [tf.stack(halves) / tf.square(scale)])
        self._made.assign_add(1)

    def _take(self) -> None:
        made = int(self._made)
        rows = 2 * self._rows.numpy()[np.arange(self._read, made) % ROWS].astype(np.float64)
        squares = np.full((len(rows), len(self._recorder.trail.layers)), np.nan)
        for column in np.unique(self._columns[self._present]):
            squares[:, column] = rows[:, self._present & (self._columns == column)].sum(axis=1)
        self._recorder.trail.add(self._first + self._read + 1, squares)
        self._read, self._waiting = made, 0
