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
from components.views.services import known_warnings, tried

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
    draft = recipe.model_copy(update={"members": (mlp, turned), "graph": None})
    shared_store.save_draft("turned", draft)
    assert known_warnings(draft) == []
    _, warnings = tried(draft)
    assert list(warnings) == ["cnn"] and "in another order" in warnings["cnn"]
    for name in ("fuse", "train"):
        page, said = opened(name, "turned")
        assert said.count(warnings["cnn"]) == 1 and "mlp is right" not in said
    assert not page.button(key="start").disabled, "it may be trained all the same"
    alone = draft.model_copy(update={"members": (turned,)})
    assert known_warnings(alone) == [warnings["cnn"]], "whichever members were tried beside it"
    assert known_warnings(recipe) == [], "once the classes are named in the order of the output"


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
