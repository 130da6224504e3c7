"""`tributary.toml` in the home folder: which Python modules with layers of their own a person trusts.

    trusted_modules = ["my_layers"]

Read by the processes that open files, and by the app before it starts: whoever lets others reach the app lets them use none.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from pathlib import Path

from components.recipe import Refusal

FILE, FOLDER = "tributary.toml", "modules"
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def trusted_modules(home: Path) -> tuple[str, ...]:
    """The modules named in the home folder's `tributary.toml`; none where there is no such file.

    Raises:
        Refusal: when the file says something else.
    """
    path = home / FILE
    if not path.is_file():
        return ()
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Refusal(
            f"{FILE} in {home} cannot be read; it takes lines such as trusted_modules = ['my_layers'].", str(error)
        ) from None
    names = settings.pop("trusted_modules", [])
    if settings or not isinstance(names, list) or not all(isinstance(name, str) and _MODULE.fullmatch(name) for name in names):
        raise Refusal(f"{FILE} in {home} knows one setting: trusted_modules, a list of names of Python modules.", str(settings))
    return tuple(names)


def modules_folder(home: Path) -> Path:
    """Where trusted modules lie that are not installed."""
    return home / FOLDER


def check_address(home: Path, address: str | None) -> None:
    """Refuses to serve others while modules are trusted, since their files could then call this person's code.

    `address` is where the app listens; None is every address of this computer.

    Raises:
        Refusal: when modules are trusted and the address is not this computer's own.
    """
    if trusted_modules(home) and not _own(address):
        raise Refusal(
            f"{FILE} in {home} trusts modules of yours, and the app would listen on {address or 'every address'}: others could "
            "run that code with files of theirs. Remove trusted_modules, or let the app listen on 127.0.0.1."
        )


def _own(address: str | None) -> bool:
    try:
        return address == "localhost" or ipaddress.ip_address(address or "0.0.0.0").is_loopback
    except ValueError:
        return False
