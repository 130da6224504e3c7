"""All views in a real script run: nothing fails, and no name from a file reaches the page as markup."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from components.gradients.report import Verdict
from components.views.member_words import shape_text, summary
from components.views.page import VERDICT_KINDS
from tests.views.invented import FACTS, GALLERY, HOSTILE


@pytest.fixture(scope="module")
def page() -> AppTest:
    return AppTest.from_file(str(GALLERY), default_timeout=60).run()


def markup(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html")]


def test_every_view_draws(page):
    assert not page.exception
    assert page.title[0].value == "Gallery"
    assert {button.label for button in page.button} >= {"Show an example", "Train"}


def test_a_hostile_name_is_text_and_never_markup(page):
    bodies = markup(page)
    assert sum("&lt;img src=x" in body for body in bodies) >= 8, "the name is shown in these views"
    assert not [body for body in bodies if re.search(r"<(img src=x|script)", body)]
    assert not [each.value for each in page.markdown if "<img" in each.value]
    assert not page.table, "a table would read names as Markdown"


def test_bold_words_are_bold_and_nothing_else_is(page):
    assert [body for body in markup(page) if "<strong>flatten</strong> was added, since &lt;img" in body]


def test_a_step_that_cannot_be_taken_says_why(page):
    (train,) = [button for button in page.button if button.label == "Train"]
    assert train.disabled
    assert [body for body in markup(page) if "Choose <strong>data</strong> first." in body]


def test_a_verdict_is_a_word_and_not_only_a_colour(page):
    assert [body for body in markup(page) if body == '<span class="badge bad">vanishing</span>']


def test_every_verdict_has_a_look():
    assert set(VERDICT_KINDS) == set(get_args(Verdict))


def test_a_technical_detail_lies_in_an_expander(page):
    (expander,) = [each for each in page.expander if each.label == "Technical detail"]
    assert expander.code[0].value == HOSTILE


def test_downloads_are_built_on_demand(page):
    labels = {each.label for each in page.get("download_button")}
    assert labels == {"Model", "Script"}


def history() -> None:
    from components.training.events import Point
    from components.views.live_chart import history_table

    points = [Point(step=step, epoch=step / 2, split="training", loss=1 / step, metric=0.5) for step in (1, 2)]
    history_table(points, metric="accuracy", file_name="history.csv")


def test_the_numbers_behind_the_curves_are_sent_once_they_are_asked_for():
    page = AppTest.from_function(history, default_timeout=60).run()
    assert not page.dataframe and not page.get("download_button")
    page.session_state["numbers-history.csv"] = True
    [table] = page.run().dataframe
    assert table.value[["step", "epoch", "loss"]].to_numpy().tolist() == [[1, 0.5, 1.0], [2, 1.0, 0.5]]
    assert [each.label for each in page.get("download_button")] == ["History as CSV"]


def test_a_member_says_what_goes_in_and_comes_out():
    facts = FACTS.model_copy(update={"format": "h5"})
    assert summary(facts) == "8 × ? × 1 → 10 softmax · 4,160 weights · Keras 2.15 h5"
    assert shape_text(()) == "1"
