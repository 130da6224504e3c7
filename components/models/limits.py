"""How large an uploaded model may be: everything that intake counts before it spends memory or time on it.

Sizes are in bytes. The limits are far above any model that fits a single machine's worker, and far below what harms it.
"""

from __future__ import annotations

MEBIBYTE = 1 << 20

FILE_SIZE = 1024 * MEBIBYTE
ARCHIVE_ENTRIES = 2000
ENTRY_SIZE = 1024 * MEBIBYTE
ARCHIVE_SIZE = 1536 * MEBIBYTE
COMPRESSION_RATIO = 200
"""How many times larger than its stored bytes something may become; asked only above `RATIO_FLOOR`."""
RATIO_FLOOR = 8 * MEBIBYTE

CONFIGURATION_SIZE = 20 * MEBIBYTE
CONFIGURATION_DEPTH = 200
CONFIGURATION_VALUES = 400_000
TEXT_LENGTH = 20_000
NAME_LENGTH = 100
NUMBER = 2**31
"""The largest size that a setting may name."""
VALUE = 2.0**128
"""Numbers of the data, such as a column's variance, stay below it: a float32 holds them."""

LAYERS = 800
"""EfficientNetB7, with 816, takes 5.9 s of a processor and 1.7 GiB to open, and Keras' recursion ends near 1,000 in a row."""
MODEL_DEPTH = 8
PARAMETERS = 150_000_000
ACTIVATION_VALUES = 60_000_000
"""The most numbers that one layer may produce for one sample."""

HDF5_OBJECTS = 20_000
HDF5_DEPTH = 40
