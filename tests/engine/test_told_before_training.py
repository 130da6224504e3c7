"""What the pages say before a run starts: members whose classes stand in another order, and members that do not fit."""

from __future__ import annotations

import html
from pathlib import Path

from streamlit.testing.v1 import AppTest

from components.data.binding import propose
from components.engine.client import Engine
from components.engine.uploads import take_example
from components.models.facts import MemberFacts
from components.recipe import Recipe
from components.store import Store
from components.views.services import known_warnings, try_meanwhile
from tests.engine.waiting import until

PAGES = Path(__file__).resolve().parents[2] / "pages"


def opened(name: str, draft: str) -> tuple[AppTest, str]:
    """A page with a draft of the store, and all that it says in boxes and captions."""
    page = AppTest.from_file(str(PAGES / f"{name}.py"), default_timeout=120)
    page.query_params["draft"] = draft
    page.run()
    assert not page.exception
    return page, html.unescape(" ".join(each.proto.body for each in page.get("html")))


def test_a_member_with_its_classes_in_another_order_is_told_where_a_layout_is_chosen_and_trained(
    web: None, shared_store: Store, recipe: Recipe
) -> None:
    mlp, cnn = recipe.members
    assert recipe.data is not None
    turned = cnn.model_copy(update={"classes": recipe.data.target.classes[::-1]})
    # Each page comes first after a start of the app: no other has asked for these members under this seed.
    for seed, name in ((501, "fuse"), (502, "train")):
        draft = recipe.model_copy(update={"members": (mlp, turned), "graph": None, "seed": seed})
        shared_store.save_draft(name, draft)
        page, _ = opened(name, name)
        until(lambda draft=draft: known_warnings(draft))  # type: ignore[misc]
        [warning] = known_warnings(draft)
        assert warning.startswith("cnn is right") and "in another order" in warning
        _, said = opened(name, name)
        assert said.count(warning) == 1 and "mlp is right" not in said
    assert not page.button(key="start").disabled, "it may be trained all the same"
    alone = draft.model_copy(update={"members": (turned,)})
    assert known_warnings(alone) == [warning], "whichever members were tried beside it"
    named = draft.model_copy(update={"members": (cnn,)})
    assert try_meanwhile(named) is False, "another order of the classes is another question"
    until(lambda: try_meanwhile(named))
    assert known_warnings(named) == []


def test_members_that_do_not_fit_the_data_are_told_before_the_click(
    web: None, engine: Engine, shared_store: Store, recipe: Recipe, members: dict[str, MemberFacts]
) -> None:
    data = propose(take_example(engine, shared_store, "wine"), list(members.values()))
    shared_store.save_draft("wine", recipe.model_copy(update={"data": data, "graph": None}))
    reason = (
        "mlp takes 64 numbers, and the data give 13 numbers: no adapter can make one of the other. Choose other input columns"
    )
    train, said = opened("train", "wine")
    assert train.button(key="start").disabled
    assert reason in said and "Press" not in said
    assert reason in opened("data", "wine")[1]
    shared_store.save_draft("empty", Recipe())
    train, said = opened("train", "empty")
    assert train.button(key="start").disabled and "A fusion takes 2 members or more; 0 chosen." in said
