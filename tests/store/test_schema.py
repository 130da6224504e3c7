"""A database that an earlier version has made opens, with all that lies in it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

from components.recipe import Recipe
from components.store import Store

FIRST_SCHEMA = """
CREATE TABLE datasets (sha256 VARCHAR(64) NOT NULL, facts TEXT NOT NULL, added FLOAT NOT NULL, PRIMARY KEY (sha256));
CREATE TABLE drafts (id VARCHAR(64) NOT NULL, recipe TEXT NOT NULL, saved FLOAT NOT NULL, PRIMARY KEY (id));
CREATE TABLE member_settings (sha256 VARCHAR(64) NOT NULL, settings TEXT NOT NULL, PRIMARY KEY (sha256));
CREATE TABLE members (sha256 VARCHAR(64) NOT NULL, facts TEXT NOT NULL, added FLOAT NOT NULL, PRIMARY KEY (sha256));
CREATE TABLE runs (
    id VARCHAR(16) NOT NULL, name VARCHAR(64) NOT NULL, recipe TEXT NOT NULL, state VARCHAR(16) NOT NULL,
    created FLOAT NOT NULL, started FLOAT, ended FLOAT, epoch FLOAT NOT NULL, steps INTEGER NOT NULL,
    steps_per_second FLOAT, time_left FLOAT, message TEXT NOT NULL, detail TEXT NOT NULL, baselines TEXT NOT NULL,
    result TEXT, PRIMARY KEY (id)
);
CREATE INDEX ix_runs_state ON runs (state);
CREATE TABLE points (
    id INTEGER NOT NULL, run_id VARCHAR(16) NOT NULL, step INTEGER NOT NULL, epoch FLOAT NOT NULL,
    split VARCHAR(16) NOT NULL, loss FLOAT, metric FLOAT, PRIMARY KEY (id),
    FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE
);
CREATE INDEX points_of_run ON points (run_id, id);
"""
"""The tables of version 0.1.0 as they were before any column was added."""

ROWS = """
INSERT INTO runs VALUES ('aaaaaaaaaaaaaaaa', 'calm-delta', '{"name": "mine"}', 'done', 100.0, 101.0, 102.0, 3.0, 30, NULL,
    NULL, 'Done.', '', '[]', '{"metric": "accuracy", "scores": [], "steps": 30, "epochs": 3, "best_epoch": 2, "seconds": 1.5}');
INSERT INTO points VALUES (7, 'aaaaaaaaaaaaaaaa', 1, 0.5, 'training', NULL, 0.25);
INSERT INTO drafts VALUES ('d1', '{"name": "draft"}', 100.0);
"""


def database(home: Path, *statements: str) -> str:
    with sqlite3.connect(home / "store.db") as connection:
        for each in statements:
            connection.executescript(each)
    connection.close()
    return f"sqlite:///{home / 'store.db'}"


def test_the_first_schema_opens_with_its_rows(tmp_path: Path) -> None:
    store = Store(tmp_path, database(tmp_path, FIRST_SCHEMA, ROWS))
    [run] = store.runs()
    assert (run.name, run.recipe.name, run.state, run.steps, run.message) == ("calm-delta", "mine", "done", 30, "Done.")
    assert run.result is not None and run.result.best_epoch == 2
    [(id, point)] = store.points(run.id)
    assert (id, point.metric, point.loss != point.loss) == (7, 0.25, True)
    assert store.draft("d1") == Recipe(name="draft")
    new = store.create_run(Recipe(name="later"))
    assert store.runs() == (store.run(new.id), run)
    store.close()


def test_columns_indexes_and_tables_that_are_new_are_added_once(tmp_path: Path) -> None:
    """As if an earlier version had known less: a column that may not be empty, one that may, an index, a table."""
    earlier = (
        "DROP TABLE member_settings; DROP INDEX ix_runs_state; ALTER TABLE runs DROP COLUMN steps;"
        "ALTER TABLE runs DROP COLUMN detail; ALTER TABLE runs DROP COLUMN result;"
    )
    url = database(tmp_path, FIRST_SCHEMA, ROWS, earlier)
    store = Store(tmp_path, url)
    [run] = store.runs()
    assert (run.name, run.steps, run.detail, run.result) == ("calm-delta", 0, "", None)
    assert store.member_settings() == {}
    store.close()
    before = (tmp_path / "store.db").read_bytes()
    Store(tmp_path, url).close()
    assert (tmp_path / "store.db").read_bytes() == before
    with sqlite3.connect(tmp_path / "store.db") as connection:
        columns = {row[1]: row[2:4] for row in connection.execute("PRAGMA table_info(runs)")}
        indexes = {row[1] for row in connection.execute("PRAGMA index_list(runs)")}
    connection.close()
    assert columns["steps"] == ("INTEGER", 1) and columns["result"] == ("TEXT", 0)
    assert "ix_runs_state" in indexes


def test_a_start_that_finds_nothing_new_loads_no_alembic(tmp_path: Path) -> None:
    url = database(tmp_path, FIRST_SCHEMA)
    Store(tmp_path, url).close()
    opener = (
        "import sys; from pathlib import Path; from components.store import Store;"
        "Store(Path(sys.argv[1]), sys.argv[2]); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", opener, str(tmp_path), url], timeout=60).returncode == 0
