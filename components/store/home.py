"""Where things lie: one home folder a person, and one database.

Two environment variables change the defaults: `TRIBUTARY_HOME`, a folder, and `TRIBUTARY_STORE`, a database URL as
SQLAlchemy reads it, such as `postgresql+psycopg://user@host/tributary`.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from components.store.lock import FileLock
from components.store.names import new_id


def home_folder() -> Path:
    """The folder of everything that lasts; created, and readable by its owner alone."""
    home = Path(os.environ.get("TRIBUTARY_HOME") or platformdirs.user_data_dir("tributary")).expanduser().resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def home_id(home: Path) -> str:
    """What tells this folder from every other whose app shares its database; made once and kept in the folder."""
    path = home / "id"
    with FileLock(home / "store.lock"):
        if not path.exists():
            path.write_text(new_id(), encoding="ascii")
    return path.read_text(encoding="ascii")


def store_url(home: Path) -> str:
    """The database's URL: a SQLite file in the home folder unless another was named."""
    return os.environ.get("TRIBUTARY_STORE") or f"sqlite:///{home / 'store.db'}"
