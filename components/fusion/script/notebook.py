"""The script as a Jupyter notebook: the same lines, a section a cell, with its heading above it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from components.fusion.script.document import IMPORTS, sections, summary
from components.models.facts import MemberFacts
from components.recipe import Recipe

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def write_notebook(recipe: Recipe, facts: Mapping[str, MemberFacts]) -> str:
    """The notebook as JSON in Jupyter's format 4.5; it runs where the script of `write_script` runs.

    Raises:
        Refusal: when the recipe has no graph or no data.
    """
    cells = [("markdown", f"# {summary(recipe)}"), ("code", IMPORTS)]
    for section in sections(recipe, facts):
        cells += [("markdown", f"## {section.heading}"), ("code", section.code)]
    notebook = {
        "cells": [_cell(index, kind, text) for index, (kind, text) in enumerate(cells)],
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cell(index: int, kind: str, text: str) -> dict[str, Any]:
    cell = {"id": f"cell-{index}", "cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
