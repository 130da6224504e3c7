"""What this process trains with. Imports TensorFlow."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import keras
import tensorflow as tf

from components.training.environment import Environment


def environment() -> Environment:
    """The versions of what takes part here, and the device that Keras computes on."""
    return Environment(
        tributary=version("tributary"),
        python=platform.python_version(),
        tensorflow=tf.__version__,
        keras=keras.__version__,
        system=platform.platform(terse=True),
        device=_device(),
    )


def _device() -> str:
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        names = [tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in gpus]
        return ", ".join(names)
    return f"{_processor()}, {os.cpu_count()} cores"


def _processor() -> str:
    """The processor's name as the system tells it; Python knows the kind alone on Linux."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
