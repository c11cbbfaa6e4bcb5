"""The slides' table: how its names are read, and its cells."""

from fractions import Fraction

import pytest

from onenn import activation
from onenn.properties.slides_table import PRINTED, readings, slides_cells
from onenn.rigorous import ball


def test_erf_is_read_without_the_factor_of_the_standard_one():
    """int_0^z e^{-t^2} dt has slope 1 at 0; the standard erf has 2/sqrt(pi)."""
    assert float(readings()["erf"].derivative(0.0)) == pytest.approx(1.0, rel=1e-15)


def test_the_tabulated_leaky_slope_is_a_hundredth():
    """The slope drawn on slide 12 is 1/10; the tabulated value belongs to 1/100."""
    assert readings()["leaky ReLU"] == activation("leaky_relu", slope=Fraction(1, 100))


def test_every_printed_name_has_a_reading_and_three_cells():
    """sigma = 0.1, 1, 10 for each."""
    assert set(readings()) == set(PRINTED)
    assert [len(slides_cells(name)) for name in PRINTED] == [3] * 6


def test_the_quadratic_is_negative_with_three_terms_and_zero_with_two():
    """T3 = -4 sigma^2 and T1 = 0."""
    for cell in slides_cells("quadratic"):
        assert cell.ball().overlaps(ball(-4 * cell.sigma**2)) and cell.ball(terms=2).is_zero()
