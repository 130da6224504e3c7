"""From a recipe to what is fed to its model and what the model is to predict."""

from __future__ import annotations

from typing import Any

from components.data.on_disk import Values
from components.data.samples import Samples
from components.data.wording import listed
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


def output_nodes(recipe: Recipe) -> tuple[OutputNode, ...]:
    """The outputs of the recipe's graph, in the order of the fused model's."""
    return tuple(node for node in recipe.graph.nodes if isinstance(node, OutputNode)) if recipe.graph else ()


def target_places(recipe: Recipe) -> tuple[int, ...]:
    """For each of the fused model's outputs the place of its target among the data's; the first where it names none.

    Raises:
        Refusal: when the recipe has no data, or an output names a target that the data do not have.
    """
    names = [target.name for target in data_of(recipe).targets]
    gone = [node.target for node in output_nodes(recipe) if node.target and node.target not in names]
    if gone:
        raise Refusal(
            f"The fused model predicts {listed(gone)}; the data have the targets {listed(names)}. Pick the layout again on the "
            "Fuse page."
        )
    return tuple(names.index(node.target) if node.target else 0 for node in output_nodes(recipe))


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
