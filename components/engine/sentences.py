"""What a person reads when a process did not come to an end by itself."""

from __future__ import annotations

import signal


def took_too_long(seconds: float) -> str:
    """For a request that was cut at its time limit."""
    return f"This took longer than {seconds:g} seconds and was stopped. Try a smaller model or less data."


def too_much_memory(most: int) -> str:
    """For a process that grew beyond its limit, in bytes."""
    return f"This needed more than the {most / 2**30:.1f} GB of memory that it may use. Try a smaller model or less data."


def request_ended(code: int) -> str:
    """For a request whose worker is gone, by its exit status."""
    if _killed(code):
        return "The system stopped this, most likely for lack of memory. Try a smaller file, or close other programs."
    return "The process that worked on this ended unexpectedly. The file may be damaged or far too large; try another."


def run_ended(code: int) -> str:
    """For a run whose process is gone, by its exit status."""
    if _killed(code):
        return "The system stopped this run, most likely for lack of memory. Try a smaller batch, or freeze more layers."
    return "The process of this run ended unexpectedly. The points until then are kept; start the run again."


def exit_status(code: int) -> str:
    """An exit status in words, for the detail."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"


def _killed(code: int) -> bool:
    return code in (-9, 137)
