"""What each member of a layout is fed: where data alone feed it, layouts that feed it alike can share its forward pass."""

from __future__ import annotations

import json

import keras

from components.recipe import AdapterNode, InputNode, MemberNode, Recipe, source


def feeds(recipe: Recipe, model: keras.Model) -> dict[str, str]:
    """For each member what flows into it, written so that equal texts stand for equal tensors.

    Empty for a layout in which a member is fed in two ways, or by anything but inputs and adapters that have no variables:
    what comes to it from another member or from weights belongs to this layout alone.

    Args:
        recipe: A recipe with a graph.
        model: What was built from it; the layers of a node are called `<node>` or `<node>.<part>`.
    """
    varies = {layer.name.partition(".")[0] for layer in model.layers if layer.variables}
    written: dict[str, str] = {}
    found: dict[str, str] = {}
    for node in recipe.graph.nodes if recipe.graph else ():
        known = [source(reference)[0] in written for reference in node.inputs]
        feed = [written.get(source(reference)[0], "") for reference in node.inputs]
        if isinstance(node, InputNode):
            written[node.id] = json.dumps([node.binding, node.shape, node.dtype])
        elif isinstance(node, AdapterNode) and all(known) and node.id not in varies:
            written[node.id] = json.dumps([node.operator, node.options, feed], sort_keys=True)
        elif isinstance(node, MemberNode):
            text = json.dumps(feed)
            if not all(known) or found.setdefault(node.member, text) != text:
                return {}
    return found
