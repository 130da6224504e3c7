"""The commands that use a trained model: judge it on data with a target, and predict new samples."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import Any

from components.commands.files import read_recipe
from components.commands.terminal import print_scores
from components.engine.workbench import gather, workbench
from components.recipe import Recipe, Refusal
from components.store import home_folder
from components.store.files import Files, plain_name

Arguments = argparse.Namespace

MODEL, RECIPE = "model.keras", "recipe.json"
"""What a run's folder holds."""


def evaluate(arguments: Arguments) -> None:
    """Judges a trained model on the test split of its recipe, or on all samples of another file, as the app does."""
    place = (arguments.recipe / RECIPE if arguments.recipe.is_dir() else arguments.recipe).resolve()
    model = _file(arguments.model or place.parent / MODEL, "Name the trained model with --model.")
    recipe = read_recipe(place)
    with _working([*_near(place), model, *filter(None, [arguments.data])]) as files:
        judged, notes = _judge(recipe, model, place, arguments.data, files)
    if arguments.json:
        print(_json(judged))
        return
    print_scores(judged.scores)
    print("\n".join([*filter(None, [judged.verdict]), *judged.warnings, *notes]))


def predict(arguments: Arguments) -> None:
    """Predicts new samples with a trained model, prepared as in training, and writes a table (CSV)."""
    model = _file(arguments.model, "Name a trained model, such as model.keras.")
    advice = "Name the recipe that the model was trained by, with --recipe."
    place = _file(arguments.recipe or model.parent / RECIPE, advice).resolve()
    data = _file(arguments.data, "Name a file with new samples.")
    recipe = read_recipe(place)
    with _working([*_near(place), model, data], arguments.out.parent) as files:
        from components.training.new_predictions import predict_file

        made = files.home / "predictions.csv"
        predicted = predict_file(recipe, _opened(model, files), data, data.name, _reference(recipe, place, files), made)
        arguments.out.write_bytes(made.read_bytes())
    print("\n".join([*predicted.notes, f"Wrote {predicted.samples:,} predictions to {arguments.out}."]))


def _judge(recipe: Recipe, model: Path, place: Path, data: Path | None, files: Files) -> tuple[Any, list[str]]:
    """What is judged, and what is to be told. Members that are not here are left out."""
    from components.engine.loading import Loader
    from components.training.after import judge

    notes, found = [], []
    for member in recipe.members:
        try:
            gather(Recipe(members=(member,)), _places(place), files)
            found.append(member)
        except Refusal as no:
            notes.append(f"{no.sentence} It is not compared.")
    loader = Loader(files)
    members = loader.models(recipe.model_copy(update={"members": tuple(found)}))
    opened = _opened(model, files)
    if data is None:
        gather(Recipe(data=recipe.data), _places(place), files)
        return judge(recipe, opened, members, *loader.samples(recipe)), notes
    return _judge_file(recipe, opened, members, place, data, files), notes


def _judge_file(recipe: Recipe, model: Any, members: dict[str, Any], place: Path, path: Path, files: Files) -> Any:
    """Judges all samples of a file; members need the recipe's own dataset, by which their inputs are scaled."""
    import numpy as np

    from components.data.bound import bind
    from components.data.new_samples import labelled
    from components.data.split import Splits
    from components.engine.loading import Loader
    from components.training.after import judge
    from components.training.feed import data_of

    samples = labelled(path, path.name, data_of(recipe), _reference(recipe, place, files))
    nothing, everything = np.arange(0), np.arange(len(samples.target))
    bound = None
    with suppress(Refusal):
        gather(Recipe(data=recipe.data), _places(place), files)
        bound = bind(data_of(recipe), Loader(files).path(data_of(recipe)))
    splits = Splits(nothing, nothing, everything)
    return judge(recipe, model, members if bound else {}, samples, splits, bound=bound)


def _json(judged: Any) -> str:
    import json

    scores = [score.model_dump() for score in judged.scores]
    return json.dumps({"verdict": judged.verdict, "scores": scores, **judged.analysis.model_dump()}, indent=2)


def _reference(recipe: Recipe, place: Path, files: Files) -> Any:
    """Gives the recipe's own dataset where new samples need it; refuses there, and only there, when it is not here."""
    from components.engine.loading import Loader

    def load() -> Any:
        gather(Recipe(data=recipe.data), _places(place), files)
        return Loader(files).reference(recipe)()

    return load


def _opened(path: Path, files: Files) -> Any:
    from components.models.intake import open_member
    from components.models.load import load_canonical

    clean = files.home / "trained.keras"
    open_member(path, plain_name(path.name), clean)
    return load_canonical(clean)


def _working(read: list[Path], *out: Path) -> Any:
    kept = Files(home_folder())
    return workbench(kept.home, [kept.blobs, *read], out)


def _near(recipe: Path) -> list[Path]:
    """Where the files of a recipe may lie: beside it, and beside the folder of a run that holds it."""
    return [recipe.parent, recipe.parent.parent]


def _places(recipe: Path) -> list[Files | Path]:
    return [Files(home_folder()), *_near(recipe)]


def _file(path: Path, advice: str) -> Path:
    if not path.is_file():
        raise Refusal(f"{path} is not a file. {advice}")
    return path
