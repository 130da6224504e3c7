"""The command that merges models in weight space."""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from typing import Any

from components.commands.files import bind_data, open_members, paths_of, read_option
from components.engine.workbench import workbench
from components.models.weight_space.facts import MergeReport, Merging
from components.models.weight_space.methods import MERGES
from components.models.weight_space.registry import Need, find
from components.recipe import Member, Recipe
from components.store import home_folder
from components.store.files import Files

_NEEDS: dict[Need, str] = {"base": "--base", "data": "--data", "validation": "--data"}


def merges(arguments: argparse.Namespace) -> None:
    """Lists the merges, what each does and needs, and its options."""
    for method in MERGES.values():
        needs = "".join(f" Needs {_NEEDS[need]}." for need in method.needs)
        print(f"{method.name:<18} {method.summary}{needs}")
        for name, field in method.options.model_fields.items():
            print(f"{'':<18} --option {name}=…  {field.description} Default: {field.default!r}.")


def merge(arguments: argparse.Namespace) -> None:
    """Merges models of one architecture into one, by their weights."""
    models = [*arguments.member, *([arguments.base] if arguments.base else [])]
    paths = paths_of(models, arguments.data)
    merging = Merging(
        method=arguments.method,
        options=dict(map(read_option, arguments.option)),
        align=arguments.align,
        repair=arguments.repair,
        re_estimate=arguments.re_estimate,
    )
    # Refused here already, before seconds are spent on loading TensorFlow.
    find(merging.method).read(merging.options)
    with workbench(home_folder(), paths, [arguments.out.parent]) as files:
        made = files.home / "merged.keras"
        report = _merge(arguments, merging, files, made)
        shutil.copyfile(made, arguments.out)
    _print(report)
    print(f"Wrote {arguments.out}.")


def _merge(arguments: argparse.Namespace, merging: Merging, files: Files, made: Any) -> MergeReport:
    from components.engine.requests import Requests

    requests = Requests(files)
    opened = open_members([*arguments.member, *([arguments.base] if arguments.base else [])], files)
    members = [member for member, _ in opened]
    base = members.pop() if arguments.base else None
    recipe = Recipe(members=tuple(members))
    if arguments.data:
        data = bind_data(arguments.data, arguments.target, files, requests, [facts for _, facts in opened])
        recipe = _scaled(recipe.model_copy(update={"data": data}), base, requests)
    return requests.merge(recipe, merging, made, base)


def _scaled(recipe: Recipe, base: Member | None, requests: Any) -> Recipe:
    """The recipe with one scaling, since members that are merged take the same inputs: the base's, else that of most members.

    Specialists do not tell: on what they have never seen, they lose least with inputs that say little.
    """
    asked = recipe.model_copy(update={"members": (base,)}) if base else recipe
    [(scaling, _)] = Counter(requests.prepare(asked).scalings.values()).most_common(1)
    return recipe.model_copy(
        update={"members": tuple(member.model_copy(update={"scaling": scaling}) for member in recipe.members)}
    )


def _print(report: MergeReport) -> None:
    for note in report.notes:
        print(note)
    for curve in report.curves:
        middle = curve.points[len(curve.points) // 2]
        print(f"{'line':>8}  {curve.title}: barrier {curve.barrier:.4g}, metric {middle.metric:.4g} in the middle")
    for score in report.scores:
        print(f"{score.kind:>8}  {score.name:<24} loss {score.loss:10.4g}  metric {score.metric:10.4g}")
