"""From a member's classes to the target's, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.fusion.signals import listed
from components.recipe import Member, Refusal
from components.recipe.wording import shown

if TYPE_CHECKING:
    from components.fusion.writer import GraphWriter

MOST_NAMED = 6
"""Of more classes than this a sentence names the first, and how many more there are."""


def other_classes(writer: GraphWriter, member: Member) -> tuple[str, ...]:
    """The member's classes in its own order; empty where they are the target's, or are not known by name."""
    own = member.classes
    widths = [output.shape[-1:] for output in writer.facts(member).outputs]
    named = own and len(set(own)) == len(own) and widths in ([(len(own),)], [(1,)] if len(own) == 2 else [])
    return own if named and own != writer.data.target.classes else ()


def to_target_classes(writer: GraphWriter, member: Member, reference: str, own: tuple[str, ...]) -> str:
    """Puts the adapters behind scores over a member's own classes that bring them into the target's order.

    A class that the member does not know gets probability 0. Classes that are not the target's are left out, and the rest of
    the probabilities are divided by their sum, unless each is a label of its own.

    Raises:
        Refusal: when fewer than 2 of the classes are the target's.
    """
    wanted = writer.data.target.classes
    order = tuple(own.index(name) if name in own else -1 for name in wanted)
    shared = sum(place >= 0 for place in order)
    if shared < 2:
        raise Refusal(
            f"{member.name} knows the classes {_named(own)}, and “{shown(writer.data.target.name)}” has {_named(wanted)}: "
            f"{shared or 'none'} of them is the same by name. Correct the names of its classes on the Models page, or choose a "
            "layout that takes features, such as concatenate."
        )
    reference = writer.adapt("class-order", reference, _reason(member, own, wanted, shared), member.name, order=order)
    if writer.signal(reference).kind == "sigmoid" and writer.data.target.task != "multilabel":
        reference = writer.adapt("shares", reference, f"classes of {member.name} were left out", member.name)
    return reference


def _reason(member: Member, own: tuple[str, ...], wanted: tuple[str, ...], shared: int) -> str:
    if shared == len(own) == len(wanted):
        return f"{member.name} has the classes in the order {_named(own)}"
    left_out = f"{member.name} knows {len(own)} classes, and {shared} of them are among the target's {len(wanted)}"
    return f"{left_out}; what it does not know gets 0" if shared < len(wanted) else left_out


def _named(classes: tuple[str, ...]) -> str:
    more = len(classes) - MOST_NAMED
    names = [f"“{shown(name, 24)}”" for name in classes[:MOST_NAMED]]
    return listed([*names, f"{more} more"] if more > 0 else names)
