"""What a person sets of a member by hand: how it is shown, what its classes are called, how its inputs come to it."""

from __future__ import annotations

import csv
import re

from components.recipe import Document, Refusal, Scaling
from components.recipe.wording import shown

LONGEST_TITLE = 60
LONGEST_CLASS = 200


class MemberSettings(Document):
    """Kept beside a member's card, by its file. What is empty or None was not set.

    `title` is shown in place of the file's name, `classes` are in the order of the output's units, `scaling` is what the member
    begins with in a recipe.
    """

    title: str = ""
    classes: tuple[str, ...] = ()
    scaling: Scaling | None = None


def read_title(text: str) -> str:
    """A title on one line, cut to `LONGEST_TITLE`; empty to go back to the file's name."""
    return shown(text, LONGEST_TITLE)


def read_classes(text: str, count: int) -> tuple[str, ...]:
    """Class names as they are typed or pasted: one a line, or separated by commas, with or without brackets and quotes.

    Args:
        text: What was entered; blank takes the names back.
        count: How many classes the member tells apart.

    Raises:
        Refusal: when there are more or fewer names, or two are the same.
    """
    lines = [line.strip() for line in text.strip().strip("[]()").splitlines() if line.strip()]
    if len(lines) == 1:
        quote = "'" if re.search(r"(^|,)\s*'", lines[0]) else '"'
        lines = next(csv.reader(lines, quotechar=quote, skipinitialspace=True))
    found = tuple(_name(line) for line in lines)
    names = tuple(name for name in found if name)
    if not names:
        return ()
    if len(names) != count:
        given = "1 name was" if len(names) == 1 else f"{len(names)} names were"
        raise Refusal(
            f"The member tells {count} classes apart, and {given} given. Give one name for each, in the order of its output."
        )
    for name in names:
        if names.count(name) > 1:
            raise Refusal(f"“{shown(name)}” stands there {names.count(name)} times. Give each class a name of its own.")
    return names


def _name(text: str) -> str:
    return shown(text.strip().rstrip(",").strip().strip("'\""), LONGEST_CLASS)
