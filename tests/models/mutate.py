"""Model files that were changed: bytes, entries of archives, keys and values of descriptions, weights of HDF5 files.

Everything is chosen by a row of bytes, so that any source of bytes can drive it: hypothesis, a fuzzer that watches which lines
are reached, or a random number generator. The same bytes always give the same file.
"""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np

from components.models import allowed

FILES = Path(__file__).parents[1] / "files"
HDF5, ZIP = b"\x89HDF", b"PK\x03\x04"
LONGEST = 64
"""How many bytes choose one file; what would lie behind them counts as 0."""

Item = TypeVar("Item")


class Choices:
    """Choices made by a row of bytes; when none are left, the first of everything is chosen."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def below(self, count: int) -> int:
        """A number from 0 to `count - 1`, from as many bytes as that takes."""
        value = 0
        for _ in range((max(count - 1, 1).bit_length() + 7) // 8):
            value = value << 8 | next(self._data, 0)
        return value % count

    def one(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.below(len(items))]


class _Repeated(dict[str, Any]):
    """An object whose JSON gives one key twice, with another value."""

    again: tuple[str, Any]

    def items(self) -> Any:
        return [*super().items(), self.again]


VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 3, 7, 255, 2**16, 2**31, 2**63, -(2**31), 10**40, 0.0, -0.5, 1e-9, 1e308,
    "", "a", "é" * 30, "x" * 30_000, "../../../etc/passwd", "file:///etc/passwd", "a/b", "a\0b", "\ud800", "<b>", "float16",
    "mixed_float16", "mixed_bfloat16", "int8", "string", "complex64", "softmax", "os.system", "same", "causal",
    "channels_first", [], [[]], {}, [None], [0], [None, 0], [None, 3], [None, None, None, 3], [1, 2, 3, 4, 5, 6],
    [2**20, 2**20], [-1, -1], [[1]] * 9, {"class_name": "Lambda", "config": {}}, {"class_name": "__tuple__", "items": [2, 2]},
    {"class_name": "__tuple__", "items": 7},
    {"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}, {"class_name": "__ellipsis__"},
    {"class_name": "__numpy__", "config": {"value": [1, 2], "dtype": "float32"}},
    {"class_name": "__tensor__", "config": {"value": "x", "dtype": "O"}},
    {"class_name": "__slice__", "config": {"start": 0, "stop": None, "step": 0}},
    {"class_name": "TensorShape", "items": [None, 2]},
    {"module": "builtins", "class_name": "function", "config": "exit", "registered_name": "exit"},
    {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}, "registered_name": None},
    {"module": "keras.initializers", "class_name": "Constant", "config": {"value": [[1]]}, "registered_name": None},
)  # fmt: skip
"""What a description should not hold, or not there."""

KEYS = (
    "class_name",
    "config",
    "name",
    "module",
    "registered_name",
    "layers",
    "shared_object_id",
    "dtype",
    "trainable",
    "items",
)

CLASSES = tuple(sorted(frozenset.union(*allowed.MODULES.values()) | allowed.VALUES | allowed.MODELS))


def seeds() -> dict[str, bytes]:
    """Whole files of every kind, by name."""
    names = [
        "wine-mlp-keras2.15.0.keras", "wine-mlp-keras2.15.0.json", "cancer-binary-keras2.15.0.h5",
        "cancer-binary-keras2.15.0.savedmodel.zip", "digits-cnn-logits-keras3.3.3.keras", "digits-rnn-keras2.15.0.h5",
    ]  # fmt: skip
    found = {name: (FILES / name).read_bytes() for name in names}
    with zipfile.ZipFile(FILES / "keras2-architectures.zip") as archive:
        found |= {name: archive.read(name) for name in sorted(archive.namelist()) if not name.endswith(".npz")}
    pair = [(name, (FILES / name).read_bytes()) for name in ("wine-mlp-keras2.15.0.json", "wine-mlp-keras2.15.0.weights.h5")]
    found["pair.zip"] = _zip(pair)
    found["wrapped.zip"] = _zip([("folder/model.keras", found["wine-mlp-keras2.15.0.keras"])])
    return found


def mutated(files: Sequence[bytes], data: bytes) -> bytes:
    """One of the files with a few changes, as the bytes of `data` choose.

    What takes a file apart comes first, and only then damage to its bytes, so that nothing damaged is ever read here.
    """
    choices = Choices(data)
    result = choices.one(files)
    parts, places = choices.one([(1, 0), (2, 0), (4, 0), (0, 1), (0, 4), (1, 1)])
    for _ in range(parts):
        result = _changed(result, choices)
    return _damaged(result, choices, places) if places else result


def _changed(data: bytes, choices: Choices) -> bytes:
    kinds: list[Callable[[bytes, Choices], bytes]] = []
    if data.startswith(ZIP):
        kinds = [_changed_entry, _changed_entry, _changed_entry, _changed_archive]
    elif data.startswith(HDF5):
        kinds = [_changed_description, _changed_weights]
    elif data.lstrip().startswith(b"{"):
        kinds = [_changed_json]
    try:
        return choices.one(kinds)(data, choices) if kinds else data
    except Exception:  # an earlier change has left nothing to change, and every library says so in its own way
        return data


def _damaged(data: bytes, choices: Choices, places: int) -> bytes:
    """Bytes that were cut, repeated, turned or overwritten; of an archive often those within an entry."""
    if data.startswith(ZIP) and choices.below(4):
        entries = _entries(data)
        index = choices.below(len(entries))
        name, content = entries[index]
        entries[index] = (name, _damaged(content, choices, places))
        return _zip(entries)
    for _ in range(places):
        start, length = choices.below(len(data) + 1), choices.below(32)
        middle = data[start : start + length]
        turned = bytes(255 - byte for byte in middle)
        replaced = choices.one([b"", middle * 2, turned, b"\0" * length, b"\xff" * length, b'"', None])
        data = data[:start] if replaced is None else data[:start] + replaced + data[start + length :]
    return data


def _zip(entries: Sequence[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in entries:
            # An entry made by hand keeps its name, however odd, and a name that stands there twice makes no noise.
            entry = zipfile.ZipInfo("entry")
            entry.filename, entry.compress_type = name, compression
            archive.NameToInfo.pop(name, None)
            archive.writestr(entry, data)
    return stream.getvalue()


def _entries(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def _changed_entry(data: bytes, choices: Choices) -> bytes:
    entries = _entries(data)
    index = choices.below(len(entries))
    name, content = entries[index]
    entries[index] = (name, _changed(content, choices))
    return _zip(entries)


def _changed_archive(data: bytes, choices: Choices) -> bytes:
    entries = _entries(data)
    index = choices.below(len(entries))
    name, content = entries[index]
    other = choices.one(["", "../" + name, "/" + name, name.upper(), "a\\" + name, name + "/", "inner/" + name, "model.keras"])
    change = choices.one(["remove", "twice", "rename", "swap", "add", "empty", "deflate", "nest"])
    match change:
        case "remove":
            del entries[index]
        case "twice":
            entries.append((name, content[::-1]))
        case "rename":
            entries[index] = (other, content)
        case "swap":
            entries[index] = (name, entries[choices.below(len(entries))][1])
        case "add":
            entries.append((other, content))
        case "empty":
            entries[index] = (name, b"")
        case "nest":
            entries = [("model.keras", data)]
    return _zip(entries, zipfile.ZIP_DEFLATED if change == "deflate" else zipfile.ZIP_STORED)


def _slots(document: Any) -> list[tuple[Any, Any]]:
    """Every place of a document: what holds it, and the key or index within that."""
    found, stack = [], [document]
    while stack:
        item = stack.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        for key in keys:
            found.append((item, key))
            stack.append(item[key])
    return found


def _changed_json(data: bytes, choices: Choices) -> bytes:
    document = json.loads(data)
    slots = _slots(document)
    holder, key = choices.one(slots)
    value = holder[key]
    elsewhere, place = choices.one(slots)
    moved = copy.deepcopy(elsewhere[place])
    new = choices.one(VALUES)
    match choices.one(["replace", "remove", "move", "class", "retype", "wrap", "insert", "twice", "rename", "deep"]):
        case "replace":
            holder[key] = new
        case "remove":
            del holder[key]
        case "move":
            holder[key] = moved
        case "class":
            described = [item for item in (item[key] for item, key in slots) if isinstance(item, dict) and "class_name" in item]
            choices.one(described or [{}])["class_name"] = choices.one(CLASSES)
        case "retype":
            holder[key] = str(value) if not isinstance(value, str) else [value]
        case "wrap":
            holder[key] = choices.one([[value], {"a": value}, [value, value], {"class_name": value, "config": value}])
        case "insert" if isinstance(holder, dict):
            holder[choices.one(KEYS)] = moved
        case "insert":
            holder.insert(key, moved)
        case "twice" if isinstance(holder, dict):
            repeated = _Repeated({**holder})
            repeated.again = (key, new)
            document = _with(document, holder, repeated)
        case "rename" if isinstance(holder, dict):
            holder[choices.one(KEYS)] = holder.pop(key)
        case "deep":
            for _ in range(choices.one([50, 150, 250, 2000])):
                value = [value]
            holder[key] = value
    return json.dumps(document).encode()


def _with(document: Any, old: Any, new: Any) -> Any:
    """The document with one of its objects put in place of another."""
    if document is old:
        return new
    holder, key = next((holder, key) for holder, key in _slots(document) if holder[key] is old)
    holder[key] = new
    return document


def _changed_description(data: bytes, choices: Choices) -> bytes:
    """An HDF5 model whose description, or another attribute of its root, was changed."""
    with _open_copy(data) as (stream, file):
        name = choices.one(["model_config", "model_config", *sorted(file.attrs)])
        text = file.attrs[name]
        if name == "model_config" and isinstance(text, str):
            file.attrs[name] = _changed_json(text.encode(), choices).decode()
        else:
            _change_attribute(file, name, choices)
        file.flush()
    return stream.getvalue()


def _changed_weights(data: bytes, choices: Choices) -> bytes:
    """An HDF5 file one of whose groups, datasets or attributes was changed."""
    with _open_copy(data) as (stream, file):
        names: list[str] = []
        file.visit(names.append)
        name = choices.one(sorted(names))
        item = file[name]
        if len(item.attrs) and choices.below(2):
            _change_attribute(item, choices.one(sorted(item.attrs)), choices)
        else:
            _change_item(file, name, item, choices)
        file.flush()
    return stream.getvalue()


class _open_copy:  # noqa: N801
    """An HDF5 file in memory that may be changed."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def __enter__(self) -> tuple[io.BytesIO, h5py.File]:
        self._file = h5py.File(self._stream, "r+")
        return self._stream, self._file

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _change_attribute(item: Any, name: str, choices: Choices) -> None:
    old = item.attrs[name]
    new: list[Any] = [
        None, 7, 1.5, "", "x", b"\xff\xfe", "2.4.0", np.zeros((2, 2)), np.array([], "S1"), np.array([b"a", b"a"]),
        h5py.Empty("f"), np.zeros(5, "V3"), np.array([b"\xff/../x"]), h5py.Reference(), old[:1] if np.ndim(old) else old,
    ]  # fmt: skip
    value = choices.one(new)
    if value is None:
        del item.attrs[name]
    else:
        item.attrs[name] = value


