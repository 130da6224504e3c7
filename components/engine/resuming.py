"""Which runs can go on, and from what."""

from __future__ import annotations

from components.store import Run, Store

CHECKPOINT = "checkpoint.npz"
"""The file in a run's folder from which it goes on."""

TRAININGS = "trainings"
"""The folder in a comparison's folder of the trainings that have ended, from which it goes on."""

STUDY = "study.db"
"""The file in a search's folder of the trials that have ended, from which it goes on."""


def can_resume(store: Store, run: Run) -> bool:
    """Whether a run was stopped by a person, or cut off once there was something to go on from."""
    folder = store.run_folder(run.id)
    kept = any((folder / name).exists() for name in (CHECKPOINT, TRAININGS, STUDY))
    return run.state in ("paused", "cancelled") or (run.state == "failed" and kept)
