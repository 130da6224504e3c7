"""The store and the engine, one each for the whole web process, and answers that are worth keeping."""

from __future__ import annotations

import base64
import json
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from pydantic import TypeAdapter

from components.data.facts import Bound, DatasetFacts
from components.engine.bundle import bundle
from components.engine.client import Engine
from components.engine.datasets import read_dataset
from components.engine.protocol import Status
from components.models.comparison import Distance
from components.models.facts import MemberFacts
from components.models.weight_space.facts import MergeReport, Merging
from components.recipe import Data, Member, Reading, Recipe, Refusal, Scaling
from components.recipe.wording import shown
from components.store import Store, open_store
from components.training.leaderboard.entry import Entry
from components.training.rate_test import RateTest


@cache
def store() -> Store:
    """The store of this installation."""
    return open_store()


@cache
def engine() -> Engine:
    """The way to the worker processes."""
    return Engine(store())


@st.cache_data(show_spinner=False, ttl=1)
def status() -> Status:
    """How the engine is, at most a second old: every page of every session shows it."""
    return engine().status()


@st.cache_data(show_spinner=False, max_entries=256)
def answer(request: str, parameters: str) -> Any:
    """A worker's answer to a request that always has the same answer; `parameters` is JSON, so that it makes a short key.

    Raises:
        Refusal: when the worker refuses; a refusal is not kept.
    """
    return engine().request(request, **json.loads(parameters))


def _ask(request: str, **parameters: Any) -> Any:
    return answer(request, json.dumps(parameters, sort_keys=True))


def _plain(recipe: Recipe) -> dict[str, Any]:
    """A recipe without what changes nothing for a picture or a measurement: its name and its training settings."""
    return recipe.model_dump(mode="json", exclude={"name", "training"})


def dataset(data: Data) -> DatasetFacts:
    """The card of a dataset as the recipe reads it: the one that is kept, unless it was read otherwise then.

    Raises:
        Refusal: when there is none, or it cannot be read so.
    """
    kept = store().dataset(data.sha256)
    if data.reading in (None, kept.reading):
        return kept
    return _read_again(data.sha256, kept.file_name, data.reading.model_dump_json())


@st.cache_data(show_spinner=False, max_entries=16)
def _read_again(sha256: str, file_name: str, reading: str) -> DatasetFacts:
    found: Reading = TypeAdapter(Reading).validate_json(reading)
    return read_dataset(engine(), store().blob(sha256), file_name, sha256, found)


def bound(data: Data) -> Bound:
    """The dataset as it is bound: sizes of the splits and statistics of the inputs."""
    return Bound.model_validate(_ask("bind", data=data.model_dump(mode="json")))


def tried(recipe: Recipe) -> tuple[dict[str, Scaling], dict[str, str]]:
    """What comes of trying the members on the data, by the members' names.

    First the scaling of the inputs under which each does best on the validation split, then a sentence for each that does no
    better than chance. Members that cannot be tried alone are left out.
    """
    bare = _to_be_tried(recipe)
    answer = _ask("prepare", recipe=_plain(bare))
    for member in bare.members:
        _told_of(bare, member)["warning"] = answer["warnings"].get(member.name, "")
    return dict(answer["scalings"]), dict(answer["warnings"])


def known_warnings(recipe: Recipe) -> list[str]:
    """The sentences of `tried` on the members that were tried on these data before: at once, and without asking a worker."""
    bare = _to_be_tried(recipe)
    return list(filter(None, (_told_of(bare, member).get("warning") for member in bare.members)))


def try_meanwhile(recipe: Recipe) -> bool:
    """Lets a worker try the members that were not tried on these data before, and waits for nothing.

    Returns:
        Whether that is over. A trial that is refused is over too, and is not begun again; `tried` says why.
    """
    bare = _to_be_tried(recipe)
    if bare.data is None:
        return True
    untold = tuple(member for member in bare.members if not _told_of(bare, member))
    return not untold or not _trial(bare.model_copy(update={"members": untold}).model_dump_json()).is_alive()


@lru_cache(256)
def _trial(text: str) -> threading.Thread:
    def run() -> None:
        with suppress(Refusal):
            tried(Recipe.model_validate_json(text))

    # Not a pool of threads: the end of the process would wait for those.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def _to_be_tried(recipe: Recipe) -> Recipe:
    """A recipe without what plays no part in trying its members."""
    members = tuple(
        Member(name=each.name, sha256=each.sha256, file_name=each.file_name, classes=each.classes) for each in recipe.members
    )
    return Recipe(members=members, data=recipe.data, seed=recipe.seed)


