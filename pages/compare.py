"""Layouts compared by training them, and all runs side by side."""

from components.views.comparison_panel import comparison_panel
from components.views.draft import Draft
from components.views.page import page_header
from components.views.runs_table import no_runs, runs_table
from components.views.search_panel import search_panel
from components.views.services import store
from components.views.storage_view import storage

draft = Draft()


page_header("Compare", "Which layout does best with the same training, what does it cost, and what does each member do for it?")
comparison_panel(draft)
search_panel(draft)
if store().has_runs():
    runs_table(draft)
else:
    no_runs()
storage()
