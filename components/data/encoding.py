"""The encoding of a text table, and how many lines it has: one walk over the file, a line at a time."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from components.recipe import Refusal
from components.recipe.reading import Encoding
from components.recipe.wording import shown

MAX_LINE = 1 << 20
SAMPLE = 1 << 20
"""Bytes from which an encoding that is not UTF is guessed."""

_BYTE_ORDER_MARKS: dict[bytes, Encoding] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_and_lines(path: Path, file_name: str, given: Encoding | None = None) -> tuple[Encoding, int]:
    """The encoding, unless it is given, and how many lines there are; nothing larger than a line is ever held.

    Raises:
        Refusal: when it is not text, or a line is longer than 1 MiB.
    """
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
        file.seek(0)
        encoding: Encoding | None = given or _unicode(sample)
        decoder = None if given else codecs.getincrementaldecoder(str(encoding))()
        lines = 0
        while True:
            line = file.readline(MAX_LINE + 1)
            if len(line) > MAX_LINE:
                raise Refusal(f"Line {lines + 1} of {shown(file_name)} is longer than 1 MiB; a table has one line a row.")
            if not str(encoding).startswith("utf-16") and b"\0" in line:
                raise Refusal(f"{shown(file_name)} is not a text table: it holds binary data. Save it as CSV or as NPZ.")
            if decoder:
                try:
                    decoder.decode(line, final=not line)
                except UnicodeDecodeError as error:
                    if str(encoding).startswith("utf-16"):
                        raise Refusal(f"{shown(file_name)} breaks off or is not the UTF-16 text it says it is.") from error
                    encoding, decoder = _code_page(sample), None
            if not line:
                return encoding or "utf-8", lines
            lines += 1


def _unicode(sample: bytes) -> Encoding:
    """By the byte order mark; without one, text of which every other byte is zero is UTF-16, and all else at first UTF-8."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if sample.startswith(mark):
            return encoding
    even, odd = sample[0:1000:2], sample[1:1000:2]
    if 0 not in even and odd.count(0) > len(odd) / 2:
        return "utf-16-le"
    return "utf-16-be" if 0 not in odd and even.count(0) > len(even) / 2 else "utf-8"


def _code_page(sample: bytes) -> Encoding:
    """The encoding of text that is not UTF, from its runs of bytes above 127.

    In Chinese nearly all of them are pairs whose first byte lies among the common characters of GB 2312; Russian words in
    Windows-1251 are long runs of letters. What is neither is Western.
    """
    runs = re.findall(rb"[\x80-\xff]+", sample)
    high = sum(map(len, runs)) or 1
    if sum(len(run) for run in runs if _is_chinese(run)) >= 0.8 * high:
        return "gb18030"
    letters = sum(len(run) for run in runs if len(run) > 2 and min(run) >= 0xB8)
    return "cp1251" if letters >= 0.8 * high else "cp1252"


def _is_chinese(run: bytes) -> bool:
    """Whether most pairs of bytes in a run stand for common Chinese characters."""
    leads, trails = run[0::2], run[1::2]
    return len(run) % 2 == 0 and min(trails) >= 0xA1 and 2 * sum(0xB0 <= lead <= 0xD7 for lead in leads) > len(leads)
