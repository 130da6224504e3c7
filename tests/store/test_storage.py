"""What takes room in the home folder, and what goes when it is cleared."""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

from components.recipe import Member, Recipe
from components.store import Store
from components.store.storage import remove_unused, room
from tests.store.test_store import dataset_facts, member_facts


def old(*paths: Path) -> None:
    for path in paths:
        os.utime(path, (time.time() - 7200,) * 2, follow_symlinks=False)


def test_room_is_shared_out_and_only_what_nothing_needs_goes(store: Store, tmp_path: Path) -> None:
    member, dataset, kept, unused, new = (
        store.save_upload(io.BytesIO(bytes([65 + place]) * 10**place), "x") for place in range(1, 6)
    )
    store.add_member(member_facts(member.sha256))
    store.canonical(member.sha256).write_bytes(b"clean")
    store.add_dataset(dataset_facts(dataset.sha256))
    unpacked = dataset.path.with_name(f"{dataset.sha256}.npz")
    unpacked.write_bytes(b"unpacked")
    run = store.create_run(Recipe(members=(Member(name="k", sha256=kept.sha256, file_name="k"),)))
    (store.run_folder(run.id) / "model.keras").write_bytes(b"model")
    gone = store.home / "runs" / "gone"
    gone.mkdir()
    (gone / "model.keras").write_bytes(b"four")
    left = store.blobs / "incoming-xyz"
    left.write_bytes(b"half")
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.csv").write_bytes(b"1" * 10**6)
    link = store.blobs / "ff" / ("f" * 64)
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    old(member.path, dataset.path, kept.path, unused.path, unpacked, gone, left, link)
    taken = room(store)
    assert (taken.members, taken.datasets, taken.runs) == (10 + 5, 100 + 8, 5)
    assert taken.unused == 10_000 + 4 + 4
    assert taken.kept == 1000 + 100_000, "one for a run, one that has just come"
    remove_unused(store)
    assert room(store) == taken.model_copy(update={"unused": 0, "other": room(store).other})
    assert (elsewhere / "mine.csv").exists() and not link.is_symlink() and not gone.exists()
    assert new.path.exists() and member.path.exists() and unpacked.exists()
    store.remove(dataset.sha256)
    assert not dataset.path.exists() and not unpacked.exists()
