"""The pictures of diverse units: what they must show is in them."""

from onenn.diversity import by_hand
from onenn.plots import diverse_units as plots


def test_the_spectra_name_their_kernels():
    """Three kernels, three colours."""
    picture = plots.spectra(5, 8)
    assert "odd degrees" in picture.alt and all(f"--onenn-{i}" in picture.svg for i in (1, 2, 3))


def test_the_discrepancies_have_a_bound():
    """Mean, draws, descent, bound."""
    assert "lower bound" in plots.discrepancies(4, (3, 5, 8)).alt


def test_the_dead_input_is_marked():
    """Its colour is no unit's."""
    picture = plots.dead_input(by_hand())
    assert "no unit is active" in picture.alt and "--onenn-5" in picture.svg
