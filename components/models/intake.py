"""From an uploaded file to a member: the whole way, in the order in which trust grows.

Recognise by content → open the container → read the configuration → translate it to today's → scan all of it against the
allow-list → build with shapes only → weights → facts → a clean `.keras` file. Runs in a worker process.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keras

from components.models import inspection, masks, trusted
from components.models.build import call_plainly
from components.models.dry_build import allocate, dry_build
from components.models.facts import MemberFacts
from components.models.formats import FORMATS, open_source
from components.models.formats.opened import Opened
from components.models.hard_sigmoid import NOTE, steepen
from components.models.inference_calls import inference_notes
from components.models.newer_keras import settle_newer
from components.models.scan_config import scan
from components.models.skipped_names import skipped_names_kept
from components.models.translate import Translation, translate
from components.models.untied import untied_notes
from components.models.weights import finalize
from components.recipe import Refusal
from components.recipe.wording import shown

DROPPED = "Optimizer, loss and metrics were left behind unread; training here sets its own."
NOT_FINITE = "Some weights are infinite or not a number, so the predictions will be too."


@contextmanager
def _uncollected() -> Iterator[None]:
    """A model is many objects and no garbage, and each search for some walks through all of TensorFlow's."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_uncollected()
@skipped_names_kept()
def open_member(path: Path, file_name: str, canonical: Path, weights: Path | None = None) -> MemberFacts:
    """Opens an uploaded model file and writes it as a clean Keras 3 file without compile state.

    `file_name` is only recorded, `weights` is a second file for an architecture without weights.

    Raises:
        Refusal: when the file is no model, is not safe, or cannot be built; nothing is written then.
    """
    with _only_refusals():
        opened = open_source(path, weights)
    model, translation = build_member(opened)
    model.save(canonical)
    known = inspection.facts(model)
    is_finite = not known["not_finite"]
    return MemberFacts(
        sha256=sha256(path),
        file_name=file_name,
        size=path.stat().st_size,
        format=opened.format,
        keras_version=opened.keras_version,
        **known,
        finite=is_finite,
        notes=(*_notes(opened, translation, file_name, is_finite), *untied_notes(model), *inference_notes(model)),
    )


def build_member(opened: Opened) -> tuple[keras.Model, Translation]:
    """Translates, scans, builds and fills the model of an opened file; Keras' global settings stay as they are.

    Raises:
        Refusal: when a part is not allowed, or the model cannot be built.
    """
    with _only_refusals():
        by_keras_2 = opened.by_keras_2
        translation = translate(opened.configuration, by_keras_2, opened.assets)
        translation.notes += trusted.settle(translation.configuration)
        scan(translation.configuration)
        translation.notes += settle_newer(translation.configuration, opened.keras_version)
    with _only_refusals(), _global_settings_kept(), _said_by(opened.keras_version):
        model = dry_build(translation.configuration, masks.call if by_keras_2 else call_plainly)
        # What a file fills starts at 0, which takes less time than random numbers.
        zeros = keras.initializers.Zeros()
        allocate(model, {id(variable): zeros for variable in model.weights} if opened.weights else {})
        if opened.weights:
            opened.weights.assign(model, translation.origin)
            if by_keras_2 and steepen(model):
                translation.notes += (NOTE,)
        finalize(model)
    return model, translation


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _notes(opened: Opened, translation: Translation, file_name: str, is_finite: bool) -> Iterator[str]:
    suffix = Path(file_name).suffix.lower()
    usual = {end: candidate.name for candidate in FORMATS for end in candidate.suffixes}
    if usual.get(suffix, opened.format) != opened.format:
        title = next(candidate.title for candidate in FORMATS if candidate.name == opened.format)
        yield f"The file is named {suffix}, but it is {title}; it was opened as what it is."
    yield from opened.notes
    yield from translation.notes
    if opened.compiled:
        yield DROPPED
    if not is_finite:
        yield NOT_FINITE


@contextmanager
def _only_refusals() -> Iterator[None]:
    """Whatever a damaged file makes a library raise becomes a refusal: this is where trust in the file ends."""
    try:
        yield
    except Refusal:
        raise
    except Exception as error:
        sentence = "The file is damaged: its parts do not fit together. Save the model again and upload it once more."
        raise Refusal(sentence, shown(f"{type(error).__name__}: {error}", 300)) from error


@contextmanager
def _global_settings_kept() -> Iterator[None]:
    floatx, policy = keras.config.floatx(), keras.config.dtype_policy()
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


@contextmanager
def _said_by(version: str | None) -> Iterator[None]:
    """Adds to a refusal's detail which Keras wrote the file and which one reads it."""
    try:
        yield
    except Refusal as refusal:
        said = f"Saved by Keras {shown(version or 'of unknown version', 20)}, opened by Keras {keras.__version__}."
        refusal.detail = f"{refusal.detail} {said}".strip()
        raise
