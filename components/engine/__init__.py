"""Processes: the supervisor, request workers and training jobs."""
