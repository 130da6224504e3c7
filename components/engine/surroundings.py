"""The environment in which Keras and TensorFlow are loaded: quiet, and alike whoever starts them."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
"""The folder that holds the packages `components` and `pages`, and `app.py`."""


PARENT = "TRIBUTARY_PARENT"
"""The environment variable that tells a child which process started it."""


def surroundings(scratch: Path) -> dict[str, str]:
    """Environment variables for a process that loads TensorFlow.

    Temporary files and Keras' own folder lie in `scratch`, so that settings of this computer's user change nothing.
    """
    return {
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(scratch),
        "TEMP": str(scratch),
        "TMP": str(scratch),
        "KERAS_HOME": str(scratch),
        "KERAS_BACKEND": "tensorflow",
        "JOBLIB_MULTIPROCESSING": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # HDF5 would load filters as shared libraries from folders that a file names.
        "HDF5_PLUGIN_PRELOAD": "::",
    }


def last_change() -> float:
    """When the program's source was last changed, in seconds of the file system's clock."""
    return max(path.stat().st_mtime for path in (PROJECT / "components").rglob("*.py"))
