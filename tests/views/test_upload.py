"""What stays said of files that were refused, as more files are dropped."""

from __future__ import annotations

import html

import pytest
from streamlit.testing.v1 import AppTest


def _page(only_one: bool) -> None:
    from components.recipe import Refusal
    from components.views.upload import upload

    def take(stream, name, beside):  # type: ignore[no-untyped-def]
        if stream.read() == b"bad":
            raise Refusal(f"{name} cannot be read.")
        return ""

    upload("Drop", take, key="drop", doing="being read …", several=True, only_one=only_one)


def drop(page: AppTest, **files: bytes) -> list[str]:
    """Drops files at once, and gives the names of those of which a refusal stands on the page."""
    page.file_uploader[0].set_value([(name, content, "text/csv") for name, content in files.items()]).run()
    assert not page.exception
    said = " ".join(html.unescape(each.proto.body) for each in page.get("html"))
    return [name for name in ("first", "second", "third", "fourth") if f"{name} was not taken" in said]


@pytest.mark.parametrize("only_one", [True, False])
def test_a_file_that_is_taken_takes_earlier_refusals_away_where_one_alone_counts(only_one: bool) -> None:
    page = AppTest.from_function(_page, args=(only_one,), default_timeout=60).run()
    assert drop(page, first=b"bad") == ["first"]
    assert drop(page, second=b"bad") == ["first", "second"]
    assert drop(page, third=b"bad", fourth=b"good") == (["third"] if only_one else ["first", "second", "third"])
    assert drop(page, third=b"good") == ([] if only_one else ["first", "second"])
