"""What was found of a test split as a person reads it: every analysis has a section, and hostile names stay words."""

from __future__ import annotations

import re

import pytest

from components.training.analysis.analyse import ANALYSES, analyse
from components.training.analysis.findings import ClassScore, Confusion
from components.views.analysis_sections import SECTIONS, sections
from components.views.confusion_table import MOST_CLASSES, confusion_html
from tests.training.test_analysis import LABELS, SAID, on_test, sure
from tests.views.invented import HOSTILE


def test_every_analysis_has_a_section():
    assert set(SECTIONS) == set(ANALYSES)


def titles(findings):
    return [section.title for section in sections(findings, {"a": 0})]


def test_sections_follow_what_was_found():
    classes = analyse({"test": (on_test([0, 1, 2], sure([0, 1, 1]), a=sure([0, 0, 0])),)}).outputs[0]
    number = analyse({"test": (on_test([0.5, 1.0, 2.0], [[0.4], [1.0], [3.0]], "regression"),)}).outputs[0]
    several = analyse({"test": (on_test(LABELS, SAID, "multilabel", a=1 - SAID),)}).outputs[0]
    assert titles(several) == ["Against members and average", "Labels", "Mistakes", "ROC and precision", "Calibration"]
    assert titles(classes) == ["Against members and average", "Classes", "Mistakes", "ROC and precision", "Calibration"]
    assert titles(number) == ["Residuals", "Largest errors"]


def test_hostile_names_of_classes_and_members_are_words_everywhere():
    names = (HOSTILE, "a</table>", "c")
    found = analyse({"test": (on_test([0, 1, 2], sure([0, 1, 1]), classes=names, **{HOSTILE: sure([0, 0, 0])}),)}).outputs[0]
    for section in sections(found, {HOSTILE: 0}):
        assert "<img" not in re.sub(r'<img src="data:image/png', "", section.html) and "a</table>" not in section.html
        drawn = str([(figure["data"], figure["layout"]) for figure in section.figures])
        assert "<img" not in drawn


@pytest.mark.parametrize(("classes", "told"), [(3, "is \\ taken for"), (MOST_CLASSES + 1, "Taken for")])
def test_confusion_of_few_classes_is_a_matrix_and_of_many_a_list_of_pairs(classes, told):
    counts = tuple(tuple(9 if row == column else int(row + 1 == column) for column in range(classes)) for row in range(classes))
    scores = tuple(ClassScore(name=f"c{n}", precision=1, recall=1, f1=1, samples=9) for n in range(classes))
    html = confusion_html(Confusion(counts=counts, classes=scores))
    assert told in html and "10%" in html