def _change_item(file: h5py.File, name: str, item: Any, choices: Choices) -> None:
    small = isinstance(item, h5py.Dataset) and item.shape is not None and item.size < 2**20
    whole = item[()] if small else np.zeros(3, "float32")
    other = f"{name}_moved"

    def replace(**settings: Any) -> None:
        del file[name]
        file.create_dataset(name, **settings)

    chunked = {"chunks": True, "compression": "gzip"}
    changes: list[Callable[[], Any]] = [
        lambda: replace(data=whole[..., None]),
        lambda: replace(data=np.ravel(whole)[:-1]),
        lambda: replace(shape=(0,), dtype="float32"),
        lambda: replace(shape=(2**14, 2**16), dtype="float32", **chunked),
        lambda: replace(shape=(2**20, 2**30), dtype="float64", chunks=(2**10, 2**10)),
        lambda: replace(shape=np.shape(whole) or (1,), dtype="float32", external=[("/etc/passwd", 0, 10**6)]),
        lambda: replace(data=np.full(np.shape(whole), np.nan)),
        lambda: replace(data=np.full(np.shape(whole), b"text")),
        lambda: replace(data=np.zeros(np.shape(whole), "complex64")),
        lambda: replace(data=np.zeros(np.shape(whole), "V2")),
        lambda: replace(data=np.zeros(np.shape(whole), "int8"), **(chunked if np.ndim(whole) else {})),
        lambda: replace(data=h5py.Empty("f")),
        lambda: file.move(name, other),
        lambda: file.__delitem__(name),
        lambda: file.__setitem__(other, item),
        lambda: file.__setitem__(f"{name}_soft", h5py.SoftLink("/" + name)),
        lambda: file.__setitem__(f"{name}_link", h5py.ExternalLink("/etc/passwd", "/")),
        lambda: file.__setitem__(f"{item.parent.name}/loop", item.parent),
        lambda: file.__setitem__(f"{name}_type", np.dtype("f8")),
        lambda: (file.__delitem__(name), file.create_group(name)),
    ]
    choices.one(changes)()
