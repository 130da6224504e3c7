"""Which layouts are chosen at first, later, and after members or data have changed."""

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from components.views.layout_pills import all_that_fit, layout_pills

    usable = st.session_state.usable
    chosen = layout_pills(usable, ["average", "average", "series"], key="pills")
    all_that_fit(usable, chosen, pills="pills", key="all")


def chosen(page: AppTest, *usable: str) -> list[str]:
    page.session_state.usable = list(usable)
    page.run()
    assert not page.exception
    return list(page.session_state.pills)


def test_what_was_chosen_is_kept_while_any_of_it_fits() -> None:
    page = AppTest.from_function(_page, default_timeout=60)
    assert chosen(page, "average", "product", "series") == ["average", "series"]
    page.button(key="all").click().run()
    assert chosen(page, "average", "product", "series") == ["average", "product", "series"]
    assert chosen(page, "product", "median") == ["product"]
    assert chosen(page, "average", "median") == ["average"], "nothing of it fits: proposed anew"


def test_who_chooses_none_keeps_none() -> None:
    page = AppTest.from_function(_page, default_timeout=60)
    chosen(page, "average", "series")
    page.button_group(key="pills").set_value([])
    assert chosen(page, "average", "series") == []
