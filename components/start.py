"""The console script's way in."""

from __future__ import annotations

import gc


def main() -> int:
    """Runs the command line.

    Modules load without garbage collection, since nothing of them ever becomes garbage: that is a fifth of the start.
    """
    gc.disable()
    from components import cli

    gc.freeze()
    gc.enable()
    return cli.main()
