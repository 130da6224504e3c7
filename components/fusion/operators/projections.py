"""The members' features in one space, added, multiplied or subtracted there."""

from __future__ import annotations

from components.fusion.lazy_keras import keras
from components.fusion.operator import UNITS, operator, to_units
from components.fusion.signals import Tensor


@operator(
    title="Add",
    summary="Brings the members' features into one space and adds them.",
    formula="h = Σ (P_m h_m + b_m), P_m = I at the start where widths agree",
    reference="Feichtenhofer et al., 2016",
    infer=to_units,
    options={"units": UNITS},
    failures=("What one member says with one sign another can cancel.",),
    sign="+",
)
def add(tensors: list[Tensor], units: int, *, name: str) -> Tensor:
    """The sum of a linear map of each vector, which starts as the identity where the width is `units` already."""
    projected = [
        keras.layers.Dense(
            units,
            kernel_initializer="identity" if tensor.shape[-1] == units else "glorot_uniform",
            name=f"{name}.projection-{number}",
        )(tensor)
        for number, tensor in enumerate(tensors, start=1)
    ]
    return keras.layers.Add(name=name)(projected)


@operator(
    title="Multiply",
    summary="Brings the members' features into one space and multiplies them entry by entry (Hadamard product).",
    formula="h = (P_1 h_1 + b_1) ⊙ … ⊙ (P_M h_M + b_M)",
    reference="Kim et al., 2017",
    infer=to_units,
    options={"units": UNITS},
    failures=(
        "The gradient of one member is scaled by what the others give: where one gives 0, the others learn nothing.",
        "With many members the product vanishes or explodes.",
    ),
    sign="×",
)
def multiply(tensors: list[Tensor], units: int, *, name: str) -> Tensor:
    """The product, entry by entry, of a linear map of each vector."""
    projected = [
        keras.layers.Dense(units, name=f"{name}.projection-{number}")(tensor) for number, tensor in enumerate(tensors, start=1)
    ]
    return keras.layers.Multiply(name=name)(projected)


@operator(
    title="Subtract",
    summary="Brings the members' features into one space and takes those of the others away from the first member's.",
    formula="h = P_1 h_1 + b_1 − Σ_{m>1} (P_m h_m + b_m), P_m = I at the start where widths agree",
    reference="Mou et al., 2016",
    infer=to_units,
    options={"units": UNITS},
    failures=("What all members agree on is lost: only where they differ is left.",),
    sign="−",
)
def subtract(tensors: list[Tensor], units: int, *, name: str) -> Tensor:
    """The first linear map less the others; each starts as the identity where the width is `units` already."""
    first, *others = [
        keras.layers.Dense(
            units,
            kernel_initializer="identity" if tensor.shape[-1] == units else "glorot_uniform",
            name=f"{name}.projection-{number}",
        )(tensor)
        for number, tensor in enumerate(tensors, start=1)
    ]
    taken = keras.layers.Add(name=f"{name}.others")(others) if len(others) > 1 else others[0]
    return keras.layers.Subtract(name=name)([first, taken])
