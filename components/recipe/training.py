"""The settings of a run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.recipe.document import RARELY_USED, Document

Optimizer = Literal["adam", "adamw", "sgd", "rmsprop", "nadam", "adamax", "adagrad", "adadelta", "lion"]
Schedule = Literal["constant", "step", "exponential", "cosine", "cosine-restarts", "one-cycle", "plateau"]
"""How the learning rate changes: not at all; by a factor after every few epochs, in steps or smoothly; in a cosine to 0 over
the run, or again and again; up and down once; by a factor whenever the validation loss has not improved for a few epochs."""

Precision = Literal["float32", "mixed_float16", "mixed_bfloat16"]
"""In what members compute: with all digits, or with half of them on weights that keep all. float16 has 3 decimal digits and
its losses are scaled so that small gradients are not lost; bfloat16 has 2, and the range of float32."""


class Training(Document):
    """The settings of a run. `patience` ends it when validation loss has not improved for that many epochs (0: never).

    The first `head_epochs` of the `epochs` train only what is no member's, over members that are frozen meanwhile; the others
    train everything, at `rate_after_head` times the learning rate. Each of the two is a run of its own, with a fresh optimizer,
    a schedule and a warm-up over its own epochs, and begins with the best weights so far.

    The descriptions are what a person reads beside each setting. The defaults of what came later are what a run did before,
    so that a recipe of an earlier version trains as it did.
    """

    optimizer: Optimizer = Field("adam", description="Optimizer")
    learning_rate: float = Field(1e-3, ge=1e-8, le=10, description="Learning rate")
    epochs: int = Field(20, ge=1, le=100_000, description="Epochs")
    batch_size: int = Field(32, ge=1, le=65536, description="Batch size")
    patience: int = Field(0, ge=0, description="Stop early after epochs without improvement (0: never)")
    schedule: Schedule = Field("constant", description="Learning rate over the run", json_schema_extra=RARELY_USED)
    warm_up: int = Field(0, ge=0, description="Warm-up, in epochs (0: none)", json_schema_extra=RARELY_USED)
    decay_epochs: int = Field(
        10, ge=1, description="Epochs between decays, restarts, or without improvement", json_schema_extra=RARELY_USED
    )
    decay_factor: float = Field(
        0.5, ge=1e-6, le=0.999, description="Factor of a step, exponential or plateau decay", json_schema_extra=RARELY_USED
    )
    head_epochs: int = Field(
        0, ge=0, description="Train only the head first, for epochs (0: none)", json_schema_extra=RARELY_USED
    )
    rate_after_head: float = Field(
        0.1, ge=1e-6, le=1, description="Learning rate after that, as a share", json_schema_extra=RARELY_USED
    )
    momentum: float = Field(0.0, ge=0, le=0.9999, description="Momentum of sgd and rmsprop", json_schema_extra=RARELY_USED)
    weight_decay: float = Field(
        0.0, ge=0, le=1, description="Weight decay (0: as the optimizer has it)", json_schema_extra=RARELY_USED
    )
    clip_norm: float = Field(
        0.0, ge=0, description="Clip gradients to this norm, over all weights (0: never)", json_schema_extra=RARELY_USED
    )
    weight_averaging: float = Field(
        0.0,
        ge=0,
        le=0.99999,
        description="Moving average of the weights, its momentum (0: none)",
        json_schema_extra=RARELY_USED,
    )
    balance_classes: bool = Field(False, description="Weigh each class by how rare it is", json_schema_extra=RARELY_USED)
    precision: Precision = Field(
        "float32", description="Precision of the members (mixed is faster on a GPU or TPU)", json_schema_extra=RARELY_USED
    )
