"""The command that writes a model in another format."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from components.engine.exports import MODEL
from components.engine.workbench import workbench
from components.models.exports import EXPORTS
from components.recipe import Refusal
from components.recipe.wording import shown
from components.store import home_folder, open_store


def export(arguments: argparse.Namespace) -> None:
    """Writes a model file, or the model of a run, in another format, and compares what both predict."""
    if arguments.format not in EXPORTS:
        raise Refusal(f"There is no format “{shown(arguments.format)}”. Choose one of {', '.join(EXPORTS)}.")
    path = _model(arguments.model)
    with workbench(home_folder(), [path], [arguments.out.parent]) as files:
        from components.models.exports.export import export_model
        from components.models.intake import open_member
        from components.models.load import load_canonical

        clean, made = files.home / "clean.keras", files.home / f"made{EXPORTS[arguments.format].suffix}"
        open_member(path, path.name, clean)
        exported = export_model(load_canonical(clean), arguments.format, made)
        shutil.copyfile(made, arguments.out)
    print("\n".join([f"Wrote {arguments.out}.", exported.sentence]))


def _model(name: str) -> Path:
    """The file of this path, else the model of the run of this id or name."""
    if Path(name).is_file():
        return Path(name)
    store = open_store()
    try:
        run = store.run_called(name)
        model = store.run_folder(run.id) / MODEL
    except Refusal as no:
        raise Refusal(f"“{shown(name)}” is neither a model file nor one run.", no.sentence) from no
    finally:
        store.close()
    if not model.exists():
        raise Refusal(f"The run {run.name} left no model here. Train it again, or name another run.")
    return model
