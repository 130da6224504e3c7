"""The recipe that a visitor is editing: kept over refreshes through `?draft=` in the address, with undo and redo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from components.data.binding import propose
from components.data.check import check
from components.data.facts import DatasetFacts
from components.fusion.plan import Plan, plan
from components.models.facts import MemberFacts
from components.models.settings import MemberSettings
from components.recipe import Data, Member, Reading, Recipe, Refusal, Scaling
from components.recipe.names import slug, unused
from components.views.address import draft_id
from components.views.boundary import attempt
from components.views.services import bound, dataset, facts, store, tried

_UNDO_STEPS = 50


class Draft:
    """One visitor's recipe. Every edit is saved at once, so that a refresh or a closed tab loses nothing."""

    def __init__(self) -> None:
        state = st.session_state
        id = draft_id()
        if state.get("draft_id") != id:
            state.recipe = store().draft(id) or Recipe()
            state.past, state.future = [], []
            state.draft_id = id

    @property
    def recipe(self) -> Recipe:
        """The recipe as it stands; its graph is written by `planned`."""
        return st.session_state.recipe

    def edit(self, **changes: Any) -> None:
        """Changes fields of the recipe; the state before can be had back with `undo`."""
        changed = Recipe(**{**dict(self.recipe), **changes})
        if changed != self.recipe:
            st.session_state.past = [*st.session_state.past, self.recipe][-_UNDO_STEPS:]
            st.session_state.future = []
            self._keep(changed)

    def edit_member(self, name: str, **changes: Any) -> None:
        """Changes fields of one member."""
        self.edit(
            members=tuple(
                Member(**{**dict(member), **changes}) if member.name == name else member for member in self.recipe.members
            )
        )

    def add_member(self, facts: MemberFacts, scaling: Scaling | None = None) -> str:
        """Adds a member under a name of its own; returns a sentence where that is not what a person would expect.

        What was set of its file by hand comes first. Without any `scaling` the member is tried on the data, where there are
        any, and gets what suits it best.
        """
        if any(member.sha256 == facts.sha256 for member in self.recipe.members):
            return f"{facts.file_name} is among the members already: the same content is one member."
        settings = store().member_settings().get(facts.sha256, MemberSettings())
        wanted = slug(settings.title, otherwise=slug(facts.file_name))
        name = unused(wanted, {member.name for member in self.recipe.members})
        scaling = settings.scaling or scaling
        member = Member(
            name=name,
            sha256=facts.sha256,
            file_name=facts.file_name,
            scaling=scaling or "none",
            classes=settings.classes,
        )
        self.edit(members=(*self.recipe.members, member))
        if scaling is None:
            self.try_scalings((name,))
        return "" if name == wanted else f"Another member is named {wanted}, so this one is named {name}."

    def set_by_hand(self, sha256: str, **changes: Any) -> None:
        """Keeps fields of `MemberSettings` for a member's file, and brings them to the member of this recipe."""
        kept = store().member_settings().get(sha256, MemberSettings())
        store().keep_settings(sha256, MemberSettings(**{**dict(kept), **changes}))
        taken = {name: value for name, value in changes.items() if name in Member.model_fields and value is not None}
        for member in self.recipe.members:
            if member.sha256 == sha256 and taken:
                self.edit_member(member.name, **taken)

    def remove_member(self, name: str) -> None:
        """Takes a member out of the fusion; its file stays."""
        self.edit(members=tuple(member for member in self.recipe.members if member.name != name))

    def choose_data(self, dataset: DatasetFacts, *, try_scalings: bool = True) -> None:
        """Binds a dataset as proposed for these members, and gives each the scaling that suits it best, or the one set by hand.

        Raises:
            Refusal: when the dataset has nothing to predict or nothing to predict it from.
        """
        self.edit(data=propose(dataset, list(facts(self.recipe).values())))
        if try_scalings:
            by_hand = {sha256 for sha256, settings in store().member_settings().items() if settings.scaling}
            self.try_scalings(tuple(member.name for member in self.recipe.members if member.sha256 not in by_hand))

    def read_again(self, reading: Reading) -> None:
        """Reads the dataset another way; target and inputs stay where they still fit, else they are proposed anew.

        Raises:
            Refusal: when it cannot be read so, or then holds nothing to predict.
        """
        if self.recipe.data is None:
            return
        data = Data(**{**dict(self.recipe.data), "reading": reading})
        found = dataset(data)
        try:
            check(data, found)
        except Refusal:
            data = Data(**{**dict(propose(found, list(facts(self.recipe).values()))), "split": data.split})
            check(data, found)
        self.edit(data=data)

    def try_scalings(self, names: tuple[str, ...]) -> None:
        """Tries every scaling of the inputs for these members on the validation split and keeps the best."""
        if self.recipe.data is None or not names:
            return
        found, _ = tried(self.recipe)
        self.edit(
            members=tuple(
                Member(**{**dict(member), "scaling": found[member.name]})
                if member.name in names and member.name in found
                else member
                for member in self.recipe.members
            )
        )

    def undo(self) -> None:
        """Takes the last edit back."""
        state = st.session_state
        if state.past:
            state.future = [*state.future, self.recipe]
            self._keep(state.past.pop())

    def redo(self) -> None:
        """Makes an undone edit again."""
        state = st.session_state
        if state.future:
            state.past = [*state.past, self.recipe]
            self._keep(state.future.pop())

    def planned(self, layout: str | None = None) -> tuple[Recipe, Plan]:
        """The recipe with the graph of its layout, or of the one named, and what was adapted.

        Raises:
            Refusal: when members, data and layout do not fit.
        """
        layout = layout or self.recipe.layout
        members, data = branches(self.recipe)
        if layout is None:
            raise Refusal("No layout is chosen yet. Pick one on the Fuse page.")
        options = self.recipe.options if layout == self.recipe.layout else {}
        planned = plan(layout, options, members, data, bound(data))
        return Recipe(**{**dict(self.recipe), "layout": layout, "options": options, "graph": planned.graph}), planned

    def _keep(self, recipe: Recipe) -> None:
        st.session_state.recipe = recipe
        store().save_draft(st.session_state.draft_id, recipe)


def branches(recipe: Recipe) -> tuple[list[tuple[Member, MemberFacts]], Data]:
    """The members with their facts, and the data.

    Raises:
        Refusal: when members or data are not chosen yet.
    """
    if len(recipe.members) < 2:
        raise Refusal(f"A fusion takes 2 members or more; {len(recipe.members)} chosen. Choose them on the Models page.")
    if recipe.data is None:
        raise Refusal("No dataset is chosen yet. Choose one on the Data page.")
    known = facts(recipe)
    return [(member, known[member.name]) for member in recipe.members], recipe.data


def edited(
    widget: Callable[..., Any], label: str, value: Any, change: Callable[[Any], None], *, key: str, **settings: Any
) -> Any:
    """A widget that shows a value of the draft and hands what a person enters to `change`.

    The draft alone holds the value, so that undo, another page or another tab never show a stale one.
    """
    st.session_state[key] = value
    return widget(label, key=key, on_change=lambda: attempt(change, st.session_state[key]), **settings)
