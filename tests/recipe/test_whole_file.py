from __future__ import annotations

import os

import pytest

from components.recipe.whole_file import whole_file


def test_a_reader_finds_the_old_file_until_the_new_one_is_written(tmp_path):
    path = tmp_path / "numbers.json"
    path.write_text("old")
    with whole_file(path) as part:
        part.write_text("new")
        assert part.suffix == path.suffix
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize("old", ["old", None])
def test_what_breaks_off_leaves_the_old_file_and_nothing_beside_it(tmp_path, old):
    path = tmp_path / "numbers.json"
    if old:
        path.write_text(old)
    with pytest.raises(OSError, match="full"):
        _break_off(path)
    assert [each.read_text() for each in tmp_path.iterdir()] == ([old] if old else [])


def _break_off(path):
    with whole_file(path) as part:
        part.write_text("half")
        raise OSError("the disk is full")
