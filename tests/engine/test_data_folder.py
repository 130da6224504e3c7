"""Datasets opened by their path: in the data folder, never outside of it, without a copy, through a worker's sandbox."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from components.data.binding import propose
from components.data.facts import Bound
from components.engine.bundle import bundle
from components.engine.client import Engine, stop_supervisor
from components.engine.configuration import configuration
from components.engine.data_folder import datasets_in, inside, take_path
from components.engine.own_modules import check_address
from components.fusion.script.data_functions import read_pictures
from components.recipe import Recipe, Refusal
from components.store import Store
from components.store import opened as opening
from components.store.opened import check_unchanged, checksum, link, remembered, stamp
from tests.data.hostile import picture

ROWS = 400


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a table, pictures, links that lead out of it, and a secret beside it."""
    around = tmp_path_factory.mktemp("around")
    (around / "secret.csv").write_text("a,b,target\n" + "1,2,0\n2,3,1\n" * 20)
    folder = around / "data"
    (folder / "deep" / "er").mkdir(parents=True)
    random = np.random.default_rng(0)
    rows = "".join(f"{a:.4f},{b:.4f},{int(a > b)}\n" for a, b in random.normal(size=(ROWS, 2)))
    (folder / "deep" / "er" / "table.csv").write_text("a,b,target\n" + rows)
    for name in ("cat", "dog"):
        (folder / "pets" / name).mkdir(parents=True)
        for number in range(9):
            (folder / "pets" / name / f"{number}.png").write_bytes(picture("RGB", (6, 6), seed=number))
    (folder / "link.csv").symlink_to(around / "secret.csv")
    (folder / "up").symlink_to(around)
    (folder / "pets" / "cat" / "outside.png").symlink_to(around / "secret.csv")
    (folder / "notes.md").write_text("no dataset")
    (folder / "bad\nname.csv").write_text("a,b\n")
    (folder / ".hidden.csv").write_text("a,b\n")
    return folder


