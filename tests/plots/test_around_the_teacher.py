"""The pictures around the teacher say in words what they show."""

import re

from onenn.landscape.concentration import HalfPoint
from onenn.plots import around_the_teacher as plots


def alt(picture):
    """The text that stands for the picture."""
    return picture.alt


def test_the_radii_are_compared_in_words():
    """12 to 20 times the formula, 50 % to 75 % of the way to a singular student."""
    cases = [plots.Radii("erf", 2, 0.01, 0.12, 0.24), plots.Radii("relu", 3, 0.01, 0.2, 0.8 / 3)]
    assert "12.0 to 20.0 times" in alt(plots.three_radii(cases)) and "50% to 75%" in alt(plots.three_radii(cases))


def test_the_ratio_that_is_reached_is_named():
    """One dimension reaches one half at 10, the other never; a picture of both has one panel for each activation."""
    points = [HalfPoint(d=3, ratio=10, medians=(0.3, 0.6)), HalfPoint(d=6, ratio=None, medians=(0.2, 0.4))]
    text = alt(plots.samples_for_half({"relu": points, "erf": points[:1]}, (5, 10)))
    assert re.search("between 10 and 10 samples", text)
