"""The scalings of a member's inputs, in words."""

from __future__ import annotations

from components.recipe import Scaling

SCALINGS: dict[Scaling, str] = {
    "none": "as they are",
    "unit": "in 0 to 1",
    "symmetric": "in −1 to 1 (keras.applications: tf)",
    "pixels": "in 0 to 255",
    "standard": "mean 0, deviation 1",
    "torch": "as keras.applications: torch",
    "caffe": "as keras.applications: caffe",
}
