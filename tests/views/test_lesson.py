from streamlit.testing.v1 import AppTest


def _page() -> None:
    from components.views.lesson import Lesson, lessons

    lessons([Lesson(title="a <b>", summary="x & y", formula="p < q", failures=("<i>",), source="a = '<script>'")])


def test_lessons_escape_what_they_show() -> None:
    [element] = AppTest.from_function(_page, default_timeout=60).run().get("html")
    body = element.proto.body
    assert "a &lt;b&gt;" in body and "&lt;script&gt;" in body and "x &amp; y" in body
    assert "<script>" not in body and "<i>" not in body
