"""Page set-up and navigation."""

import streamlit as st

st.set_page_config(page_title="Tributary", layout="wide")
