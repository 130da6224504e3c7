"""A sample as a small picture."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

from components.data.columns import Array
from components.recipe import Shape

LONGEST_SIDE = 96


def is_picture(shape: Shape) -> bool:
    """Whether a sample of this shape can be shown as a picture: height × width, alone or with one or three channels."""
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (1, 3))


def thumbnail(sample: Array) -> bytes:
    """A sample as PNG bytes, reduced to 96 pixels a side; its smallest value is drawn black and its largest white."""
    values = np.asarray(sample, dtype=np.float64)
    values = values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values
    low, high = values.min(), values.max()
    image = Image.fromarray(((values - low) / (high - low or 1) * 255).astype(np.uint8))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    png = BytesIO()
    image.save(png, "PNG", optimize=True)
    return png.getvalue()
