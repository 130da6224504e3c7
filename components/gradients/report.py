"""What a gradient measurement says: plain values, no Keras."""

from __future__ import annotations

from typing import Literal

from components.recipe import Document

Verdict = Literal[
    "healthy", "vanishing", "exploding", "dead units", "frozen", "disconnected", "structurally zero", "not a number"
]


class LayerGradient(Document):
    """One layer of a fused model. `member` is None for what is fused (heads, operators, adapters).

    `norm` is the Euclidean norm of the gradient over all of the layer's trainable variables, None where no gradient exists;
    `weight` that of the weights (of the trainable ones, where there are any); both None where they are not finite.
    `update` is how far one step of the recipe's optimizer would move the trainable weights, over their norm; None where there
    is none. `activation` is the norm of the gradient with respect to what the layer gives, None where no gradient comes up to
    it. `dead` is the share of its rectified units that are zero on the whole probe batch, None where nothing is rectified.
    `reason` says in one sentence where the verdict comes from, `remedy` what can be done.

    What else a verdict rests on: `broken` names what holds numbers that are not finite; `silent` and `silent_bias` say why the
    layer, or its bias alone, gets no gradient by design, empty where it gets one; `leads_on` is False where nothing of what
    the layer gives reaches an output.
    """

    layer: str
    member: str | None
    kind: str
    variables: int
    norm: float | None
    weight: float | None
    update: float | None = None
    activation: float | None = None
    dead: float | None = None
    verdict: Verdict
    reason: str = ""
    remedy: str = ""
    broken: Literal["", "weights", "gradient"] = ""
    silent: str = ""
    silent_bias: str = ""
    leads_on: bool = True


class EdgeGradient(Document):
    """The norm of the gradient that comes up from `target` to `source`, two operations or inputs of the fused model by name."""

    source: str
    target: str
    norm: float


class Agreement(Document):
    """The cosine between the gradients of two outputs' losses on the weights of `member` (None: what is fused) that both reach.

    At 1 both pull in one direction; below 0 a step for one output undoes some of what a step for the other does.
    """

    member: str | None
    outputs: tuple[str, str]
    cosine: float


class Fork(Document):
    """The cosine between what two paths send up to one tensor of `member`'s branch that both read; None where one sends 0.

    `layer` gives the tensor. A path is named by what reads it: an operation, or an adapter or member for all of their own.
    At 1 both pull the branch in one direction; below 0 one undoes some of what the other asks for.
    """

    member: str
    layer: str
    paths: tuple[str, str]
    cosine: float | None


class GradientReport(Document):
    """One layout's gradients on the probe batch, layers from input to output; `shares` is each member's part of Σ norm².

    `ends` is the norm of the gradient at each member's branch's end, `routes` that norm over the one at the model's output; a
    member is missing where it is undefined. `edges` has what comes up between two operations, nested models unfolded; an edge
    is missing where nothing comes. `loss` is None where it is not finite. `bottleneck` says what narrows the gradient between a
    weak member and a strong one, empty for nothing. `agreement` is of models with several outputs, `forks` of members whose
    branch several operations read. `notes` has a sentence for each fault of the model's own that narrows the gradient.
    """

    layout: str
    title: str
    samples: int
    loss: float | None
    layers: tuple[LayerGradient, ...]
    shares: dict[str, float] = {}
    ends: dict[str, float] = {}
    routes: dict[str, float] = {}
    edges: tuple[EdgeGradient, ...] = ()
    bottleneck: str = ""
    agreement: tuple[Agreement, ...] = ()
    forks: tuple[Fork, ...] = ()
    notes: tuple[str, ...] = ()
    verdict: Verdict
    summary: str = ""