@pytest.fixture(scope="module")
def home(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A home whose configuration names the data folder, and keeps next to nothing in memory."""
    home = tmp_path_factory.mktemp("home")
    (home / "tributary.toml").write_text(f'data_folder = "{folder}"\nmost_in_memory = 1\n')
    store = Store(home, f"sqlite:///{home / 'store.db'}")
    yield store
    stop_supervisor(home)
    store.close()


def test_what_can_be_opened_is_listed_without_links_and_hidden_files(folder: Path) -> None:
    found = {(each.path, each.kind) for each in datasets_in(folder)}
    assert found == {("deep/er/table.csv", "file"), ("pets", "folder")}


@pytest.mark.parametrize(
    "path",
    [
        "../secret.csv",
        "deep/../../secret.csv",
        "link.csv",
        "up/secret.csv",
        "up",
        "",
        ".",
        "/etc/passwd",
        "no.csv",
        "a\0b",
        "~",
    ],
)
def test_nothing_outside_is_opened(folder: Path, path: str) -> None:
    with pytest.raises(Refusal):
        inside(folder, path)
    with pytest.raises(Refusal):
        inside(folder, str(folder.parent / "secret.csv"))


def test_a_table_and_pictures_are_opened_where_they_lie(home: Store, folder: Path, tmp_path: Path) -> None:
    engine = Engine(home)
    table = take_path(engine, home, "deep/er/table.csv")
    assert table.rows == ROWS and table.file_name == "table.csv"
    blob = home.blob(table.sha256)
    assert blob.is_symlink() and blob.resolve() == folder / "deep" / "er" / "table.csv"
    bound = Bound.model_validate(engine.request("bind", data=propose(table).model_dump(mode="json")))
    assert bound.training + bound.validation + bound.test == ROWS
    pets = take_path(engine, home, "pets")
    assert (pets.format, pets.rows, pets.file_name) == ("images", 18, "pets")
    bound = Bound.model_validate(engine.request("bind", data=propose(pets).model_dump(mode="json")))
    assert bound.class_counts == (9, 9)
    with (tmp_path / "bundle.zip").open("w+b") as file:
        bundle(home, Recipe(data=propose(pets)), "", file)
        with zipfile.ZipFile(file) as archive:
            archive.extract("pets", tmp_path)
    found = read_pictures(str(tmp_path / "pets"), 6, 6, True)
    expected = {path.read_bytes() for path in (folder / "pets").rglob("[0-9].png")}
    with zipfile.ZipFile(tmp_path / "pets") as archive:
        assert len(found["picture"]) == 18 and {archive.read(name) for name in archive.namelist()} == expected

    # One that is larger than memory is unpacked beside the link, by the worker, and goes with it.
    large = folder / "large.csv"
    large.write_text("a,b,target\n" + "".join(f"{number}.25,{number % 7},{number % 2}\n" for number in range(100_000)))
    facts = take_path(engine, home, "large.csv")
    assert facts.rows == 100_000 and facts.columns[0].mean == pytest.approx(49_999.75)
    kept = {path.suffix for path in home.blob(facts.sha256).parent.glob(f"{facts.sha256}*")}
    assert kept == {"", ".npz", ".opened"}
    data = propose(facts).model_dump(mode="json")
    assert Bound.model_validate(engine.request("bind", data=data)).training == 60_000
    large.write_text("a,b,target\n" + "1,2,0\n2,1,1\n" * 9)
    with pytest.raises(Refusal, match="Open it again"):
        engine.request("bind", data={**data, "split": {"seed": 1}})
    home.remove(facts.sha256)
    assert large.exists() and not list(home.blobs.rglob(f"{facts.sha256}*"))


def test_a_blob_that_leads_elsewhere_is_not_read_by_a_worker(home: Store, folder: Path) -> None:
    blob = home.blob("ab" * 32)
    blob.parent.mkdir(exist_ok=True)
    blob.symlink_to(folder.parent / "secret.csv")
    with pytest.raises(Refusal) as no:
        Engine(home).request("read_dataset", path=str(blob), file_name="t.csv", sha256="ab" * 32)
    assert "PermissionError" in no.value.detail


def test_a_checksum_is_made_once_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, notes = tmp_path / "x.csv", tmp_path / "notes"
    path.write_text("one")
    first = remembered(notes, path)
    assert first.sha256 == checksum(path) == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    monkeypatch.setattr(opening, "checksum", lambda path: "again")
    assert remembered(notes, path) == first
    os.utime(path, ns=(1, 1))
    assert remembered(notes, path).sha256 == "again"


def test_a_folder_is_known_by_names_and_contents(tmp_path: Path) -> None:
    folder, blob = tmp_path / "folder", tmp_path / "blob"
    folder.mkdir()
    (folder / "a").write_bytes(b"1")
    first, looks = checksum(folder), stamp(folder)
    link(blob, remembered(tmp_path / "notes", folder))
    check_unchanged(blob, "folder")
    (folder / "a").rename(folder / "b")
    assert checksum(folder) != first and stamp(folder) != looks
    with pytest.raises(Refusal, match="has changed, moved or gone"):
        check_unchanged(blob, "folder")


@pytest.mark.parametrize("setting", ["'relative'", "'/no/such/folder'", "3"])
def test_a_data_folder_that_is_none_is_told(tmp_path: Path, setting: str) -> None:
    (tmp_path / "tributary.toml").write_text(f"data_folder = {setting}")
    with pytest.raises(Refusal, match="data_folder"):
        configuration(tmp_path)


def test_nobody_else_may_reach_an_app_with_a_data_folder(home: Store, store: Store) -> None:
    with pytest.raises(Refusal, match="others could open the data"):
        check_address(home.home, "0.0.0.0")
    check_address(home.home, "127.0.0.1")
    with pytest.raises(Refusal, match="No data folder is allowed"):
        take_path(Engine(store), store, "table.csv")
