"""Page set-up and navigation."""

import streamlit as st

from components.views.address import keep_draft_in_address
from components.views.assets import ASSETS
from components.views.boundary import run_page
from components.views.engine_status import engine_status
from components.views.go_to import follow
from components.views.theme import apply_style

st.set_page_config(page_title="Tributary", page_icon=str(ASSETS / "mark.svg"), layout="wide")
apply_style()

PAGES = {
    "models": "Which trained models flow together.",
    "data": "The dataset, its target and its splits.",
    "fuse": "The layout in which the members flow together, and its graph.",
    "gradients": "How much of the error reaches each layer.",
    "train": "Training with live curves, and what fusion brought.",
    "compare": "All runs side by side.",
    "learn": "Every layout and operator with formula and source.",
}

keep_draft_in_address()
st.logo(str(ASSETS / "mark.svg"), size="large")
page = st.navigation(
    [st.Page(f"{name}.py", title=name.capitalize(), url_path=name, help=text) for name, text in PAGES.items()],
    position="top",
)
follow(f"{page.title.lower()}.py")
run_page(engine_status, page.run)
