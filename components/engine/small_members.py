"""From a dataset alone to members: small networks that are trained here, each by an ordinary run.

The network is built untrained in a worker and trained by a run of its own, with live curves, cancel and limits as every run
has them; then it is taken in like an upload.
"""

from __future__ import annotations

from pathlib import Path

from components.data.wording import listed
from components.engine.client import Engine
from components.engine.made import take_made
from components.fusion.alone import alone
from components.models.facts import MemberFacts
from components.models.settings import MemberSettings, read_title
from components.models.small_member import SmallMember
from components.recipe import Data, Member, Recipe, Training
from components.recipe.whole_file import whole_file
from components.store import Run, Store
from components.training.feed import data_of
from components.training.metrics import SHOWN

SAMPLES_SEEN, MOST_EPOCHS = 40_000, 80
"""So many samples teach a small member enough, unless that takes more than so many epochs."""

MEMBER_FILE = "member.json"
"""In a run's folder: the card of the member that was made of it."""


def training_for(samples: int, epochs: int | None = None) -> Training:
    """Settings with which a small member learns well on so many training samples: the fewer there are, the more epochs."""
    usual = min(MOST_EPOCHS, max(10, round(SAMPLES_SEEN / max(samples, 1))))
    return Training(learning_rate=3e-3, epochs=epochs or usual, patience=10)


def train_small_member(engine: Engine, store: Store, data: Data, order: SmallMember, training: Training) -> Run:
    """Builds a small member for these data and lets a run train it.

    Raises:
        Refusal: when the data cannot be read, or the member cannot be built for them.
    """
    made = engine.request("make_small_member", data=data.model_dump(mode="json"), order=order.model_dump(mode="json"))
    blank = take_made(engine, store, Path(made), order.name)
    member = Member(name=order.name, sha256=blank.sha256, file_name=blank.file_name)
    recipe = Recipe(
        name=order.name,
        members=(member,),
        data=data,
        graph=alone(member, blank, data),
        training=training,
        seed=order.seed,
    )
    run = store.create_run(recipe)
    engine.submit(run.id)
    return run


def trained_member(engine: Engine, store: Store, run: Run) -> MemberFacts:
    """The member that a finished run of `train_small_member` has trained; taken in by the first who asks.

    Raises:
        Refusal: when the run left no model.
    """
    kept = store.run_folder(run.id) / MEMBER_FILE
    if kept.exists():
        return MemberFacts.model_validate_json(kept.read_text(encoding="utf-8"))
    with (store.run_folder(run.id) / "model.keras").open("rb") as stream:
        upload = store.save_upload(stream, "model.keras")
    try:
        made = engine.request("trained_member", recipe=run.recipe.model_dump(mode="json"), path=str(upload.path))
    finally:
        store.discard(upload.sha256)
    facts = take_made(engine, store, Path(made), run.recipe.name, _story(run), _settings(run))
    with whole_file(kept) as part:
        part.write_text(facts.model_dump_json(), encoding="utf-8")
    # The untrained one is of no use any more; its file stays for the run's recipe.
    store.forget(run.recipe.members[0].sha256)
    return facts


def trained_here(store: Store) -> tuple[Run, ...]:
    """The runs that train or have trained a member alone, the newest first."""
    return tuple(run for run in store.runs() if run.recipe.is_single)


def is_taken(store: Store, run: Run) -> bool:
    """Whether the member that a run has trained was taken in."""
    return (store.run_folder(run.id) / MEMBER_FILE).exists()


def _settings(run: Run) -> MemberSettings:
    """What it is called on the shelf and what its classes are; it scales its inputs itself."""
    data = data_of(run.recipe)
    title = read_title(f"{run.recipe.name}, trained on {data.file_name}")
    return MemberSettings(title=title, classes=data.target.classes, scaling="none")


def _story(run: Run) -> str:
    """Where the member comes from and how good it is, for its card."""
    data, result = data_of(run.recipe), run.result
    if result is None:
        return ""
    metric = SHOWN[result.metric]
    reached = next((score.metric for score in result.scores if score.kind == "fused" and score.split == "validation"), None)
    score = "" if reached is None else f": {metric.title} {metric.text(reached)} on the validation split"
    return f"Trained here on {listed([data.file_name])} in {result.best_epoch} epochs{score}."
