"""Which layouts a draft can have, worked out once for its members and data: a click on a layout changes neither."""

from __future__ import annotations

from functools import lru_cache

from components.fusion.plan import Fitness, plannable
from components.recipe import Recipe, Refusal, Training
from components.views.draft import branches
from components.views.services import bound


def fitness(recipe: Recipe) -> dict[str, Fitness]:
    """For each layout whether these members and data can have it.

    Raises:
        Refusal: when members or data are not chosen yet.
    """
    bare: dict[str, object] = {"name": "", "layout": None, "options": {}, "graph": None, "training": Training()}
    return _fitness(recipe.model_copy(update=bare).model_dump_json())


def usable_layouts(recipe: Recipe) -> list[str]:
    """The layouts that fit, with adapters where they need them.

    Raises:
        Refusal: when members or data are not chosen yet, or when no layout fits them.
    """
    # What is kept does not know that a member was deleted meanwhile.
    branches(recipe)
    found = fitness(recipe)
    usable = [name for name, fit in found.items() if fit.refusal is None]
    if not usable:
        raise Refusal(f"No layout fits these members and data. {found[recipe.layout or 'average'].refusal}")
    return usable


@lru_cache(128)
def _fitness(text: str) -> dict[str, Fitness]:
    members, data = branches(Recipe.model_validate_json(text))
    return plannable(members, data, bound(data))
