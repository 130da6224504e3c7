"""Tributary's rooms. The floors, from the ground: see the import contracts in `pyproject.toml`."""
