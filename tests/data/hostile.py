"""Datasets made to harm, broken or odd, each with the verdicts that a correct app may give.

The large corpus is generated where its generator is there; a few of its kinds are made here, so that the rest never runs blind.
"""

from __future__ import annotations

import functools
import gzip
import io
import json
import os
import pickle
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.models.hostile import CANARY, MAKER, Case, Corpus

ENTITIES = (
    """<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file://{canary}"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>"""
)


@functools.cache
def corpus() -> Corpus:
    """The large corpus, or the small one where its generator is not here; made once for a whole test run."""
    folder = Path(tempfile.mkdtemp(prefix="hostile-data-"))
    markers = folder / "markers"
    markers.mkdir()
    (folder / "canary.txt").write_text(CANARY * 10)
    made = _made_here(folder)
    return Corpus(folder, markers, tuple([*made, *_generated(folder)] if MAKER.exists() else made))


def _generated(folder: Path) -> list[Case]:
    command = [sys.executable, str(MAKER), "--out", "out", "--marker-dir", "markers", "--canary", "canary.txt"]
    # No case of a model begins with these words.
    command += ["--only", "^(csv|np|img|xlsx|parquet|pickle|json_lines|tsv|table)"]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=170)
    return [
        Case(case["id"], folder / "out" / case["file"], frozenset({case["expect"], *case["also_ok"]}))
        for case in json.loads((folder / "out" / "manifest.json").read_text())["cases"]
        if case["group"] in ("tabular", "images")
    ]


class Opens:
    """Writes a marker when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self._marker), "w")


def _made_here(folder: Path) -> list[Case]:
    pickled = io.BytesIO()
    np.save(pickled, np.array([Opens(folder / "markers" / "npy")] * 20, dtype=object), allow_pickle=True)
    numbers = io.BytesIO()
    np.save(numbers, np.zeros((20, 2)))
    grey = picture("L", (4, 4))
    two = {f"{name}/{place}.png": grey for name in "ab" for place in range(5)}
    table = "".join(f"{n},{n / 3},{n % 2}\n" for n in range(30))
    refused = {
        "objects.npy": pickled.getvalue(),
        "objects.npz": zipped({"x.npy": numbers.getvalue(), "y.npy": pickled.getvalue()}),
        "frame.pkl": pickle.dumps(Opens(folder / "markers" / "pkl")),
        "table.csv.gz": gzip.compress(bytes(10_000_000)),
        "outside.zip": zipped({**two, f"../../..{folder}/markers/zip.png": grey}),
        "large-picture.zip": zipped({**two, "a/large.png": large_picture()}),
        "zeros.zip": zipped({**two, "a/zeros.bmp": bytes(70 << 20)}),
        "entities.xlsx": zipped({"xl/workbook.xml": ENTITIES.format(canary=folder / "canary.txt").encode()}),
        "no-sheet.xlsx": zipped({"xl/workbook.xml": b"<workbook/>"}),
        "garbage.parquet": b"PAR1" + bytes(range(200)) + b"PAR1",
        "one-row.csv": b"a,b,target\n1,2,0\n",
        "uneven.csv": b"a,b,target\n1,2,0\n1,2,3,4,5\n" * 9,
    }
    accepted = {
        "words.csv": b"<img src=x onerror=alert(1)>,[a](javascript:alert(1)),target\n" + table.encode(),
        "pictures.zip": zipped(
            {f"{name}/{place}.png": grey for name in ("<b>cat</b>".replace("/", ""), "犬" * 90) for place in range(5)}
        ),
    }
    warned = {
        "broken-pictures.zip": zipped({**two, "a/broken.png": grey[:-20], "b/text.jpg": b"hello", "c/.keep": b""}),
        "latin.csv": ("größe,b,target\n" + table).encode("latin-1"),
    }
    cases = []
    for contents, verdict in ((refused, "refuse"), (accepted, "accept"), (warned, "accept_warn")):
        for name, content in contents.items():
            path = folder / f"own-{name}"
            path.write_bytes(content)
            cases.append(Case(path.name, path, frozenset({verdict})))
    return cases


def zipped(entries: dict[str, bytes]) -> bytes:
    """A zip archive of these entries."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def picture(mode: str, size: tuple[int, int], kind: str = "PNG", seed: int = 0) -> bytes:
    """A picture of random values in the file format `kind`."""
    random = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 4), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(random).convert(mode).save(file, kind)
    return file.getvalue()


def large_picture(side: int = 40_000) -> bytes:
    """A PNG of few bytes that declares `side` times `side` pixels and holds a few of them."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
