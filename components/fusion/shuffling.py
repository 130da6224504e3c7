"""The order in which samples are trained on: the same in a run and in the exported script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from components.fusion.lazy_tensorflow import tf


def shuffled_batches(gather: Callable[[Any], Any], count: int, size: int, seed: int) -> tuple[Any, Any]:
    """The batches of one epoch as a dataset, shuffled; the last holds what is left over.

    The order is a pure function of `seed` and of the epoch's number. Returned with the batches is the variable from which they
    read that number whenever their iteration begins. `gather` gives the samples at a vector of places, of which there are
    `count`, within a graph; a batch has `size` of them.
    """
    full, rest = divmod(count, size)
    epoch = tf.Variable(0, dtype=tf.int64, trainable=False)

    def order(_: tf.Tensor) -> tf.data.Dataset:
        seeds = tf.stack([tf.constant(seed, tf.int64), epoch])
        shuffled = tf.random.experimental.stateless_shuffle(tf.range(count), seed=seeds)
        # Slices of a matrix are many times faster than a batch gathered from single numbers.
        batches = tf.data.Dataset.from_tensor_slices(tf.reshape(shuffled[: full * size], [full, size]))
        return batches.concatenate(tf.data.Dataset.from_tensors(shuffled[full * size :])) if rest else batches

    batches = tf.data.Dataset.range(1).flat_map(order).map(gather, num_parallel_calls=tf.data.AUTOTUNE)
    # Without a known length Keras takes the end of every epoch for an interruption; and an endless dataset would be read
    # beyond the end of an epoch wherever one call makes several steps.
    known = tf.data.experimental.assert_cardinality(full + bool(rest))
    return batches.apply(known).prefetch(tf.data.AUTOTUNE), epoch
