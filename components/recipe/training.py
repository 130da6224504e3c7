"""The settings of a run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.recipe.document import RARELY_USED, Document

Optimizer = Literal["adam", "adamw", "sgd", "rmsprop", "nadam", "adamax", "adagrad", "adadelta", "lion"]


class Training(Document):
    """The settings of a run. `patience` ends it when validation loss has not improved for that many epochs (0: never).

    The descriptions are what a person reads beside each setting. The defaults of what came later are what a run did before,
    so that a recipe of an earlier version trains as it did.
    """

    optimizer: Optimizer = Field("adam", description="Optimizer")
    learning_rate: float = Field(1e-3, ge=1e-8, le=10, description="Learning rate")
    epochs: int = Field(20, ge=1, le=100_000, description="Epochs")
    batch_size: int = Field(32, ge=1, le=65536, description="Batch size")
    patience: int = Field(0, ge=0, description="Stop early after epochs without improvement (0: never)")
    momentum: float = Field(0.0, ge=0, le=0.9999, description="Momentum of sgd and rmsprop", json_schema_extra=RARELY_USED)
    weight_decay: float = Field(
        0.0, ge=0, le=1, description="Weight decay (0: as the optimizer has it)", json_schema_extra=RARELY_USED
    )
    clip_norm: float = Field(
        0.0, ge=0, description="Clip gradients to this norm, over all weights (0: never)", json_schema_extra=RARELY_USED
    )
