"""The draft through a real script run: edits, undo, and what survives a new session."""

import pytest
from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from components.recipe import Training
    from components.views.draft import Draft, edited

    draft = Draft()
    st.button("undo", key="undo", on_click=draft.undo)
    st.button("redo", key="redo", on_click=draft.redo)

    def change(epochs: int) -> None:
        draft.edit(training=Training(epochs=epochs))

    edited(st.number_input, "Epochs", draft.recipe.training.epochs, change, key="epochs", step=1)


def test_edits_are_undone_and_made_again() -> None:
    page = AppTest.from_function(_page, default_timeout=60).run()
    page.number_input(key="epochs").set_value(7).run()
    page.number_input(key="epochs").set_value(9).run()
    page.button(key="undo").click().run()
    assert page.number_input(key="epochs").value == 7
    page.button(key="redo").click().run()
    assert page.number_input(key="epochs").value == 9


def test_a_new_session_of_the_same_address_finds_the_recipe() -> None:
    first = AppTest.from_function(_page, default_timeout=60).run()
    first.number_input(key="epochs").set_value(11).run()
    again = AppTest.from_function(_page, default_timeout=60)
    again.query_params["draft"] = first.session_state.draft_id
    assert again.run().number_input(key="epochs").value == 11


def _addressed() -> None:
    from components.views.address import keep_draft_in_address
    from components.views.draft import Draft

    keep_draft_in_address()
    Draft()


@pytest.mark.parametrize(
    ("named", "kept"), [(None, False), ("new_here-1", True), ("", False), ("a\0b", False), ("a" * 65, False)]
)
def test_the_address_names_the_draft(named: str | None, kept: bool) -> None:
    page = AppTest.from_function(_addressed, default_timeout=60)
    if named is not None:
        page.query_params["draft"] = named
    id = page.run().session_state.draft_id
    assert (id == named) == kept and id
    assert page.query_params["draft"] == id
    assert page.run().session_state.draft_id == id and page.query_params["draft"] == id


def _form() -> None:
    import streamlit as st

    from components.fusion.layouts import LAYOUTS
    from components.views.option_form import option_form

    st.session_state.setdefault("options", {})
    option_form(
        LAYOUTS["weighted-average"].options, st.session_state.options, lambda new: st.session_state.update(options=new), key="w"
    )
    st.json(st.session_state.options)


def test_weights_that_cannot_be_read_stay_in_the_field() -> None:
    form = AppTest.from_function(_form, default_timeout=60).run()
    form.text_input(key="option-w-weights").set_value("0.25; 0.75").run()
    assert form.session_state.options == {"weights": [0.25, 0.75]}
    form.text_input(key="option-w-weights").set_value("a lot").run()
    assert form.text_input(key="option-w-weights").value == "a lot"
    assert form.session_state.options == {"weights": [0.25, 0.75]}
    assert not form.exception


def _refusing() -> None:
    import streamlit as st

    from components.recipe import Refusal, Training
    from components.views.boundary import run_page
    from components.views.draft import Draft, edited

    class Page:
        def run(self) -> None:
            draft = Draft()
            edited(
                st.number_input, "Epochs", 5, lambda epochs: draft.edit(training=Training(epochs=epochs)), key="epochs", step=1
            )
            edited(st.text_input, "Word", "", self.refuse, key="word")

        def refuse(self, word: str) -> None:
            raise Refusal(f"Not <b>{word}</b>.")

    run_page(Page().run)


def test_a_callback_that_refuses_is_told_on_the_next_page_and_only_there() -> None:
    page = AppTest.from_function(_refusing, default_timeout=60).run()
    page.text_input(key="word").set_value("this").run()
    assert "Not &lt;b&gt;this&lt;/b&gt;." in page.get("html")[0].proto.body
    assert not page.exception
    assert not page.run().get("html")
    page.number_input(key="epochs").set_value(-1).run()
    assert "That value cannot be used" in page.get("html")[0].proto.body


def _away(name: str) -> None:
    import streamlit as st
    from sqlalchemy.exc import OperationalError

    from components.views.boundary import run_page, say

    error = OperationalError("SELECT a", {}, Exception("connection refused")) if name == "database" else KeyError("<a>")

    def part() -> None:
        raise error

    if name == "database":
        run_page(lambda: st.text("before"), part, lambda: st.text("behind"))
    else:
        say(error)


@pytest.mark.parametrize(("name", "sentence"), [("database", "cannot be used"), ("fault", "could not be drawn")])
def test_a_database_that_is_away_and_a_fault_are_told_in_a_sentence(monkeypatch, name: str, sentence: str) -> None:
    monkeypatch.setenv("TRIBUTARY_STORE", "postgresql://me:secret@host/runs?password=secret")
    page = AppTest.from_function(_away, args=(name,), default_timeout=60).run()
    [told] = page.get("html")
    assert sentence in told.proto.body and "secret" not in told.proto.body
    assert ("postgresql://me:***@host/runs" in told.proto.body) == (name == "database")
    assert [text.value for text in page.text] == (["before"] if name == "database" else [])
    assert not page.exception


def _member() -> None:
    import streamlit as st

    from components.views.draft import Draft
    from components.views.services import store
    from tests.views.invented import FACTS

    draft = Draft()
    store().add_member(FACTS)
    st.button("add", on_click=draft.add_member, args=(FACTS,))
    st.button(
        "set", on_click=draft.set_by_hand, args=(FACTS.sha256,), kwargs={"scaling": "caffe", "classes": tuple("abcdefghij")}
    )
    st.button("title", on_click=draft.set_by_hand, args=(FACTS.sha256,), kwargs={"title": "Mine"})
    st.button("undo", on_click=draft.undo)
    st.session_state.kept = store().member_settings().get(FACTS.sha256)


def test_what_is_set_by_hand_is_kept_for_the_file_and_undone_in_the_recipe() -> None:
    def press(page: AppTest, label: str) -> None:
        next(button for button in page.button if button.label == label).click().run()
        assert not page.exception

    page = AppTest.from_function(_member, default_timeout=60).run()
    for label in ("add", "set", "title"):
        press(page, label)
    [member] = page.session_state.recipe.members
    assert (member.scaling, member.classes[:2]) == ("caffe", ("a", "b"))
    assert page.session_state.kept.title == "Mine" and page.session_state.kept.scaling == "caffe"
    press(page, "undo")
    assert page.session_state.recipe.members[0].scaling == "none"
    again = AppTest.from_function(_member, default_timeout=60).run()
    press(again, "add")
    [member] = again.session_state.recipe.members
    assert (member.name, member.scaling, member.classes[:2]) == ("mine", "caffe", ("a", "b")), (
        "it comes so into the next fusion"
    )
