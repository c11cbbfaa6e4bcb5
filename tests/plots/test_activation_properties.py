"""The pictures of the properties and the tables on rho: what they draw is what the package computes."""

import re

import pytest

from onenn import gaussian, properties
from onenn.plots import activation_properties as plots
from onenn.plots import activation_tables as tables
from onenn.properties.slides_table import slides_cells


@pytest.fixture(scope="module")
def residuals():
    return plots.affine_residual(["relu", "quadratic"])


def test_the_words_of_the_residual_figure_carry_the_computed_areas(residuals):
    """T1 is printed in the picture and in its alt text, from the same number."""
    assert f"for ReLU the area is {gaussian.T('relu', 1, 1.0):.4g}" in residuals.alt
    assert "for quadratic the area is 0." in residuals.alt


def test_the_picture_follows_the_colours_of_the_page(residuals):
    """No colour but those of the palette, which become CSS variables; white comes in no picture."""
    fixed = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", residuals.svg))
    assert fixed <= {"#ffffff"} and "var(--onenn-1" in residuals.svg


def test_the_decision_table_repeats_the_verdicts():
    """yes and no come from the records, the constants from their balls."""
    chosen = ("squared_relu", "exp")
    records = [
        {name: decide(name) for name in chosen}
        for decide in (properties.p1, lambda name: properties.p2(name, terms=3), properties.p3)
    ]
    squared, exp = tables.decisions(*records).rows
    assert squared == ["squared ReLU", "yes: p = 1, L1 = 2.00000", "yes", "yes: (a) L2 = 2.00000"]
    assert exp[1].startswith("no: phi") and "> L at z" in exp[1] and exp[2] == "yes" and "(a) fails" in exp[3]


def test_the_slides_table_says_how_each_number_arose():
    """Rounded, cut, equal and different all occur."""
    how = {str(cell): row[-1] for cell, row in zip(slides_cells(), tables.slides(slides_cells()).rows, strict=True)}
    assert how["tanh, sigma = 0.1"] == "cut" and how["tanh, sigma = 1"] == "rounded"
    assert how["linear, sigma = 1"] == "equal" and how["quadratic, sigma = 1"] == "differs"


def test_the_third_term_costs_the_squared_relu_a_third():
    """(1 - 2/pi)/(4/pi - 1) = 1.3299 at every sigma."""
    assert tables.cost_of_third_term(["squared_relu"], ["0.1", 10]).rows == [["squared ReLU", "1.3299", "1.3299"]]


def test_a_table_on_a_page_has_letters_where_code_has_words():
    """sigma**2 is for copying, σ² for reading; a word that only contains a letter's name, and a label, stay."""
    table = tables.Table(["rho_2"], [["phi' < -4*sigma**2"], ["1.5e-07 +- 2e+03"], ["leaky_relu, thm-relu, alphabet"]])
    html = table._repr_html_()
    assert "ρ₂" in html and "φ′ &lt; −4 σ²" in html and "1.5·10⁻⁷\u00a0±\u00a02·10³" in html
    assert "leaky_relu, thm-relu, alphabet" in html
    assert "phi' < -4*sigma**2" in repr(table)


def test_a_table_escapes_its_cells_and_aligns_them_as_text():
    """phi'(z) < 0 must not open a tag."""
    table = tables.Table(["a", "b"], [["x < 0", "1"]])
    assert "<td>x &lt; 0</td>" in table._repr_html_() and repr(table) == "a     | b\nx < 0 | 1"
