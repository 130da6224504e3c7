"""JSON from a file that nobody vouches for."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from components.models import limits
from components.recipe import Refusal
from components.recipe.wording import shown

_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def parse(data: bytes, what: str = "model's description") -> dict[str, Any]:
    """Reads a JSON object from UTF-8 bytes, strictly: one reading only, no repeated keys, no NaN, no endless nesting.

    Raises:
        Refusal: naming `what` was read and what is wrong with it.
    """
    if len(data) > limits.CONFIGURATION_SIZE:
        raise Refusal(
            f"The {what} has {len(data) / limits.MEBIBYTE:,.0f} MiB of text; at most "
            f"{limits.CONFIGURATION_SIZE // limits.MEBIBYTE} are read."
        )
    _check_depth(data, what)

    def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            repeated = next(key for index, (key, _) in enumerate(pairs) if key in dict(pairs[:index]))
            raise Refusal(
                f"The {what} gives the same key twice, so it can be read in two ways. Save the model again.", shown(repeated)
            )
        return members

    def refuse_constant(constant: str) -> NoReturn:
        raise Refusal(f"The {what} holds {constant} where a number must stand. Save the model again with finite settings.")

    try:
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=without_repeats, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal(
            f"The {what} is damaged: it is not valid JSON text in UTF-8. Save the model again.", shown(error, 200)
        ) from None
    if not isinstance(document, dict):
        raise Refusal(f"The {what} is not a JSON object, as Keras writes it. Save the model again.", type(document).__name__)
    return document


def _check_depth(data: bytes, what: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(data):
        character = token.group()[:1]
        if character in b"[{":
            depth += 1
            if depth > limits.CONFIGURATION_DEPTH:
                raise Refusal(
                    f"The {what} is nested more than {limits.CONFIGURATION_DEPTH} levels deep, which no Keras model is."
                )
        elif character in b"]}":
            depth -= 1
