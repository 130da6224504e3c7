from __future__ import annotations

import hashlib
import json
import tomllib

import pytest

from components.views.assets import ASSETS
from components.views.theme import MEMBER_COLOURS, TOKENS, custom_properties, member_colour, member_dash

CONFIG = tomllib.loads((ASSETS.parent / ".streamlit" / "config.toml").read_text())


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_formula_knows_black_on_white_and_a_published_grey():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "panel", "wash"])
@pytest.mark.parametrize("text", ["ink", "soft-ink", "accent", "good", "caution", "bad"])
def test_text_can_be_read_on_every_ground(text, ground, theme):
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_a_primary_button_can_be_read(theme):
    assert contrast(TOKENS["on-accent"][theme], TOKENS["accent"][theme]) >= 4.5


@pytest.mark.parametrize(
    ("option", "token"),
    [
        ("primaryColor", "accent"),
        ("backgroundColor", "paper"),
        ("secondaryBackgroundColor", "panel"),
        ("textColor", "ink"),
        ("linkColor", "accent"),
        ("borderColor", "line"),
        ("grayTextColor", "soft-ink"),
        ("greenTextColor", "good"),
        ("orangeTextColor", "caution"),
        ("redTextColor", "bad"),
    ],
)
def test_streamlits_theme_repeats_the_tokens(option, token):
    assert (CONFIG["theme"]["light"][option], CONFIG["theme"]["dark"][option]) == TOKENS[token]


def test_streamlits_charts_take_the_members_colours():
    for theme in ("light", "dark"):
        assert tuple(CONFIG["theme"][theme]["chartCategoricalColors"]) == MEMBER_COLOURS


def test_every_colour_of_the_style_sheets_is_a_token():
    sheets = [ASSETS / "style.css", *(ASSETS / "scripts").glob("*.css")]
    known = custom_properties()
    for sheet in sheets:
        for name in {part.split(")")[0] for part in sheet.read_text().split("var(--")[1:]}:
            if not name.startswith(("stream", "tone", "columns")):
                assert f"--{name}:" in known, f"{sheet.name} uses --{name}, which no theme defines"


def test_no_two_of_36_members_share_colour_and_dash():
    assert len({(member_colour(index), member_dash(index)) for index in range(36)}) == 36


VENDORED = json.loads((ASSETS / "vendor" / "vendor.json").read_text())


@pytest.mark.parametrize("entry", VENDORED, ids=lambda entry: entry["name"])
def test_a_vendored_file_is_the_one_that_was_taken(entry):
    assert hashlib.sha256((ASSETS / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert entry["version"] and entry["licence"]
    assert (ASSETS / entry["licence_file"]).stat().st_size > 500


def test_every_vendored_file_is_listed():
    listed = {name for entry in VENDORED for name in (entry["file"], entry["licence_file"])}
    lying = {str(path.relative_to(ASSETS)) for folder in ("vendor", "fonts") for path in (ASSETS / folder).iterdir()}
    assert lying - {"vendor/vendor.json"} == listed
