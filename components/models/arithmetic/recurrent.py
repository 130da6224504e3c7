"""Layers that work step by step, and those that lay another layer on every step.

A cell's matrices count two for each weight, as everywhere; its gates' activations and products are added one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from components.models.arithmetic.kernels import channels
from components.models.arithmetic.rule import Shape, floating_point_operations, numbers_in, rule


def _simple_step(cell: Any, width: int) -> int:
    return cell.units * (2 * (width + cell.units) + bool(cell.use_bias) + 1)


def _lstm_step(cell: Any, width: int) -> int:
    """Four gates with bias and activation; then f · c + i · g, its tanh, and o times that."""
    return cell.units * (8 * (width + cell.units) + 4 * bool(cell.use_bias) + 4 + 5)


def _gru_step(cell: Any, width: int) -> int:
    """Three gates with biases and activation; the reset gate's product; then z · h + (1 − z) · h'."""
    biases = 3 * bool(cell.use_bias) * (2 if cell.reset_after else 1)
    return cell.units * (6 * (width + cell.units) + biases + 3 + 1 + 4)


def _stacked_step(cell: Any, width: int) -> int:
    widths = [width, *(each.units for each in cell.cells)]
    return sum(_step(each, given) for each, given in zip(cell.cells, widths, strict=False))


CELLS: dict[str, Callable[[Any, int], int]] = {
    "SimpleRNNCell": _simple_step,
    "LSTMCell": _lstm_step,
    "GRUCell": _gru_step,
    "StackedRNNCells": _stacked_step,
}
"""By a cell's class: from the cell and how many numbers flow in to the operations of one step."""


def _step(cell: Any, width: int) -> int:
    return CELLS[type(cell).__name__](cell, width)


@rule("RNN SimpleRNN LSTM GRU")
def _recurrent(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return (inputs[0][0] or 1) * _step(operation.cell, inputs[0][-1] or 1)


@rule("ConvLSTM1D ConvLSTM2D ConvLSTM3D")
def _recurrent_convolution(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    """At each step four gates, each of a convolution of the input and one of the state; then as in an LSTM."""
    cell = operation.cell
    state = outputs[0][1:] if operation.return_sequences else outputs[0]
    each = 8 * math.prod(cell.kernel_size) * (channels(cell, inputs[0][1:]) + cell.filters) + 4 * bool(cell.use_bias) + 4 + 5
    return (inputs[0][0] or 1) * each * numbers_in(state)


@rule("Bidirectional")
def _both_ways(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    each, merging = outputs, 0
    if operation.merge_mode == "concat":
        each = [[*outputs[0][:-1], (outputs[0][-1] or 2) // 2]]
    elif operation.merge_mode is not None:
        merging = numbers_in(outputs[0])
    ways = (operation.forward_layer, operation.backward_layer)
    return merging + sum(floating_point_operations(way, inputs, each) for way in ways)


@rule("TimeDistributed")
def _at_every_step(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    inner = [[shape[1:] for shape in shapes] for shapes in (inputs, outputs)]
    return (inputs[0][0] or 1) * floating_point_operations(operation.layer, *inner)


@rule("SpectralNormalization")
def _wrapped(operation: Any, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
    return floating_point_operations(operation.layer, inputs, outputs)
