"""The picture of rho(sigma): every activation with P2 is in it, and its labels can be read."""

import re

from onenn import gaussian
from onenn.activations import names
from onenn.plots import rho_and_scale as plots


def test_labels_at_the_curves_keep_their_distance():
    """The order stays, no two are closer than the gap, and a label that is free stays where it is."""
    assert plots._spread([0.0, 0.1, 5.0], 0.5) == [0.0, 0.5, 5.0]


def test_every_activation_with_p2_stands_in_the_figure_of_rho():
    """Linear and quadratic have no logarithm of rho; the other ten are drawn."""
    drawn = [name for name in names() if gaussian.rho(name, 1.0) > 0]
    picture = plots.rho_curves()
    assert len(drawn) >= 10 and "rho against sigma" in picture.alt
    assert len(set(re.findall(r"stroke: var\(--onenn-\d", picture.svg))) == 5
