"""Class names as people paste them, and titles."""

from __future__ import annotations

import pytest

from components.models.settings import read_classes, read_title
from components.recipe import Refusal


@pytest.mark.parametrize(
    "text",
    [
        "cat\ndog\nhorse, brown",
        "  cat \n\n dog,\nhorse, brown\n",
        'cat, dog, "horse, brown"',
        "['cat', 'dog', 'horse, brown']",
        '["cat",\n "dog",\n "horse, brown"]',
        "cat\r\ndog\r\nhorse, brown\r\n",
    ],
)
def test_names_come_in_lines_or_with_commas(text: str) -> None:
    assert read_classes(text, 3) == ("cat", "dog", "horse, brown")


@pytest.mark.parametrize("text", ["", "  \n ", "[]", ","])
def test_nothing_takes_the_names_back(text: str) -> None:
    assert read_classes(text, 3) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a, b", "3 classes apart, and 2 names were given"),
        ("a", "and 1 name was given"),
        ("a\nb\nc\nd", "and 4 names were given"),
        ("a, b, a", "“a” stands there 2 times"),
    ],
)
def test_a_number_that_does_not_fit_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        read_classes(text, 3)


def test_what_cannot_be_seen_does_not_stay() -> None:
    assert read_classes("a\u202eb\nc\x1b[0m", 2) == ("a b", "c [0m")
    assert read_title("My\nmodel " + "x" * 100) == "My model " + "x" * 50 + "…"
