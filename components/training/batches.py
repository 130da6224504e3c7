"""The batches of a run, from memory or from disk, in an order that depends on the seed and the epoch alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from components.data.columns import Array
from components.data.on_disk import OnDisk, Values
from components.fusion.shuffling import shuffled_batches


def training_batches(
    inputs: Sequence[Values], targets: Sequence[Array], size: int, seed: int, weights: Array | None = None
) -> tuple[tf.data.Dataset, tf.Variable]:
    """The batches of one epoch, shuffled; the last holds what is left over.

    The order is a pure function of `seed` and of the epoch's number, so that a run can be repeated, and continued.

    Args:
        inputs: An array for each input of the model, in the model's order; all of one length. Of one on disk, each batch reads
            its own samples.
        targets: An array for each output of the model.
        size: Samples in a batch.
        seed: Of the order.
        weights: How much each sample counts in every output's loss; all count alike where there are none.

    Returns:
        The batches, and the variable from which they read the epoch's number whenever their iteration begins.
    """
    # Several outputs may learn one target, which is then read once.
    reads = {id(values): _rows(values) for values in (*inputs, *targets)}
    rows = _structure([reads[id(values)] for values in inputs], [reads[id(values)] for values in targets])
    if weights is not None:
        weight = _rows(weights.astype("float32"))
        rows = (*rows, tf.nest.map_structure(lambda _: weight, rows[1]))

    def gather(indices: tf.Tensor) -> Any:
        given = {read: read(indices) for read in dict.fromkeys(tf.nest.flatten(rows))}
        return tf.nest.map_structure(given.__getitem__, rows)

    return shuffled_batches(gather, len(inputs[0]), size, seed)


def evaluation_batches(inputs: Sequence[Values], targets: Sequence[Array], size: int) -> tf.data.Dataset:
    """The samples once, in their order, in batches of at least `size`: as large as is quick, up to 512 samples or 16 MiB."""
    sample = sum(values[:1].nbytes for values in inputs)
    size = max(size, min(512, (16 << 20) // max(sample, 1)))
    return ordered_batches(_structure(inputs, targets), size)


def ordered_batches(structure: Any, size: int) -> tf.data.Dataset:
    """The samples of all arrays of a structure once, in their order."""
    arrays = tf.nest.flatten(structure)
    if any(isinstance(values, OnDisk) for values in arrays):
        rows = tf.nest.map_structure(_rows, structure)
        batches = tf.data.Dataset.range(len(arrays[0])).batch(size)
        return batches.map(lambda part: tf.nest.map_structure(lambda read: read(part), rows)).prefetch(tf.data.AUTOTUNE)
    return tf.data.Dataset.from_tensor_slices(structure).batch(size).prefetch(tf.data.AUTOTUNE)


def _rows(values: Values) -> Callable[[tf.Tensor], tf.Tensor]:
    """What gives the samples at these places, within a graph."""
    if not isinstance(values, OnDisk):
        array = tf.constant(values)
        return lambda places: tf.gather(array, places)
    on_disk = values

    def read(places: tf.Tensor) -> tf.Tensor:
        batch = tf.numpy_function(on_disk.__getitem__, [places], tf.float32)
        batch.set_shape((None, *on_disk.sample))
        return batch

    return read


def _structure(x: Sequence[Any], y: Sequence[Any]) -> Any:
    """As `fit` takes inputs and targets: a model with one input or one output wants one alone, else a tuple."""
    return (x[0] if len(x) == 1 else tuple(x)), (y[0] if len(y) == 1 else tuple(y))
