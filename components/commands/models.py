"""The commands that open one model file."""

from __future__ import annotations

import argparse
import shutil
from contextlib import AbstractContextManager
from pathlib import Path

from components.engine.workbench import workbench
from components.recipe import Refusal
from components.store import home_folder
from components.store.files import Files

Arguments = argparse.Namespace


def inspect(arguments: Arguments) -> None:
    """Opens a model file and prints what is known of it."""
    with _opening(arguments) as files:
        from components.models.intake import open_member

        facts = open_member(arguments.file, arguments.file.name, files.home / "clean.keras", arguments.weights)
    if arguments.json:
        print(facts.model_dump_json(indent=2))
        return
    print(f"{facts.file_name}: {facts.format}, Keras {facts.keras_version or 'unknown'}, {facts.parameters:,} weights")
    for title, tensors in (("input", facts.inputs), ("output", facts.outputs)):
        for tensor in tensors:
            print(f"{title:>8}  {tensor.name} {tensor.shape} {tensor.dtype}")
    print(f"{'head':>8}  {facts.head}")
    for row in facts.layers:
        print(f"{'layer':>8}  {row.name} · {row.kind} {row.shape} · {row.parameters:,} weights")
    for note in facts.notes:
        print(f"{'note':>8}  {note}")


def convert(arguments: Arguments) -> None:
    """Writes a model file as a clean Keras 3 file."""
    with _opening(arguments, arguments.out.parent) as files:
        from components.models.intake import open_member

        made = files.home / "clean.keras"
        facts = open_member(arguments.file, arguments.file.name, made, arguments.weights)
        shutil.copyfile(made, arguments.out)
    print("\n".join((f"Wrote {arguments.out}.", *facts.notes)))


def _opening(arguments: Arguments, *out: Path) -> AbstractContextManager[Files]:
    files = [arguments.file, *filter(None, [arguments.weights])]
    for file in files:
        if not file.is_file():
            raise Refusal(f"{file} is not a file. Name a model file, such as model.keras.")
    return workbench(home_folder(), files, out)
