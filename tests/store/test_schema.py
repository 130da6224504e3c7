"""A database that an earlier version has made opens, with all that lies in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, inspect

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


def prepare(url: str, *scripts: str) -> None:
    """Makes a database as an earlier version left it."""
    engine = create_engine(url)
    counting = "SERIAL NOT NULL" if engine.dialect.name == "postgresql" else "INTEGER NOT NULL"
    with engine.begin() as connection:
        for statement in ";".join(scripts).replace("id INTEGER NOT NULL", f"id {counting}").split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()


def test_the_first_schema_opens_with_its_rows(tmp_path: Path, url: str) -> None:
    prepare(url, FIRST_SCHEMA, ROWS)
    store = Store(tmp_path, url)
    [run] = store.runs()
    assert (run.name, run.recipe.name, run.state, run.steps, run.message) == ("calm-delta", "mine", "done", 30, "Done.")
    assert run.result is not None and run.result.best_epoch == 2
    assert (run.note, run.environment) == ("", None)
    seen = store.curve(run.id)
    [point] = seen.points
    assert (point.metric, point.loss != point.loss) == (0.25, True)
    store.drop_curves(run.id)
    assert store.curve(run.id, seen).points == ()
    assert store.draft("d1") == Recipe(name="draft")
    assert store.find_runs("calm mine done") == (run,), "it is found by what an earlier version did not write"
    new = store.create_run(Recipe(name="later"))
    assert store.runs() == (store.run(new.id), run)
    store.close()


def test_columns_indexes_and_tables_that_are_new_are_added_once(tmp_path: Path, url: str) -> None:
    """As if an earlier version had known less: a column that may not be empty, one that may, an index, a table."""
    earlier = (
        "DROP TABLE member_settings; DROP INDEX ix_runs_state; ALTER TABLE runs DROP COLUMN steps;"
        "ALTER TABLE runs DROP COLUMN detail; ALTER TABLE runs DROP COLUMN result;"
    )
    prepare(url, FIRST_SCHEMA, ROWS, earlier)
    store = Store(tmp_path, url)
    [run] = store.runs()
    assert (run.name, run.steps, run.detail, run.result) == ("calm-delta", 0, "", None)
    assert store.member_settings() == {}
    store.close()
    engine = create_engine(url)
    columns = {column["name"]: column for column in inspect(engine).get_columns("runs")}
    assert not columns["steps"]["nullable"] and columns["result"]["nullable"]
    assert "ix_runs_state" in {index["name"] for index in inspect(engine).get_indexes("runs")}
    engine.dispose()
    Store(tmp_path, url).close()


def test_a_start_that_finds_nothing_new_loads_no_alembic(tmp_path: Path, url: str) -> None:
    prepare(url, FIRST_SCHEMA)
    Store(tmp_path, url).close()
    opener = (
        "import sys; from pathlib import Path; from components.store import Store;"
        "Store(Path(sys.argv[1]), sys.argv[2]); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", opener, str(tmp_path), url], timeout=60).returncode == 0
