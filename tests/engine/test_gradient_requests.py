"""Gradient reports as the page asks for them: each layout once, in parts for several workers."""

from __future__ import annotations

import json

import pytest

from components.engine.client import Engine
from components.fusion.plan import plan
from components.gradients.probing import Probing
from components.models.facts import MemberFacts
from components.recipe import Recipe
from components.store import Store
from components.views import gradient_requests, services


@pytest.mark.usefixtures("web")
def test_parts_asked_of_two_workers_equal_one_request(
    engine: Engine, shared_store: Store, recipe: Recipe, members: dict[str, MemberFacts]
) -> None:
    probing = Probing()
    branches = [(member, members[member.name]) for member in recipe.members]
    recipes = []
    for layout in ("average", "concatenate", "maximum"):
        graph = plan(layout, {}, branches, recipe.data, services.bound(recipe.data)).graph
        recipes.append(recipe.model_copy(update={"layout": layout, "options": {}, "graph": graph}))
    together = engine.request(
        "gradients", recipes=[json.loads(each.model_dump_json()) for each in recipes], probing=probing.model_dump(mode="json")
    )
    first = gradient_requests.gradients(recipes[:2], probing)
    every = gradient_requests.gradients(recipes, probing)
    assert every[:2] == first
    for report, plain in zip(every, together, strict=True):
        assert report.layout == plain["layout"]
        norms = [layer["norm"] for layer in plain["layers"]]
        assert [layer.norm for layer in report.layers] == pytest.approx(norms, rel=1e-6)
