"""What a run was made with."""

from __future__ import annotations

from components.recipe import Document


class Environment(Document):
    """The versions of what takes part in training, and where it ran: `device` is the GPU's or the processor's name."""

    tributary: str
    python: str
    tensorflow: str
    keras: str
    system: str
    device: str
