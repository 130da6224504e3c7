"""What the rules that need no training reach, as a table from which one is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from components.recipe import Options, Task
from components.training.leaderboard.entry import Entry
from components.views.page import caption
from components.views.row_choice import choose_rows, choosing

_WORDS: dict[Task, tuple[str, str, str]] = {
    "binary": ("Accuracy", "Cross-entropy", "Wilson's interval"),
    "multiclass": ("Accuracy", "Cross-entropy", "Wilson's interval"),
    "multilabel": ("Accuracy of labels", "Cross-entropy", "Student's interval over samples"),
    "regression": ("R²", "Squared error", "Resampled interval"),
}
"""What the score, the loss and the interval of an entry are."""


def leaderboard_table(entries: Sequence[Entry], task: Task, use: Callable[[str, Options], None]) -> None:
    """The entries, best first; `use` is handed the layout and the options of a line that is chosen."""

    def chosen(row: int) -> None:
        if layout := entries[row].layout:
            use(layout, entries[row].options)

    score, loss, interval = _WORDS[task]
    table = pd.DataFrame(
        {
            "Rule or member": entry.title,
            score: entry.score,
            "95 %": "n/a" if entry.low is None else f"{entry.low:.3f} – {entry.high:.3f}",
            loss: entry.loss,
            "Calibration error": entry.calibration,
            "What it is": _kind(entry),
            "Weights": entry.parameters,
            "Operations": entry.operations,
        }
        for entry in entries
    )
    if task == "regression":
        table = table.drop(columns="Calibration error")
    number = st.column_config.NumberColumn
    choose_rows(
        table,
        key="leaderboard-rows",
        on_choice=chosen,
        columns={
            score: number(format="%.3f"),
            "95 %": st.column_config.TextColumn(help=interval),
            "What it is": st.column_config.TextColumn(width="medium"),
            loss: number(format="%.4g"),
            "Calibration error": number(format="%.3f", help="15 bins of equal width"),
            "Weights": number(format="localized"),
            "Operations": number(format="compact", help="Floating-point operations for one sample; all members run"),
        },
    )
    caption(
        "One pass of every member over the validation split. A fitted rule was fitted on these same samples, so its figures "
        "flatter it; the test split stays closed. " + choosing("a row", "use that rule")
    )


def _kind(entry: Entry) -> str:
    options = ", ".join(f"{name} {_text(value)}" for name, value in entry.options.items())
    return ". ".join(filter(None, [entry.kind + (f" ({options})" if options else ""), entry.guarantee.rstrip(".")]))


def _text(value: object) -> str:
    return " : ".join(f"{number:g}" for number in value) if isinstance(value, list | tuple) else str(value)
