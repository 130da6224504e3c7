"""From a recipe and its built model to the report on its gradients."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import keras
import numpy as np

from components.fusion.layouts import LAYOUTS
from components.gradients.bottleneck import bottleneck
from components.gradients.causes import Found, operation, why_bias_silent, why_silent, why_untrainable
from components.gradients.layout_verdict import layout_verdict, uneven_pair
from components.gradients.measured import Measured
from components.gradients.probe import Loss, Probe, Target
from components.gradients.report import Agreement, EdgeGradient, Fork, GradientReport
from components.gradients.second_softmax import second_softmaxes
from components.gradients.shares import shares
from components.gradients.update import step_norms
from components.gradients.verdicts import Evidence, judge
from components.gradients.weight_numbers import WeightNumbers
from components.recipe import Recipe


def measure(
    recipe: Recipe,
    model: keras.Model,
    inputs: dict[str, np.ndarray],
    target: Target,
    loss: Loss | Sequence[Loss],
) -> GradientReport:
    """Measures the gradient at every layer of a fused model on one probe batch; the model is left as it was.

    Args:
        recipe: What the model was built from: its layout and the names of its members.
        model: The fused model; branch layers are named `<member>.<layer>`.
        inputs: The probe batch (see `probe_batch`): an array for each input of the data, by its name.
        target: The batch's target: one for every output, or one for each.
        loss: One loss for every output, or one for each output in order.

    Raises:
        Refusal: when an input of the model is missing.
    """
    probe = Probe(recipe, model, loss)
    return report(recipe, probe, probe(inputs, target), len(next(iter(inputs.values()))))


def report(
    recipe: Recipe, probe: Probe, measured: Measured, samples: int, weights: WeightNumbers | None = None
) -> GradientReport:
    """Says what one measurement of a probe means, with the weights as they are now or as `weights` has read them."""
    weights = weights or WeightNumbers()
    flow, others = probe.flow, tuple(zip(probe.owners, measured.variables, strict=True))
    moved = step_norms(recipe.training, measured.gradients, weights)
    layers = judge(
        [
            _evidence(Found(owner, norms, flow, others), weights, moved, activation, dead)
            for (owner, norms), activation, dead in zip(others, measured.activations, measured.dead, strict=True)
        ]
    )
    pair = uneven_pair(layers)
    narrow = bottleneck(flow, probe.owners, *pair) if pair else ""
    verdict, summary = layout_verdict(layers, narrow)
    return GradientReport(
        layout=recipe.layout or recipe.name,
        title=LAYOUTS[recipe.layout].title if recipe.layout in LAYOUTS else recipe.name,
        samples=samples,
        loss=measured.loss if math.isfinite(measured.loss) else None,
        layers=layers,
        shares=shares(layers),
        ends=measured.ends,
        routes={member: norm / measured.output for member, norm in measured.ends.items() if measured.output},
        edges=tuple(EdgeGradient(source=tail, target=head, norm=norm) for (tail, head), norm in measured.edges.items()),
        bottleneck=narrow,
        agreement=tuple(
            Agreement(member=member, outputs=(probe.outputs[one], probe.outputs[other]), cosine=cosine)
            for (member, one, other), cosine in measured.agreement.items()
        ),
        forks=tuple(
            Fork(member=member, layer=layer, paths=(one, other), cosine=cosine)
            for (member, layer, one, other), cosine in measured.forks.items()
        ),
        notes=second_softmaxes(probe.model),
        verdict=verdict,
        summary=summary,
    )


def _evidence(
    found: Found, weights: WeightNumbers, moved: Mapping[int, float], activation: float | None, dead: float | None
) -> Evidence:
    owner = found.owner
    # The norm of the trainable weights, of the frozen ones where none is trainable.
    weight = math.hypot(*(weights(each).norm for each in owner.trainable or owner.fixed))
    reached = [norm for norm in found.norms if norm is not None]
    steps = [moved[id(variable)] for variable in owner.trainable if id(variable) in moved]
    at = operation(owner, found.flow)
    return Evidence(
        layer=owner.path,
        member=owner.member,
        kind=type(owner.layer).__name__,
        variables=len(owner.trainable),
        norm=math.hypot(*reached) if reached else None,
        weight=weight,
        update=math.hypot(*steps) / weight if steps and weight else None,
        activation=activation,
        dead=dead,
        finite_weights=all(weights(each).finite for each in (*owner.trainable, *owner.fixed)),
        silent=why_silent(found) if owner.trainable else why_untrainable(owner),
        silent_bias=why_bias_silent(found),
        leads_on=at is None or found.flow.reaches_output(at),
    )
