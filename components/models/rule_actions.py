"""What a rule about a layer's settings can do; the rules themselves stand in `rules_keras1` and `rules_keras2`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from components.recipe import Refusal
from components.recipe.wording import shown

Settings = dict[str, Any]
Action = Callable[[Settings, str], str | None]
"""Changes a layer's settings in place. Takes the settings and the layer's place; returns what a person should read, or None."""


class Rule(NamedTuple):
    """What is done with the settings of some classes: their names in a row, or `*` for all."""

    classes: str
    action: Action

    def applies_to(self, class_name: str) -> bool:
        """Whether the rule is for this class."""
        return self.classes == "*" or class_name in self.classes.split()


def drop(key: str, *harmless: Any) -> Action:
    """Removes a setting that no longer exists. With values in `harmless`, any other value is refused."""

    def action(settings: Settings, place: str) -> str | None:
        if key not in settings:
            return None
        value = settings.pop(key)
        if harmless and value not in harmless:
            raise _no_equal(place, key, value)
        return f"the setting {key} was left out, which today's Keras does not have"

    return action


def refuse(key: str, is_gone: Callable[[Any], bool]) -> Action:
    """Refuses values of a setting that today's Keras takes no more."""

    def action(settings: Settings, place: str) -> None:
        if key in settings and is_gone(settings[key]):
            raise _no_equal(place, key, settings[key])

    return action


def rename(old: str, new: str) -> Action:
    """Gives a setting its new name; a setting already there under the new name wins."""

    def action(settings: Settings, place: str) -> str | None:
        if old not in settings:
            return None
        value = settings.pop(old)
        settings.setdefault(new, value)
        return f"the setting {old} is called {new} in today's Keras"

    return action


def join(olds: Iterable[str], new: str) -> Action:
    """Puts several numbers into one list: Keras 1 gave each side of a kernel apart."""
    keys = tuple(olds)

    def action(settings: Settings, place: str) -> str | None:
        if not settings.keys() >= set(keys):
            return None
        settings[new] = [settings.pop(key) for key in keys]
        return f"the settings {', '.join(keys[:-1])} and {keys[-1]} are one in today's Keras, {new}"

    return action


def convert(key: str, change: Callable[[Any], Any]) -> Action:
    """Writes a setting's value in today's way, `change(value)`, which means the same."""

    def action(settings: Settings, place: str) -> None:
        if key in settings:
            settings[key] = change(settings[key])

    return action


def default(key: str, value: Any) -> Action:
    """Gives a setting that older versions did not have the value that means what they did."""

    def action(settings: Settings, place: str) -> None:
        settings.setdefault(key, value)

    return action


def keep_only(*keys: str) -> Action:
    """Removes every setting but these, for layers whose constructor takes few."""

    def action(settings: Settings, place: str) -> None:
        for key in set(settings) - set(keys):
            del settings[key]

    return action


def number(value: Any) -> Any:
    """Old files hold some numbers as `{"class_name": "__numpy__" or "ndarray", "config": {"value": 0.3}}`."""
    if not isinstance(value, dict):
        return value
    inner = value.get("value", (value.get("config") or {}).get("value"))
    return inner[0] if isinstance(inner, list) and len(inner) == 1 else inner


def _no_equal(place: str, key: str, value: Any) -> Refusal:
    return Refusal(
        f"Layer {shown(place)} uses {key}={shown(value, 24)}, for which today's Keras has no equal. "
        "Rebuild this layer without it and save the model again."
    )
