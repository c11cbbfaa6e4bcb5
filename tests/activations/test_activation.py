"""phi, phi', phi'' as functions: against mpmath, at extreme arguments, at kinks; bounds, growth and tails."""

import warnings

import mpmath as mp
import numpy as np
import pytest

from onenn import activation
from onenn.activations import names
from onenn.contexts import FLOATS, SYMBOLS

SMOOTH = {
    "sigmoid": lambda z: 1 / (1 + mp.exp(-z)),
    "tanh": mp.tanh,
    "erf": mp.erf,
    "softplus": lambda z: mp.log1p(mp.exp(z)),
    "exp": mp.exp,
    "gelu": lambda z: z * mp.ncdf(z),
}
POLYNOMIAL = {  # values on z < 0 and z >= 0
    "linear": (lambda z: z, lambda z: z),
    "quadratic": (lambda z: z**2, lambda z: z**2),
    "relu": (lambda z: 0 * z, lambda z: z),
    "leaky_relu": (lambda z: z / 100, lambda z: z),
    "squared_relu": (lambda z: 0 * z, lambda z: z**2),
    "quartic_relu": (lambda z: 0 * z, lambda z: z**4 + 4 * z),
}
TWELVE = [*SMOOTH, *POLYNOMIAL]


@pytest.mark.parametrize("name", SMOOTH)
def test_values_and_derivatives_match_mpmath(name):
    """Independent route: mpmath's functions and its numerical differentiation at 40 digits."""
    phi, exact = activation(name), SMOOTH[name]
    with mp.workdps(40):
        for z in (-20.0, -3.0, -0.8, -1e-3, 0.0, 0.4, 1.0, 2.5, 9.0):
            for order, function in enumerate((phi, phi.derivative, phi.second_derivative)):
                value = float(mp.diff(exact, mp.mpf(z), order))
                assert function(z) == pytest.approx(value, rel=1e-13, abs=1e-14), (z, order)


@pytest.mark.parametrize("name", POLYNOMIAL)
def test_polynomial_pieces_are_the_stated_ones(name):
    """Exact in rational points, and their derivatives are SymPy's."""
    phi = activation(name)
    left, right = POLYNOMIAL[name]
    z = np.array([-2.0, -0.5, 0.0, 0.25, 3.0])
    np.testing.assert_array_equal(phi(z), np.where(z < 0, left(z), right(z)))
    x = SYMBOLS.Symbol("x")
    for piece, formula in zip(phi.pieces, (left, right)[-len(phi.pieces) :], strict=True):
        for function, order in ((piece.derivative, 1), (piece.second_derivative, 2)):
            assert SYMBOLS.expand(function(SYMBOLS, x) - SYMBOLS.diff(formula(x), x, order)) == 0


@pytest.mark.parametrize("name", TWELVE)
def test_extreme_arguments_raise_no_warning(name):
    """|z| = 1e4: softplus must not overflow in e^z, nor sech in cosh; only exp itself may reach inf."""
    phi = activation(name)
    z = np.array([-1e4, -800.0, 0.0, 800.0, 1e4])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (phi, phi.derivative, phi.second_derivative):
            values = function(z)
            assert values.dtype == np.float64
            assert np.all(np.isfinite(values[:3] if name == "exp" else values))
    assert activation("softplus")(1e4) == 1e4


def test_a_kink_takes_the_piece_on_its_right():
    """phi'(0) = 1 for relu, 4 for quartic_relu; phi'' is that of the right piece."""
    assert activation("relu").derivative(0.0) == 1.0
    assert activation("leaky_relu").derivative([-0.0, 0.0]).tolist() == [1.0, 1.0]
    assert activation("quartic_relu").derivative(0.0) == 4.0
    assert activation("squared_relu").second_derivative([0.0, -1e-300]).tolist() == [2.0, 0.0]


def test_shapes_are_kept_and_nan_passes_through():
    """Elementwise on any shape; integers are taken as floats."""
    for name in ("relu", "tanh", "linear"):
        phi = activation(name)
        assert phi(np.zeros((2, 0, 3))).shape == (2, 0, 3)
        assert phi.derivative([[1, 2], [3, 4]]).shape == (2, 2)
        assert np.isnan(phi(np.nan))
        assert isinstance(phi(1), float)


@pytest.mark.parametrize("name", TWELVE)
def test_growth_bounds_hold_and_are_of_the_right_order(name):
    """|f(z)| <= L (1 + |z|^p) e^{r|z|} on a grid that reaches 30; somewhere it is within a factor 5."""
    phi = activation(name)
    z = np.concatenate([-np.geomspace(1e-6, 30, 400), [0.0], np.geomspace(1e-6, 30, 400)])
    for f, growth in ((phi.derivative, phi.growth), (phi, phi.value_growth)):
        rate = FLOATS.number(growth.rate)
        bound = FLOATS.number(growth.constant) * (1 + np.abs(z) ** growth.power) * np.exp(rate * np.abs(z))
        ratio = np.abs(f(z)) / bound
        assert np.max(ratio) <= 1 + 1e-15
        assert np.max(ratio) > 0.2


