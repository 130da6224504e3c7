"""Streamlit widgets and figures; they take plain values and draw them."""
