"""The registry of operators.

An operator is one small function over Keras tensors. The same function is what runs, what is taught and what the exported
script shows, so it names nothing but Keras:

    @operator(
        title="Maximum",
        summary="Takes the largest value that any member gives.",
        formula="y = max_m y_m",
        reference="Kittler et al., 1998",
        infer=alike,
        failures=("The gradient flows to the largest member alone.",),
    )
    def maximum(tensors: list[Tensor], *, name: str) -> Tensor:
        return keras.layers.Maximum(name=name)(tensors)

Its keyword arguments are its options. A first argument called `tensors` takes several inputs, one called `tensor` takes one.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from pydantic.fields import FieldInfo

from components.fusion.signals import Signal, Tensor, describe
from components.recipe import Document, Options, Refusal
from components.recipe.options import option_model, read_options

Infer = Callable[[Sequence[Signal], Any], Signal]
"""From the signals that flow in, and the typed options, to the signal that flows out; raises Refusal where it cannot apply."""


UNITS: Any = Field(ge=1, le=65536, description="How many numbers come out.")
"""The option `units` of operators that have it."""

Start = Callable[[Any, Sequence[Any]], None]
"""`start(layer, heads)` sets the weights of the operator's layer from the dense layers that end its members, in order, so that
the fused model equals a function that is known. The script shows it too."""


@dataclass(frozen=True)
class Gate:
    """Where an operator over members can be asked how much each of them counts for a sample.

    The layer `<node>.<part>` gives a weight for each of the last inputs of the node; weights sum to 1. Where members are asked
    `in_turn`, the first that is sure answers alone: `<node>.<part>-<number>` gives whether it is, for each input but the last.
    """

    part: str
    in_turn: bool = False


@dataclass(frozen=True)
class Operator:
    """One operator: its function, its options, when it applies and what is known of it.

    `sign` is what a layout's small picture writes where the streams meet; `gradient` is whether one passes
    through; `starts_at_first` is whether it gives its first input unchanged until it is trained; `gate` is where it weighs its
    inputs anew for each sample, if it does.
    """

    name: str
    title: str
    summary: str
    formula: str
    reference: str
    function: Callable[..., Tensor]
    options: type[Document]
    takes_several: bool
    check: Infer
    failures: tuple[str, ...] = ()
    start: Start | None = None
    sign: str = ""
    gradient: bool = True
    starts_at_first: bool = False
    gate: Gate | None = None

    def infer(self, signals: Sequence[Signal], options: Options) -> Signal:
        """The signal that flows out.

        Raises:
            Refusal: when it cannot apply to these signals or has no such option.
        """
        if self.takes_several and len(signals) < 2:
            raise Refusal(f"{self.title} joins 2 inputs or more; it received {len(signals)}. Connect another one.")
        if not self.takes_several and len(signals) != 1:
            raise Refusal(
                f"{self.title} takes 1 input; it received {len(signals)}. Join them first, with concatenate for example."
            )
        return self.check(signals, read_options(self.options, self.title, options))

    def apply(self, tensors: Sequence[Tensor], options: Options, name: str) -> Tensor:
        """The Keras tensor that flows out; its layers are called `name` or `name.<part>`."""
        values = read_options(self.options, self.title, options)
        typed = {option: getattr(values, option) for option in self.options.model_fields}
        return self.function(list(tensors) if self.takes_several else tensors[0], **typed, name=name)

    @property
    def source(self) -> str:
        """The source of the function, without its registration."""
        return plain_source(self.function)


OPERATORS: dict[str, Operator] = {}


def operator(
    *,
    title: str,
    summary: str,
    formula: str,
    infer: Infer,
    reference: str = "",
    options: Mapping[str, FieldInfo] | None = None,
    failures: tuple[str, ...] = (),
    start: Start | None = None,
    sign: str = "",
    gradient: bool = True,
    starts_at_first: bool = False,
    gate: Gate | None = None,
) -> Callable[[Callable[..., Tensor]], Callable[..., Tensor]]:
    """Registers a function as an operator, under the function's own name with `-` for `_`.

    Args:
        title: What a person reads on a node.
        summary: What it does, in one sentence.
        formula: The same as mathematics.
        infer: Gives the signal that flows out; refuses where the operator cannot apply.
        reference: Who described it, and when.
        options: Bounds and descriptions of options, by the name of the argument.
        failures: Sentences on how it is known to fail.
        start: Sets its first weights so that the fused model equals a known function.
        sign: Up to four letters for a layout's small picture.
        gradient: Whether a gradient passes through it.
        starts_at_first: Whether it gives its first input unchanged until it is trained.
        gate: Where it weighs its inputs anew for each sample.
    """

    def register(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
        name = function.__name__.replace("_", "-")
        first = next(iter(inspect.signature(function).parameters))
        OPERATORS[name] = Operator(
            name=name,
            title=title,
            summary=summary,
            formula=formula,
            reference=reference,
            function=function,
            options=option_model(function, options or {}),
            takes_several=first == "tensors",
            check=infer,
            failures=failures,
            start=start,
            sign=sign,
            gradient=gradient,
            starts_at_first=starts_at_first,
            gate=gate,
        )
        return function

    return register


def plain_source(function: Callable[..., Any]) -> str:
    """A function's source without its decorators."""
    source = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(source).body[0]
    return "".join(source.splitlines(keepends=True)[definition.lineno - 1 :]).rstrip("\n")


def alike(signals: Sequence[Signal], options: Any) -> Signal:
    """For operators that join outputs of one shape and one meaning into another of it.

    Raises:
        Refusal: when shapes or meanings differ; nothing is broadcast.
    """
    shapes = list(dict.fromkeys(signal.shape for signal in signals))
    if len(shapes) > 1:
        received = " and ".join(describe(shape) for shape in shapes)
        raise Refusal(
            f"Inputs of one shape are needed; received {received}. Put an adapter in front, such as a dense projection."
        )
    kinds = list(dict.fromkeys(signal.kind for signal in signals))
    if len(kinds) > 1:
        raise Refusal(f"Inputs of one meaning are needed; received {' and '.join(kinds)}. Convert the heads first.")
    return signals[0]


def vector(signals: Sequence[Signal], title: str) -> None:
    """Refuses inputs that are not plain lists of numbers of known length."""
    for signal in signals:
        if not signal.is_vector:
            raise Refusal(f"{title} takes vectors; received {describe(signal.shape)}. Flatten or pool it first.")


def to_units(signals: Sequence[Signal], options: Any) -> Signal:
    """For operators that turn vectors into features of the width `units`.

    Raises:
        Refusal: when an input is not a vector.
    """
    vector(signals, "A join of features")
    return Signal((options.units,), "float32", "features")
