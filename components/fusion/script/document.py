"""The script as a whole, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from components.fusion.layouts import LAYOUTS
from components.fusion.script.data import data_lines
from components.fusion.script.model import branch_lines, model_lines, operator_lines
from components.fusion.script.names import Names
from components.fusion.script.training import training_lines
from components.fusion.signals import listed
from components.models.facts import MemberFacts
from components.recipe import Recipe, Refusal

IMPORTS = """from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

Tensor = keras.KerasTensor"""
"""What every script begins with."""


class Section(NamedTuple):
    """A part of the script under a heading."""

    heading: str
    code: str


def write_script(recipe: Recipe, facts: Mapping[str, MemberFacts]) -> str:
    """The script. It expects `<member>.keras` for each member, and the data's file, in the folder where it runs.

    It leaves the predictions on the test split in `results`, under `before training` and `after training`.

    Args:
        recipe: With a graph and data.
        facts: What is known of each member, by the member's name.

    Raises:
        Refusal: when the recipe has no graph or no data.
    """
    body = "\n\n\n".join(f"# {section.heading}\n\n{section.code}" for section in sections(recipe, facts))
    return f'"""{summary(recipe)}"""\n\n{IMPORTS}\n\n\n{body}\n'


def sections(recipe: Recipe, facts: Mapping[str, MemberFacts]) -> tuple[Section, ...]:
    """The script's parts in order, without its head.

    Raises:
        Refusal: when the recipe has no graph or no data.
    """
    if recipe.graph is None or recipe.data is None:
        raise Refusal("A script needs a fusion graph and data. Pick a layout on the Fuse page first.")
    names = Names([member.name for member in recipe.members], [node.id for node in recipe.graph.nodes])
    return (
        Section("Data", data_lines(recipe.data)),
        Section("Members as branches", branch_lines(recipe, recipe.graph, facts, names)),
        Section("Operators", operator_lines(recipe.graph)),
        Section("The fused model, one line a node", model_lines(recipe, recipe.graph, facts, names)),
        Section("Training", training_lines(recipe, recipe.data, recipe.graph)),
    )


def summary(recipe: Recipe) -> str:
    """What the script does and what it needs, as the text at its head; the first line is a sentence of its own."""
    layout = LAYOUTS[recipe.layout].title if recipe.layout in LAYOUTS else "A fusion"
    members = [member.name for member in recipe.members]
    return (
        f"{layout} of {listed(members)}, in plain Keras.\n\n"
        "Written by Tributary. Needs tensorflow, numpy, scikit-learn and, for tables, pandas. Run it in a folder that holds\n"
        f"{listed([f'{name}.keras' for name in members])}, and the file of the data unless it is an example.\n"
    )
