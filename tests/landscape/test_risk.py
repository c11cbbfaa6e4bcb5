"""The population risk by dual activations against polar coordinates and its own laws."""

from fractions import Fraction

import numpy as np
import pytest
from plane_oracle import plane_moments

from onenn import OneHiddenLayer, activation
from onenn.landscape import risk, risk_exact
from onenn.landscape.risk import risk_of_weights


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf", "tanh", "exp", "quadratic", "leaky_relu"])
def test_the_risk_of_one_unit_against_another_is_half_the_mean_square(name):
    """Independent route: E (phi(w.x) - 2 phi(u.x))^2 / 2 as a double integral in polar coordinates."""
    phi, w, u = activation(name), np.array([0.6, 0.1, 0.2]), np.array([0.3, -0.5, 0.1])
    expected = plane_moments(lambda s, t: (phi(s) - 2 * phi(t)) ** 2 / 2, w, u)[0]
    assert risk(OneHiddenLayer([w], [1.0], phi), OneHiddenLayer([u], [2.0], phi)) == pytest.approx(expected, abs=1e-11)


def test_the_risk_does_not_depend_on_the_widths_or_the_labels():
    """A unit split in two, and the units renamed, give the same function and so the same risk."""
    teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0], "relu")
    student = OneHiddenLayer([[1.0, 2.0]], [1.0], "relu")
    split = OneHiddenLayer([[1.0, 2.0], [1.0, 2.0]], [0.25, 0.75], "relu")
    renamed = OneHiddenLayer(teacher.W[::-1], teacher.v[::-1], "relu")
    assert risk(split, teacher) == pytest.approx(risk(student, teacher), rel=1e-13)
    assert risk(student, renamed) == pytest.approx(risk(student, teacher), rel=1e-13)
    assert risk(teacher, teacher) == 0 == risk(renamed, teacher)


def test_exact_and_floating_risks_agree():
    """The same formula in Fractions (z^2) and in SymPy (ReLU: t = pi/4)."""
    student, teacher = ([[1, 2], [0, 1]], [1, -1]), ([[1, 0], [1, 1]], [2, 1])
    for name in ("linear", "quadratic", "relu", "squared_relu"):
        pair = [OneHiddenLayer(*weights, name) for weights in (student, teacher)]
        assert float(risk_exact(*pair)) == pytest.approx(risk(*pair), rel=1e-12)
    assert risk_exact(*(OneHiddenLayer(*weights, "linear") for weights in (student, teacher))) == Fraction(
        2
    )  # |(1, 1) - (3, 1)|^2 / 2


def test_the_risk_of_many_weights_at_once_is_that_of_each():
    """Broadcasting over leading dimensions, the zero network included."""
    teacher = OneHiddenLayer([[1.0, 0.0], [0.0, 1.0]], [1.0, -1.0], "relu")
    W = np.random.default_rng(0).standard_normal((3, 2, 2, 2))
    W[0, 0] = 0
    values = risk_of_weights(W, teacher.v, teacher)
    assert values.shape == (3, 2)
    for index in np.ndindex(3, 2):
        assert values[index] == pytest.approx(risk(OneHiddenLayer(W[index], teacher.v, "relu"), teacher), rel=1e-13)


def test_unlike_networks_are_refused():
    """One input space, one activation; an exact risk needs a closed dual."""
    a = OneHiddenLayer([[1.0, 0.0]], [1.0], "relu")
    with pytest.raises(ValueError, match="same inputs"):
        risk(OneHiddenLayer([[1.0]], [1.0], "relu"), a)
    with pytest.raises(ValueError, match="one activation"):
        risk(OneHiddenLayer([[1.0, 0.0]], [1.0], "tanh"), a)
    with pytest.raises(ValueError, match="no closed form"):
        risk_exact(*[OneHiddenLayer([[1, 0]], [1], "tanh")] * 2)
