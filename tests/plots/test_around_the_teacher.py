"""The picture around the teacher says in words what it shows."""

from onenn.plots import around_the_teacher as plots


def alt(picture):
    """The text that stands for the picture."""
    return picture.alt


def test_the_radii_are_compared_in_words():
    """12 to 20 times the formula, 50 % to 75 % of the way to a singular student."""
    cases = [plots.Radii("erf", 2, 0.01, 0.12, 0.24), plots.Radii("relu", 3, 0.01, 0.2, 0.8 / 3)]
    assert "12.0 to 20.0 times" in alt(plots.three_radii(cases)) and "50% to 75%" in alt(plots.three_radii(cases))
