"""Searching settings: which combinations are tried, the study that remembers them, and the recipe that each stands for."""
