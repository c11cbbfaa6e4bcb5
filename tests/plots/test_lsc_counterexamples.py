"""The maps of the valleys: what is drawn as a zero is one, and the picture is one SVG with its sentence."""

import numpy as np

from onenn.plots.lsc_counterexamples import PLANES, valleys


def test_the_risk_vanishes_on_every_curve_that_is_drawn():
    """The curves are typed as formulas; the risk comes from the dual activations."""
    drawn = [(plane, curve) for plane in PLANES for curve in plane.zeros]
    assert len(drawn) == 4
    for plane, curve in drawn:
        assert np.max(np.abs(plane.risk(*curve))) < 1e-12


def test_every_plane_goes_through_the_teacher_and_the_bowl_has_one_zero_near_it():
    """Risk 0 at the dot; the ReLU's is positive on circles around it, the square's vanishes twice on each small one."""
    angle = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    for plane in PLANES:
        assert abs(plane.risk(0.0, 0.0)) < 1e-14
        for radius in (0.1, 0.5):
            ring = plane.risk(radius * np.cos(angle), radius * np.sin(angle))
            assert bool(ring.min() > 0.02 * radius**2) is (plane.phi == "relu")


def test_the_picture_is_named_and_follows_the_page():
    """Alt text, and colours through the page's variables."""
    picture = valleys()
    assert picture.alt.startswith("Four maps") and picture.alt in picture.svg
    assert "var(--onenn-1" in picture.svg and len(picture.svg) < 250_000