@pytest.mark.parametrize("name", TWELVE)
def test_property_bounds_hold_and_are_attained(name):
    """0 <= phi' <= L1 |z|^p, |phi''| <= L2: true on a grid and sharp to 1e-6, as suprema must be."""
    phi = activation(name)
    bounds = phi.bounds
    z = np.concatenate([-np.geomspace(1e-7, 50, 40000), np.geomspace(1e-7, 50, 40000)])
    slope = phi.derivative(z)
    if bounds.first is None:
        assert np.min(slope) < 0 or np.max(slope) > 1e3
    else:
        ratio = slope / np.abs(z) ** bounds.power
        assert np.min(slope) >= 0
        assert np.max(ratio) == pytest.approx(FLOATS.number(bounds.first), rel=1e-6)
        assert np.max(ratio) <= FLOATS.number(bounds.first) * (1 + 1e-14)
    if bounds.second is not None:
        largest = np.max(np.abs(phi.second_derivative(z)))
        assert largest <= FLOATS.number(bounds.second) * (1 + 1e-14)
        assert largest == pytest.approx(FLOATS.number(bounds.second), rel=1e-6, abs=0)


@pytest.mark.parametrize("name", [n for n in TWELVE if activation(n).tails])
def test_tails_contain_what_lies_beyond(name):
    """On [r, oo) and (-oo, -r], from r = start on; the bounds shrink to the limits."""
    phi = activation(name)
    for psi in (phi, phi.scaled(output="-sqrt(2)", input="1/2"), phi.scaled(output=2, input=-3)):
        start = FLOATS.number(psi.tails.start)
        for r in (start + 1e-9, start + 0.5, start + 4):
            z = r + np.concatenate([[0], np.geomspace(1e-6, 60, 500)])
            for f, right, left in (
                (psi.derivative, psi.tails.derivative_right, psi.tails.derivative_left),
                (psi.second_derivative, psi.tails.second_right, psi.tails.second_left),
            ):
                for tail, values in ((right, f(z)), (left, f(-z))):
                    lower, upper = tail(FLOATS, r)
                    slack = 1e-14 * (1 + np.max(np.abs(values)))
                    assert np.all((values >= lower - slack) & (values <= upper + slack))
        lower, upper = psi.tails.derivative_right(FLOATS, start + 40.0)
        assert upper - lower < 1e-6


@pytest.mark.parametrize("name", [n for n in TWELVE if activation(n).derivative_remainder])
def test_the_remainder_of_the_derivative_keeps_its_digits_near_zero(name):
    """phi'(x) - phi'(0) - phi''(0) x against mpmath at 60 digits: relative 1e-13 from 1e-6 on."""
    formulas = dict(SMOOTH) | {"linear": lambda z: z, "quadratic": lambda z: z * z}
    phi = activation(name)
    with mp.workdps(60):
        slope = lambda t: mp.diff(formulas[name], t)  # noqa: E731
        zero, curvature = slope(mp.mpf(0)), mp.diff(formulas[name], mp.mpf(0), 2)
        for x in (-2.5, -0.99, -1e-2, 1e-6, 0.3, 1.01, 7.0):
            exact = float(slope(mp.mpf(x)) - zero - curvature * x)
            value = float(phi.derivative_remainder(np.array([x]))[0])
            assert value == pytest.approx(exact, rel=1e-13, abs=1e-30)


@pytest.mark.parametrize("name", [n for n in TWELVE if activation(n).transform])
def test_transforms_are_fourier_integrals(name):
    """Independent route: the trapezoidal rule on the derivative of that order, spectrally accurate for these."""
    phi = activation(name)
    f = {1: phi.derivative, 2: phi.second_derivative}[phi.transform.order]
    x, step = np.linspace(-80, 80, 16001, retstep=True)
    for t in (0.0, 1e-9, 0.3, 1.0, 3.0):
        exact = step * np.sum(f(x) * np.cos(t * x))
        assert phi.transform.values(np.array(t)) == pytest.approx(exact, rel=1e-11, abs=1e-13)


def test_a_repr_rebuilds_the_activation():
    """It reads as the call that makes it."""
    phi = activation("leaky_relu", slope="0.1").scaled(output="sqrt(pi)/2", input=-2)
    assert repr(phi) == "activation('leaky_relu', slope=1/10).scaled(output='sqrt(pi)/2', input='-2')"
    assert repr(activation("tanh")) == "activation('tanh')"


def test_the_twelve_come_first_in_the_registry():
    """names() keeps the order of registration."""
    assert set(names()[:12]) == set(TWELVE)
