"""A zipped SavedModel folder of Keras 2: the model from its Keras metadata, the weights from its checkpoint.

The graph in `saved_model.pb` is a program; it is never loaded. What Keras 3 exports holds nothing but that graph.
"""

from __future__ import annotations

import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from components.models import strict_json
from components.models.formats.opened import Format, Opened, Source
from components.models.formats.wire import within
from components.models.places import Origin
from components.models.scan_container import Archive
from components.models.weights import check_size
from components.models.weights_by_name import assign_in_order
from components.recipe import Refusal
from components.recipe.wording import shown

GRAPH, METADATA, VARIABLES = "saved_model.pb", "keras_metadata.pb", "variables/"
NODE, IDENTIFIER, CONTENT = 1, 3, 5
"""Fields of `keras_metadata.pb`: its nodes, and of each its place in the model and its JSON."""
OBJECTS = (2, 7, 1)
"""Fields that lead to the objects in `saved_model.pb`: meta graph, object graph, node."""
OBJECT_METADATA = (4, 3)
"""Fields that lead from an object to its JSON: user object, metadata."""

ADVICE = "Save the model itself where it was made, with `model.save('model.keras')`, and upload that file."


@dataclass
class Checkpoint:
    """Weights in a TensorFlow checkpoint within an archive: the names of its entries by those of the checkpoint's files."""

    source: Source
    entries: dict[str, str]

    def assign(self, model: keras.Model, origin: Origin) -> None:
        """Fills the model by the names of the variables, or in the order in which Keras 2 listed them."""
        with tempfile.TemporaryDirectory() as folder, closing(Archive.of(self.source)) as archive:
            check_size(model, sum(map(archive.size, self.entries.values())))
            for name, entry in self.entries.items():
                Path(folder, name).write_bytes(archive.read(entry))
            arrays = _arrays(str(Path(folder, "variables")))
        assign_in_order(model, arrays)


def _arrays(prefix: str) -> list[tuple[str, np.ndarray]]:
    import tensorflow as tf
    from tensorflow.core.protobuf import trackable_object_graph_pb2

    try:
        reader = tf.train.load_checkpoint(prefix)
        graph = trackable_object_graph_pb2.TrackableObjectGraph()
        graph.ParseFromString(reader.get_tensor("_CHECKPOINTABLE_OBJECT_GRAPH"))

        def children(node: int) -> dict[str, int]:
            return {child.local_name: child.node_id for child in graph.nodes[node].children}

        arrays = []
        for _, node in sorted(children(children(0)["variables"]).items(), key=lambda item: int(item[0])):
            value = next(attribute for attribute in graph.nodes[node].attributes if attribute.name == "VARIABLE_VALUE")
            arrays.append((value.full_name, np.asarray(reader.get_tensor(value.checkpoint_key))))
    except (KeyError, IndexError, ValueError, TypeError, StopIteration, tf.errors.OpError, RuntimeError) as error:
        raise Refusal(f"The weights of the SavedModel cannot be read. {ADVICE}", shown(error, 200)) from None
    return arrays


def _root(archive: Archive) -> str | None:
    """The path before `saved_model.pb` within the archive."""
    roots = [name.removesuffix(GRAPH) for name in archive.names if name == GRAPH or name.endswith("/" + GRAPH)]
    return min(roots, key=len) if roots else None


def _open(archive: Archive, source: Source, weights: Source | None) -> Opened:
    root = _root(archive) or ""
    try:
        text = _description(archive, root)
    except ValueError as error:
        raise Refusal(f"The SavedModel is damaged. {ADVICE}", shown(error, 200)) from None
    if not text:
        raise Refusal(
            "This is a TensorFlow SavedModel without Keras' description of the model, as `model.export()` writes it: "
            f"a program to run, not a model to build on. {ADVICE}"
        )
    description = strict_json.parse(text)
    if "config" not in description or "class_name" not in description:
        raise Refusal(f"The SavedModel holds a model of custom code, which is never run here. {ADVICE}")
    folder = root + VARIABLES
    entries = {name.removeprefix(folder): name for name in archive.names if _is_variables(name, folder)}
    if "variables.index" not in entries:
        raise Refusal(f"The SavedModel holds no weights. {ADVICE}")
    version = description.get("keras_version")
    return Opened(
        format="savedmodel",
        configuration={key: description[key] for key in ("class_name", "config")},
        weights=Checkpoint(source, entries),
        keras_version=shown(version, 20) if isinstance(version, str) else None,
        compiled=bool(description.get("training_config")),
        notes=("The model was read from the SavedModel's description and weights; its graph was not run.",),
    )


def _is_variables(name: str, folder: str) -> bool:
    return name.startswith(folder + "variables.") and "/" not in name.removeprefix(folder)


def _description(archive: Archive, root: str) -> bytes | None:
    """The JSON of the outermost model, from the metadata file or, up to TensorFlow 2.4, from beside the graph."""
    if root + METADATA in archive.names:
        nodes = within([archive.read(root + METADATA)], NODE)
        texts = [text for node in nodes if within([node], IDENTIFIER) == [b"root"] for text in within([node], CONTENT)]
    else:
        nodes = within([archive.read(root + GRAPH)], *OBJECTS)
        texts = within(nodes[:1], *OBJECT_METADATA)
    return texts[0] if texts else None


SAVED_MODEL = Format("savedmodel", "a zipped SavedModel", "zip", (), lambda archive: _root(archive) is not None, _open)
