"""Reading protocol buffers without their schema: by field numbers."""

from __future__ import annotations

from collections.abc import Iterator

_FIXED = {1: 8, 5: 4}


def within(messages: list[bytes], *numbers: int) -> list[bytes]:
    """The inner messages that lie behind these field numbers, one inside the other.

    Raises:
        ValueError: when the bytes are no such messages.
    """
    for wanted in numbers:
        found = (field for message in messages for field in _fields(message))
        messages = [value for number, value in found if number == wanted and isinstance(value, bytes)]
    return messages


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a message: an integer, or bytes for texts and inner messages."""
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, position = _varint(data, position)
            yield number, value
            continue
        if kind == 2:
            length, position = _varint(data, position)
        elif kind in _FIXED:
            length = _FIXED[kind]
        else:
            raise ValueError(f"field {number} is of the unknown kind {kind}")
        if position + length > len(data):
            raise ValueError(f"field {number} is longer than its message")
        yield number, data[position : position + length]
        position += length


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            raise ValueError("the message ends within a number")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError("a number is longer than 64 bits")
