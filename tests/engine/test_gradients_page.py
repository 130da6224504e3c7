"""From a recipe to the numbers on the Gradients page: the page's own script, and real workers that measure."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.recipe import Recipe
from components.store import Store

PAGE = Path(__file__).resolve().parents[2] / "pages" / "gradients.py"


def lines(page: AppTest, name: str) -> list[list[str]]:
    """The lines of a table on the page, by its name for screen readers; the names of the columns first."""
    [body] = [each.proto.body for each in page.get("html") if f'aria-label="{name}"' in each.proto.body]
    rows = re.findall(r"<tr>(.*?)</tr>", body)
    return [[html.unescape(re.sub("<.*?>", "", cell)) for cell in re.findall(r"<t[hd].*?>.*?</t[hd]>", row)] for row in rows]


@pytest.mark.parametrize(("count", "predicted"), [(2, "1/2"), (3, "1/3")])
def test_an_average_gives_each_member_its_part(
    count: int, predicted: str, web: None, shared_store: Store, recipe: Recipe
) -> None:
    mlp, cnn = recipe.members
    members = (mlp, cnn, mlp.model_copy(update={"name": "mlp-again"}))[:count]
    shared_store.save_draft(f"average-{count}", recipe.model_copy(update={"members": members, "graph": None}))
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    page.query_params["draft"] = f"average-{count}"
    page.session_state["compared"] = ["average", "tanh-gate"]
    page.run()
    assert not page.exception
    part = f"{1 / count:.3f}"
    said = " ".join(each.proto.body for each in page.get("html"))
    for member in members:
        assert f"{member.name} gets {predicted} of the gradient at the output: measured {part}" in said
    page.session_state["gradients-tab"] = "Side by side"
    page.run()
    found = {name: numbers for name, *numbers in lines(page, "How the gradient divides among the members")}
    for member in members:
        share, theory, measured = found[f"Average · {member.name}"]
        assert (theory, measured) == (part, part) and 0 < float(share.rstrip("%")) < 100
    for member in members[1:]:
        assert found[f"Tanh gate · {member.name}"] == ["0.0%", "0.000", "0.000"]
