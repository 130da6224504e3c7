"""What a person can do with a member: name it, name its classes, set its scaling, take it away, delete it."""

from __future__ import annotations

import streamlit as st

from components.models.facts import MemberFacts
from components.models.settings import LONGEST_TITLE, MemberSettings, read_classes, read_title
from components.recipe import Refusal
from components.recipe.wording import shown
from components.views.downloads import Download, download_row
from components.views.draft import Draft, edited
from components.views.page import caption, refusal
from components.views.scalings import SCALINGS
from components.views.services import clean_file, delete_member, store

TRIED = "as found by trying on the data"
"""What stands for no scaling set by hand."""

MOST_RUNS = 5
"""Of more runs that use a member, the newest are named."""


def member_actions(draft: Draft, facts: MemberFacts, name: str, settings: MemberSettings) -> None:
    """A row of small buttons below a member's card; `name` is its name in the recipe."""
    id = facts.sha256[:12]
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"actions-{id}"):
        popover = st.popover("Name, classes, scaling", key=f"by-hand-{id}", on_change="rerun", type="tertiary")
        if popover.open:
            with popover:
                _settings(draft, facts, settings)
        download_row([Download(".keras", f"{name}.keras", lambda: clean_file(facts))], key=f"clean-{id}")
        st.button(
            "Remove",
            key=f"remove-{name}",
            on_click=draft.remove_member,
            args=(name,),
            type="tertiary",
            help=f"Takes {name} out of this fusion; the file stays on the shelf.",
        )
        deletion(draft, facts)


def deletion(draft: Draft, facts: MemberFacts) -> None:
    """A button that says who still uses a member before it is deleted from the shelf."""
    popover = st.popover("Delete …", key=f"delete-{facts.sha256[:12]}", on_change="rerun", type="tertiary")
    if not popover.open:
        return
    with popover:
        for sentence in _consequences(draft, facts):
            caption(sentence)
        st.button("Delete it", key=f"delete-now-{facts.sha256[:12]}", on_click=_delete, args=(draft, facts.sha256))


def _delete(draft: Draft, sha256: str) -> None:
    for member in draft.recipe.members:
        if member.sha256 == sha256:
            draft.remove_member(member.name)
    delete_member(sha256)


def _consequences(draft: Draft, facts: MemberFacts) -> list[str]:
    runs, drafts = store().users_of(facts.sha256)
    own = any(member.sha256 == facts.sha256 for member in draft.recipe.members)
    others = drafts - own
    told = [f"**{shown(facts.file_name)}** leaves the shelf" + (" and this fusion." if own else ".")]
    if runs:
        named = ", ".join(runs[:MOST_RUNS]) + (f" and {len(runs) - MOST_RUNS} more" if len(runs) > MOST_RUNS else "")
        told.append(f"Its file stays for the sake of {_count(len(runs), 'run')}: {named}.")
    else:
        told.append("No run uses it, so its file goes too. Upload it again to have it back.")
    if others > 0:
        told.append(f"{_count(others, 'other fusion')} in progress will ask for it again.")
    return told


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _settings(draft: Draft, facts: MemberFacts, settings: MemberSettings) -> None:
    sha256, id = facts.sha256, facts.sha256[:12]
    edited(
        st.text_input,
        "Shown as",
        settings.title,
        lambda text: draft.set_by_hand(sha256, title=read_title(text)),
        key=f"title-{id}",
        placeholder=shown(facts.file_name),
        max_chars=LONGEST_TITLE,
    )
    edited(
        st.selectbox,
        "Its inputs come to it",
        settings.scaling or TRIED,
        lambda scaling: draft.set_by_hand(sha256, scaling=None if scaling == TRIED else scaling),
        key=f"default-scaling-{id}",
        options=[TRIED, *SCALINGS],
        format_func=lambda scaling: SCALINGS.get(scaling, scaling),
        help="What the member was trained on. It begins with this in every fusion.",
    )
    if facts.class_count:
        _classes(draft, facts, settings)


def _classes(draft: Draft, facts: MemberFacts, settings: MemberSettings) -> None:
    """The names of the classes. What does not fit stays in the field, with a sentence below it."""
    key = f"classes-{facts.sha256[:12]}"
    unread: tuple[str, Refusal] | None = st.session_state.get(f"{key}-unread")

    def enter(text: str) -> None:
        try:
            names = read_classes(text, facts.class_count)
        except Refusal as no:
            st.session_state[f"{key}-unread"] = (text, no)
        else:
            st.session_state.pop(f"{key}-unread", None)
            draft.set_by_hand(facts.sha256, classes=names)

    edited(
        st.text_area,
        f"Names of its {facts.class_count} classes, in the order of its output",
        unread[0] if unread else "\n".join(settings.classes),
        enter,
        key=key,
        height=160,
        placeholder="One a line, or separated by commas",
    )
    if unread:
        refusal(unread[1].sentence, title="These names were not taken")
