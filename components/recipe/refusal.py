"""The one way in which the app says no."""

from __future__ import annotations


class Refusal(Exception):
    """Something cannot be done; the sentence says what was received, what was expected, and what to do.

    `sentence` is shown as it is (escaped by the views); `detail` is technical and stands one click away.
    """

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail
