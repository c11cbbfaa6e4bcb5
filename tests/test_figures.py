"""Figures: words that are required, colours that a page can change, ids that do not collide, and contrast."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")

from matplotlib import pyplot

from onenn import figures

ALT = "A parabola that opens upwards, with its lowest point at zero."
DARK = {1: "#7d8cff", 2: "#f0c648", 3: "#4fe3c8", 4: "#c98ad8", 5: "#ff6470"}


def parabola(colour: str | None = None, title: str = ""):
    """A figure with a curve, a marker (which matplotlib refers to by id), a legend and a clip path."""
    with figures.style():
        fig, ax = pyplot.subplots()
        x = np.linspace(-1, 1, 20)
        ax.plot(x, x * x, color=colour, marker="o", label=r"$z^2$")
        ax.fill_between(x, 0, x * x, alpha=0.3)
        ax.set_title(title)
        ax.legend()
    return fig


@pytest.fixture(scope="module")
def picture():
    """One figure, shown."""
    return figures.show(parabola(), alt=ALT)


@pytest.mark.parametrize(
    "alt", [None, "", "  ", "A parabola.", "parabola z squared on minus one to one", "Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."]
)
def test_a_figure_without_a_sentence_is_refused(alt):
    """A label, a missing full stop or one long word does not tell what the figure shows."""
    with pytest.raises(ValueError, match="alt"):
        figures.show(parabola(), alt=alt)


def test_the_sentence_is_in_the_svg_and_is_the_plain_text(picture):
    """A screen reader is told by role and aria-label; a terminal prints the sentence."""
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == ALT
    assert picture._repr_mimebundle_()["text/plain"] == ALT


def test_signs_of_markup_in_the_sentence_are_escaped():
    """The sentence may hold < and quotes; the SVG stays well-formed and the text comes back."""
    alt = 'The "valley" where a < b and b > c, in one picture.'
    assert ElementTree.fromstring(figures.show(parabola(), alt=alt).svg).get("aria-label") == alt


def test_equal_figures_give_equal_bytes(picture):
    """No date, no random salt: a rebuilt page does not change."""
    again = figures.show(parabola(), alt=ALT)
    assert again.svg == picture.svg
    assert again.png == picture.png


def test_ids_of_two_figures_are_disjoint_and_all_references_are_kept(picture):
    """A marker defined by one figure must not be drawn by another; each reference has its target in its own figure."""
    other = figures.show(parabola(title="another"), alt=ALT)
    names = [set(re.findall(r'\bid="([^"]+)"', one.svg)) for one in (picture, other)]
    assert names[0]
    assert not names[0] & names[1]
    for one, own in zip((picture, other), names, strict=True):
        wanted = set(re.findall(r'(?:href="#|url\(#)([^")]+)', one.svg))
        assert wanted
        assert wanted <= own


def test_colours_of_the_palette_are_variables_with_their_light_value():
    """The page's style sheet can change them; without it the value after the comma is used."""
    svg = figures.show(parabola(figures.COLOURS[2]), alt=ALT).svg
    assert f"stroke: var(--onenn-3, {figures.COLOURS[2]})" in svg
    assert figures.INK not in svg
    assert "currentColor" in svg


def test_the_svg_asks_nobody_for_anything(picture):
    """No metadata, no font, no style sheet: the only address is the name of the SVG namespace."""
    assert set(re.findall(r"https?://[^\"' ]+", picture.svg)) == {"http://www.w3.org/2000/svg"}
    assert "<style" not in picture.svg
    assert "<metadata" not in picture.svg


def test_the_svg_fits_its_page_and_stays_legible_on_a_phone(picture):
    """It is as wide as the page lets it, and never so narrow that labels shrink below nine pixels."""
    style = ElementTree.fromstring(picture.svg).get("style")
    smallest = float(re.search(r"min-width: (\d+)px", style)[1])
    largest = float(re.search(r"max-width: (\d+)px", style)[1])
    label = 11 * 96 / 72
    assert "width: 100%" in style
    assert label * smallest / largest >= 9
    assert smallest <= 360  # the default size needs no scrolling on a screen of 390 pixels


def test_the_png_is_an_image_for_places_without_svg(picture):
    """GitHub and an untrusted notebook show it."""
    assert picture.png.startswith(b"\x89PNG")


def test_the_figure_is_closed():
    """Otherwise a notebook would show it a second time."""
    fig = parabola()
    figures.show(fig, alt=ALT)
    assert not pyplot.fignum_exists(fig.number)


def test_the_style_ends_with_its_block():
    """It changes no setting of the reader's own figures."""
    before = dict(matplotlib.rcParams)
    with figures.style():
        assert dict(matplotlib.rcParams) != before
    assert dict(matplotlib.rcParams) == before


# The palette. Linear RGB; the matrices simulate dichromats (Machado, Oliveira & Fernandes 2009, severity 1).

SIGHT = {
    "full": np.eye(3),
    "without red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def linear(colour: str) -> np.ndarray:
    """Linear RGB of #rrggbb."""
    value = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, two: str) -> float:
    """The ratio of the Web Content Accessibility Guidelines."""
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, two))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear RGB: distances near 2 are just noticed, near 20 obvious."""
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    x = np.array(matrix) @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(x > 216 / 24389, np.cbrt(x), 841 / 108 * x + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("colour", figures.COLOURS)
@pytest.mark.parametrize("page", ["#ffffff", "#121212"])
def test_every_colour_is_seen_on_white_and_on_black(colour, page):
    """3 to 1 is what the guidelines ask of graphics; plain Jupyter uses these values in both modes."""
    assert contrast(colour, page) >= 3


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [figures.COLOURS, tuple(DARK.values())], ids=["light", "dark"])
def test_colours_differ_for_every_kind_of_sight(sight, colours):
    """Curves differ in line and marker as well; this is for areas."""
    seen = [lab(np.array(SIGHT[sight]) @ linear(colour)) for colour in colours]
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) >= 20


def test_the_style_sheet_gives_the_dark_values_that_were_tested():
    """The dark palette lives in the book's style sheet; contrast with the dark page is at least 4.5 to 1."""
    from importlib.resources import files

    sheet = files("onenn.reader").joinpath("static/reader.css").read_text()
    dark = sheet[sheet.index('html[data-theme="dark"]') :]
    given = {int(place): colour for place, colour in re.findall(r"--onenn-(\d): (#[0-9a-f]{6});", dark)}
    assert given == DARK
    assert min(contrast(colour, "#121212") for colour in given.values()) >= 4.5


def test_lines_and_markers_are_as_many_as_colours():
    """A figure can be read without colour when every curve has its own line."""
    assert len(figures.COLOURS) == len(set(map(str, figures.LINES))) == len(set(figures.MARKERS)) == 5
