"""Python modules with layers of their own that a person trusts, named in `tributary.toml`.

Used by the processes that open files, and by the app before it starts: whoever lets others reach the app lets them use none.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path

from components.engine.configuration import FILE, configuration
from components.recipe import Refusal

FOLDER = "modules"


def trusted_modules(home: Path) -> tuple[str, ...]:
    """The modules named in the home folder's `tributary.toml`; none where there is no such file.

    Raises:
        Refusal: when the file says something else.
    """
    return configuration(home).trusted_modules


def modules_folder(home: Path) -> Path:
    """Where trusted modules lie that are not installed."""
    return home / FOLDER


def check_address(home: Path, address: str | None) -> None:
    """Refuses to serve others while modules are trusted, since their files could then call this person's code, or while a
    folder is open whose data they could then see.

    `address` is where the app listens; None is every address of this computer.

    Raises:
        Refusal: when something is allowed that is for this person alone, and the address is not this computer's own.
    """
    allowed, listens = configuration(home), f"the app would listen on {address or 'every address'}"
    if _own(address):
        return
    if allowed.trusted_modules:
        raise Refusal(
            f"{FILE} in {home} trusts modules of yours, and {listens}: others could run that code with files of theirs. "
            "Remove trusted_modules, or let the app listen on 127.0.0.1."
        )
    if allowed.data_folder:
        raise Refusal(
            f"{FILE} in {home} opens a folder of yours, and {listens}: others could open the data in it. "
            "Remove data_folder, or let the app listen on 127.0.0.1."
        )


def _own(address: str | None) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address or "0.0.0.0").is_loopback
    except ValueError:
        return False
