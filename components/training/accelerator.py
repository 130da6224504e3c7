"""What training runs on."""

from __future__ import annotations

import tensorflow as tf


def has_accelerator() -> bool:
    """Whether there is a GPU or a TPU."""
    return any(device.device_type != "CPU" for device in tf.config.list_physical_devices())
