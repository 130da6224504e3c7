"""The database's tables, in SQL that SQLite and PostgreSQL share. Documents are kept as their JSON text."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

members = Table(
    "members",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("facts", Text, nullable=False),
    Column("added", Float, nullable=False),
)

member_settings = Table(
    "member_settings",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("settings", Text, nullable=False),
)

datasets = Table(
    "datasets",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("facts", Text, nullable=False),
    Column("added", Float, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("recipe", Text, nullable=False),
    Column("saved", Float, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("recipe", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("created", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("epoch", Float, nullable=False, default=0.0),
    Column("steps", Integer, nullable=False, default=0),
    Column("steps_per_second", Float),
    Column("time_left", Float),
    Column("memory", BigInteger),
    Column("message", Text, nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("baselines", Text, nullable=False, default="[]"),
    Column("result", Text),
    Column("note", Text, nullable=False, default=""),
    Column("environment", Text),
    # What a search looks into, in small letters; NULL in rows of a version that knew no search.
    Column("words", Text),
    # In whose home folder the run's files lie.
    Column("home", String(16)),
    # How often its points were dropped, to be told anew by a run that was taken up again.
    Column("curves_revision", Integer, nullable=False, default=0),
)

points = Table(
    "points",
    metadata,
    # In SQLite only an INTEGER counts up by itself, and is as large.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("run_id", String(16), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("step", Integer, nullable=False),
    Column("epoch", Float, nullable=False),
    Column("split", String(16), nullable=False),
    # SQLite keeps a NaN as NULL; a loss that is not a number is a fact worth keeping.
    Column("loss", Float),
    Column("metric", Float),
    Column("learning_rate", Float),
    Index("points_of_run", "run_id", "id"),
)

comparisons = Table(
    "comparisons",
    metadata,
    # A comparison is a run that trains several layouts: queued, watched and removed as one.
    Column("run_id", String(16), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("comparison", Text, nullable=False),
    Column("report", Text),
)

compared_points = Table(
    "compared_points",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("run_id", String(16), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("contender", String(64), nullable=False),
    Column("seed", Integer, nullable=False),
    Column("epoch", Float, nullable=False),
    Column("loss", Float),
    Column("metric", Float),
    Index("points_of_comparison", "run_id", "id"),
)
