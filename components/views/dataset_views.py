"""What a dataset looks like: how many samples each class has, and the first pictures."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from components.recipe import Shape
from components.views.figure_view import ACCENT, INK, Figure, show_figures

SHOWN = 40
"""More classes than this are counted in a sentence instead of drawn."""


def class_counts_figure(classes: Sequence[str], counts: Sequence[int]) -> Figure:
    """One bar a class, as high as its number of samples."""
    shown = [name if len(name) <= 16 else name[:15] + "…" for name in classes]
    return {
        "data": [
            {
                "type": "bar",
                "x": list(range(len(counts))),
                "y": list(counts),
                "text": [f"{count:,}" for count in counts],
                "textposition": "outside" if len(counts) <= 12 else "none",
                "cliponaxis": False,
                "textfont": {"color": INK, "size": 11.5},
                "marker": {"color": ACCENT, "cornerradius": 4},
                "hovertemplate": "%{y:,} samples<extra></extra>",
            }
        ],
        "layout": {
            "height": 220,
            "margin": {"l": 44, "r": 8, "t": 22, "b": 34},
            "bargap": 0.35,
            "xaxis": {
                "tickvals": list(range(len(counts))),
                "ticktext": [escape(name) for name in shown],
                "showgrid": False,
                "fixedrange": True,
            },
            "yaxis": {"nticks": 4, "rangemode": "tozero", "fixedrange": True},
        },
        "alt": "Samples in each class: "
        + ", ".join(f"{name} {count:,}" for name, count in zip(classes, counts, strict=True))
        + ".",
    }


def show_class_counts(classes: Sequence[str], counts: Sequence[int], *, key: str = "class_counts") -> None:
    """How many samples each class has, as bars; in one sentence where there are more than 40 classes."""
    if len(classes) > SHOWN:
        st.text(f"{len(classes)} classes with {min(counts):,} to {max(counts):,} samples each.")
    else:
        show_figures([class_counts_figure(classes, counts)], key=key)


def is_picture(shape: Shape) -> bool:
    """Whether a sample of this shape can be shown as a picture: height × width, alone or with one or three channels."""
    return len(shape) == 2 or (len(shape) == 3 and shape[-1] in (1, 3))


def picture(sample: Any) -> bytes:
    """A sample of nested numbers as PNG bytes; its smallest value is drawn black and its largest white."""
    values = np.asarray(sample, dtype=np.float64)
    values = values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values
    low, high = values.min(), values.max()
    grey = ((values - low) / (high - low or 1) * 255).astype(np.uint8)
    png = BytesIO()
    Image.fromarray(grey).save(png, "PNG")
    return png.getvalue()


def show_images(images: Sequence[bytes], labels: Sequence[str]) -> None:
    """The first samples of an image dataset: PNG bytes in a grid, each with its label."""
    tiles = "".join(
        f'<figure><img src="data:image/png;base64,{b64encode(image).decode()}" alt="A sample of class {escape(label)}">'
        f"<figcaption>{escape(label)}</figcaption></figure>"
        for image, label in zip(images, labels, strict=True)
    )
    st.html(f'<div class="samples">{tiles}</div>')
