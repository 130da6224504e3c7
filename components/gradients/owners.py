"""Which layer owns which variable, in the order in which data flows through the model."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import keras

from components.recipe import MemberNode, Recipe

Chain = tuple[keras.layers.Layer, ...]
"""A layer with all that hold it, from the model's own layer inwards."""


@dataclass(frozen=True, eq=False)
class Owner:
    """A layer with the weights that are its own.

    `path` joins the names of the chain with `/`, without a holder whose name the next one begins with, as in `wine.dense`.
    `trainable` are the variables that training moves, `fixed` those that it does not: frozen weights and moving statistics.
    """

    path: str
    member: str | None
    chain: Chain
    trainable: tuple[keras.Variable, ...]
    fixed: tuple[keras.Variable, ...]

    @property
    def layer(self) -> keras.layers.Layer:
        """The layer itself."""
        return self.chain[-1]


def owners(model: keras.Model, members: Iterable[str] = (), order: Sequence[str] = ()) -> tuple[Owner, ...]:
    """The layers that own weights, from input to output; each variable belongs to the first layer that holds it.

    Variables are told apart by identity: paths repeat where models are nested. A layer that holds others (a nested model, a
    wrapper, attention) is walked into, down to the layers that own the weights; a recurrent layer over one cell counts as one.

    Args:
        model: A built model.
        members: The names of the recipe's members. A layer named `<member>` or `<member>.…`, and all that it holds, is that
            member's; the rest is fused.
        order: Names of the model's own layers (up to a dot) as they are to be listed. Keras lists parallel branches by their
            depth, which would put the same members in another order under another layout.
    """
    names = frozenset(members)
    moved = {id(variable) for variable in model.trainable_variables}
    seen: set[int] = set()
    found = []
    for chain in _chains(model, ()):
        own = [weight for weight in _own_weights(chain[-1]) if id(weight) not in seen]
        seen.update(map(id, own))
        if own:
            found.append(
                Owner(
                    path=_path(chain),
                    member=_member(chain, names),
                    chain=chain,
                    trainable=tuple(weight for weight in own if id(weight) in moved),
                    fixed=tuple(weight for weight in own if id(weight) not in moved),
                )
            )
    places = {name: place for place, name in reversed(list(enumerate(order)))}
    return tuple(sorted(found, key=lambda owner: places.get(owner.chain[0].name.partition(".")[0], len(order))))


def owners_of(recipe: Recipe, model: keras.Model) -> tuple[Owner, ...]:
    """The layers of a fused model that own weights, in the order of the recipe's graph."""
    nodes = recipe.graph.nodes if recipe.graph else ()
    order = [node.member if isinstance(node, MemberNode) else node.id for node in nodes]
    return owners(model, [member.name for member in recipe.members], order)


def _chains(layer: keras.layers.Layer, chain: Chain) -> Iterator[Chain]:
    for part in _parts(layer):
        yield from _chains(part, (*chain, part))
    yield chain or (layer,)


def _parts(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers that a layer holds, in the order of the flow where it has one."""
    if isinstance(layer, keras.Model):
        return list(layer.layers)
    if isinstance(layer, keras.layers.RNN):
        return list(layer.cell.cells) if isinstance(layer.cell, keras.layers.StackedRNNCells) else []
    return list(layer._layers)


def _own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    held = {id(weight) for part in _parts(layer) for weight in part.weights}
    return [weight for weight in layer.weights if id(weight) not in held]


def _path(chain: Chain) -> str:
    names = [layer.name for layer in chain]
    held = [name for name, following in itertools.pairwise(names) if not following.startswith(f"{name}.")]
    return "/".join([*held, names[-1]])


def _member(chain: Chain, names: frozenset[str]) -> str | None:
    for layer in chain:
        member = layer.name.partition(".")[0]
        if member in names:
            return member
    return None
