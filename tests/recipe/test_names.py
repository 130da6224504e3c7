import pytest

from components.recipe.names import slug, unused


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("digits-mlp.keras", "digits-mlp"),
        ("My Model (2).H5", "my-model-2"),
        ("wine.weights.h5", "wine"),
        ("<img src=x>.keras", "img-src-x"),
        ("模型.keras", "member"),
        ("a" * 90 + ".keras", "a" * 40),
        ("-.keras", "member"),
    ],
)
def test_a_member_is_named_after_its_file(file_name: str, name: str) -> None:
    assert slug(file_name) == name


def test_a_taken_name_is_numbered() -> None:
    assert unused("a", {"b"}) == "a"
    assert unused("a", {"a", "a-2"}) == "a-3"


def test_a_name_without_latin_letters_leaves_the_other() -> None:
    assert slug("小狗", otherwise="digits") == "digits"
    assert slug("小狗.keras") == "member"
