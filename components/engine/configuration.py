"""`tributary.toml` in the home folder: what a person allows the app on this computer.

    trusted_modules = ["my_layers"]
    data_folder = "/home/me/data"
    most_in_memory = 256

Read by the processes that open files, before they lock themselves in, and by the app.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import Field, ValidationError, field_validator

from components.data.on_disk import MOST_IN_MEMORY
from components.recipe import Document, Refusal

FILE = "tributary.toml"
_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


class Configuration(Document):
    """The settings of one computer.

    `trusted_modules` names Python modules with layers of a person's own. In `data_folder` datasets can be opened where they
    lie, without an upload; None opens none. A dataset of more than `most_in_memory` MiB stays on disk while it trains.
    """

    trusted_modules: tuple[str, ...] = ()
    data_folder: Path | None = None
    most_in_memory: int = Field(MOST_IN_MEMORY >> 20, ge=1)

    @field_validator("trusted_modules")
    @classmethod
    def _names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _MODULE.fullmatch(name):
                raise ValueError(f"{name[:60]!r} is not the name of a Python module")
        return names

    @field_validator("data_folder")
    @classmethod
    def _folder(cls, folder: Path | None) -> Path | None:
        folder = folder and folder.expanduser()
        if folder and not (folder.is_absolute() and folder.is_dir()):
            raise ValueError(f"{str(folder)[:200]!r} is not the whole path of a folder")
        return folder and folder.resolve()


def configuration(home: Path) -> Configuration:
    """The settings in the home folder's `tributary.toml`; the defaults where there is no such file.

    Raises:
        Refusal: when the file says something else.
    """
    path = home / FILE
    if not path.is_file():
        return Configuration()
    try:
        return Configuration.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        known = ", ".join(Configuration.model_fields)
        raise Refusal(f"{FILE} in {home} has a setting that cannot be; it knows {known}.", str(error)) from None
    except ValueError as error:
        raise Refusal(
            f"{FILE} in {home} cannot be read; it takes lines such as trusted_modules = ['my_layers'].", str(error)
        ) from None