def _told_of(bare: Recipe, member: Member) -> dict[str, str]:
    """What trying one member told, whichever members were tried beside it; empty until it was tried."""
    return _told(bare.model_copy(update={"members": (member,)}).model_dump_json())


@lru_cache(256)
def _told(text: str) -> dict[str, str]:
    return {}


def built(recipe: Recipe) -> dict[str, Any]:
    """Parameters and start of the fused model."""
    return dict(_ask("build", recipe=_plain(recipe)))


def plotted(recipe: Recipe) -> str:
    """The picture that Keras' own `plot_model` draws of the fused model, as SVG."""
    return str(_ask("plot_model", recipe=_plain(recipe)))


def plotted_member(facts: MemberFacts) -> str:
    """The picture that Keras' own `plot_model` draws of a member, as SVG."""
    return str(_ask("plot_member", member=_alone(facts)))


def compared(first: MemberFacts, second: MemberFacts) -> tuple[Distance, ...]:
    """How far the weights of two members are apart, for each pair of their aligned layers."""
    answer = _ask("compare_members", first=_alone(first), second=_alone(second))
    return tuple(Distance.model_validate(each) for each in answer)


def _alone(facts: MemberFacts) -> dict[str, Any]:
    return Member(name="member", sha256=facts.sha256, file_name=facts.file_name).model_dump(mode="json")


def clean_file(facts: MemberFacts) -> bytes:
    """A member as intake wrote it: a `.keras` file without compile state.

    Raises:
        Refusal: when it is not here any more.
    """
    try:
        return store().canonical(facts.sha256).read_bytes()
    except FileNotFoundError as error:
        raise Refusal(f"The file of {shown(facts.file_name)} is not here any more. Upload it again.") from error


def delete_member(sha256: str) -> None:
    """Takes a member off the shelf; its files stay while a run's recipe names them."""
    store().remove(sha256)
    card.cache_clear()


def exported(recipe: Recipe) -> bytes:
    """The fused model as it starts, as the bytes of a `.keras` file."""
    return Path(engine().request("export", recipe=_plain(recipe))).read_bytes()


def rate_test(recipe: Recipe, waiting: Callable[[], object]) -> RateTest:
    """A learning-rate range test, of the settings that play a part in it: the rate itself and how long a run is do not.

    `waiting` is called until it is done, and ends it by what it raises, as Streamlit's calls do when a person goes on. The last
    test of a session is kept.
    """
    part = {"optimizer", "batch_size", "momentum", "weight_decay", "clip_norm", "balance_classes", "precision", "head_epochs"}
    training = recipe.training.model_dump(mode="json", include=part)
    asked = {**recipe.model_dump(mode="json", exclude={"name"}), "training": training}
    last, test = st.session_state.get("last-rate-test", (None, None))
    if last != asked:
        test = RateTest.model_validate(engine().request("find_rate", waiting=waiting, recipe=asked))
        st.session_state["last-rate-test"] = (asked, test)
    return test


def leaderboard(recipe: Recipe) -> tuple[Entry, ...]:
    """What the members and the rules that need no training reach on the validation split, the best first."""
    bare = recipe.model_copy(update={"graph": None, "layout": None, "options": {}})
    known = {name: card.model_dump(mode="json") for name, card in facts(recipe).items()}
    return tuple(Entry.model_validate(entry) for entry in _ask("leaderboard", recipe=_plain(bare), facts=known))


def barrier(recipe: Recipe, merging: Merging) -> MergeReport:
    """How alike a recipe's two members are in weight space, and the line between them."""
    bare = recipe.model_copy(update={"graph": None, "layout": None, "options": {}})
    return MergeReport.model_validate(_ask("barrier", recipe=_plain(bare), merging=merging.model_dump(mode="json")))


def bundled(recipe: Recipe, script: str) -> bytes:
    """A ZIP of all that a script needs to run without the app."""
    with tempfile.TemporaryFile(dir=store().home) as file:
        bundle(store(), recipe, script, file)
        file.seek(0)
        return file.read()


def rendered(dot: str, format: str) -> bytes:
    """A graph drawn by Graphviz as `png`, `svg` or `pdf`."""
    return base64.b64decode(_ask("render", dot=dot, format=format))


def facts(recipe: Recipe) -> dict[str, MemberFacts]:
    """What is known of each member of a recipe, by the member's name."""
    return {member.name: card(member.sha256) for member in recipe.members}


@lru_cache(256)
def card(sha256: str) -> MemberFacts:
    """What is known of one member.

    Raises:
        Refusal: when it is not here any more.
    """
    return store().member(sha256)
