"""From a recipe to what is fed to its model and what the model is to predict."""

from __future__ import annotations

from typing import Any

from components.data.on_disk import Values
from components.data.samples import Samples
from components.recipe import Data, InputNode, OutputNode, Recipe, Refusal, Target


def data_of(recipe: Recipe) -> Data:
    """The data that a recipe is for.

    Raises:
        Refusal: when it has none yet.
    """
    if recipe.data is None:
        raise Refusal("The recipe has no data yet. Choose a dataset on the Data page.")
    return recipe.data


def target_of(recipe: Recipe) -> Target:
    """The target that a recipe trains for.

    Raises:
        Refusal: when it has no data yet.
    """
    return data_of(recipe).target


def answer_text(target: Target, value: Any) -> str:
    """What was to be predicted of a sample, as a person reads it: its class, its labels, or the number.

    Args:
        target: What is predicted.
        value: The sample's entry in `Samples.target`: a number, or of several labels an array of 0 and 1.
    """
    if target.task == "multilabel":
        return "; ".join(name for name, applies in zip(target.classes, value, strict=True) if applies > 0.5)
    return target.classes[int(value)] if target.classes else str(value)


def loss_weights(recipe: Recipe) -> tuple[float, ...]:
    """How much the loss of each of the fused model's outputs counts, in their order."""
    return tuple(node.loss_weight for node in recipe.graph.nodes if isinstance(node, OutputNode)) if recipe.graph else ()


def feed(recipe: Recipe, samples: Samples) -> list[Values]:
    """The samples' arrays in the order of the fused model's inputs.

    Raises:
        Refusal: when the graph is fed an input that the data do not have.
    """
    nodes = [node for node in recipe.graph.nodes if isinstance(node, InputNode)] if recipe.graph else []
    absent = [node.binding for node in nodes if node.binding not in samples.inputs]
    if absent or not nodes:
        raise Refusal(
            f"The fusion graph takes the input {', '.join(absent) or 'of no dataset'}; "
            f"the data have {', '.join(samples.inputs)}. Pick the layout again on the Fuse page."
        )
    return [samples.inputs[node.binding] for node in nodes]
