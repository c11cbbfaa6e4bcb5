"""The registry: names, nearest matches, parameters, pickling, registration in one call."""

import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

import onenn
from onenn import activation, register_activation
from onenn.activations import ClosedForms, Growth, names
from onenn.contexts import SYMBOLS
from onenn.gaussian import T, alpha, beta, dual, dual_derivative, gamma, hermite, rho

TWELVE = (
    "linear", "quadratic", "relu", "leaky_relu", "squared_relu", "sigmoid", "tanh", "erf", "softplus", "exp", "gelu",
    "quartic_relu",
)  # fmt: skip


def test_the_twelve_activations_are_registered():
    """The names readers rely on."""
    assert set(TWELVE) <= set(names())
    for name in TWELVE:
        assert activation(name).name == name
        assert activation(name).source


def test_an_unknown_name_is_answered_with_the_nearest_and_the_list():
    """Expected: what was wrong, what it may have meant, what there is."""
    with pytest.raises(ValueError, match=r"'rleu'.*did you mean 'relu'.*linear, quadratic"):
        activation("rleu")
    with pytest.raises(ValueError, match="did you mean 'tanh'"):
        activation("Tanh")
    with pytest.raises(TypeError, match="name is a int"):
        activation(3)


def test_an_activation_passes_through():
    """Functions take an Activation or a name."""
    phi = activation("relu")
    assert activation(phi) is phi
    with pytest.raises(TypeError, match="slope"):
        activation(phi, slope=1)


def test_parameters_are_exact_and_checked():
    """0.01 means 1/100; an unknown parameter is named with those that exist."""
    assert activation("leaky_relu").parameters == (("slope", Fraction(1, 100)),)
    for slope in (0.1, "0.1", "1/10", Fraction(1, 10)):
        assert activation("leaky_relu", slope=slope) == activation("leaky_relu", slope="1/10")
    with pytest.raises(TypeError, match=r"alpha is not a parameter.*slope"):
        activation("leaky_relu", alpha=0.1)
    with pytest.raises(TypeError, match=r"slope is 'sqrt"):
        activation("leaky_relu", slope="sqrt(2)")
    with pytest.raises(TypeError, match="slope is not a parameter of activation 'relu'"):
        activation("relu", slope=0.1)


@pytest.mark.parametrize("name", TWELVE)
def test_pickles_come_back_equal(name):
    """A pickle holds the name, parameters and scalings; the formulas come from the registry."""
    for phi in (activation(name), activation(name).scaled(output="sqrt(pi)/2", input="-1/3")):
        copy = pickle.loads(pickle.dumps(phi))
        assert copy == phi
        assert hash(copy) == hash(phi)
        assert copy(0.7) == phi(0.7)
    leaky = activation("leaky_relu", slope="0.2")
    assert pickle.loads(pickle.dumps(leaky))(-1.0) == -0.2


def test_one_call_adds_an_activation_to_every_float_function():
    """swish = z sigmoid(z) from two NumPy functions: moments, residuals, Hermite coefficients, duals."""
    s = lambda z: 1 / (1 + np.exp(-np.clip(z, -700, 700)))  # noqa: E731
    swish = register_activation("swish", lambda z: z * s(z), lambda z: s(z) * (1 + z * (1 - s(z))), replace=True)
    assert activation("swish") is swish
    assert "swish" in names()
    z, step = np.linspace(-12, 12, 4801, retstep=True)  # the trapezoidal rule is spectrally accurate here
    w = step * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    slope = swish.derivative(z)
    moments = [np.sum(w * slope * z**q) for q in range(3)]
    for q in range(3):
        assert alpha("swish", q, 1.0) == pytest.approx(moments[q], rel=1e-12)
        assert beta("swish", q, 1.0) == pytest.approx(np.sum(w * slope**2 * z**q), rel=1e-12)
        assert gamma("swish", q, 1.0) == pytest.approx(np.sum(w * swish(z) * z**q), rel=1e-12)
    residual = slope - moments[0] - moments[1] * z
    assert T("swish", 1, 1.0) == pytest.approx(np.sum(w * residual**2), rel=1e-10)
    assert T("swish", 3, 1.0) == pytest.approx(moments[0] * moments[2] - moments[1] ** 2, rel=1e-12)
    assert rho("swish", 1.0) > 0
    assert hermite("swish", 1) == pytest.approx(moments[1], rel=1e-12)
    cov = [[1.0, 0.3], [0.3, 2.0]]
    x, y = z[::8, None], z[None, ::8]
    v = 0.3 * x + np.sqrt(2 - 0.09) * y
    weight = 64 * w[::8, None] * w[::8]
    assert dual("swish", cov) == pytest.approx(np.sum(weight * swish(x) * swish(v)), rel=1e-12)
    assert dual_derivative("swish", cov) == pytest.approx(
        np.sum(weight * swish.derivative(x) * swish.derivative(v)), rel=1e-12
    )
    assert swish.numpy_only == ("value", "derivative", "second_derivative")
    with pytest.raises(ValueError, match="second_derivative="):
        swish.second_derivative(0.0)


def test_functions_of_a_context_serve_symbols_as_well():
    """(C, z) is recognised by its two parameters and runs in exact arithmetic."""
    cubic = register_activation(
        "cubic",
        lambda C, z: z * z * z,
        lambda C, z: 3 * z * z,
        lambda C, z: 6 * z,
        growth=Growth(3, 2),
        derivative_symmetry="even",
        closed_forms=ClosedForms(alpha=lambda C, q, s: 3 * s * s if q == 0 else None),
        replace=True,
    )
    assert cubic.numpy_only == ()
    z = SYMBOLS.Symbol("z")
    assert SYMBOLS.diff(cubic.pieces[0].value(SYMBOLS, z), z) == cubic.pieces[0].derivative(SYMBOLS, z)
    assert alpha(cubic, 0, 2.0) == 12.0
    assert alpha(cubic, 1, 2.0) == 0.0
    assert alpha(cubic, 2, 2.0) == pytest.approx(36.0, rel=1e-13)  # no closed form for q = 2: quadrature


def test_pieces_are_given_as_tuples_between_kinks():
    """One function per piece, leftmost first; at a kink the right one is taken."""
    ramp = register_activation(
        "ramp",
        (lambda z: 0 * z, lambda z: z, lambda z: 0 * z + 1),
        (lambda z: 0 * z, lambda z: 0 * z + 1, lambda z: 0 * z),
        kinks=(0, 1),
        replace=True,
    )
    np.testing.assert_array_equal(ramp([-1.0, 0.5, 3.0]), [0.0, 0.5, 1.0])
    np.testing.assert_array_equal(ramp.derivative([0.0, 1.0]), [1.0, 0.0])
    half = 0.3413447460685429  # P(0 < z < 1), mpmath.ncdf(1) - 1/2
    assert alpha(ramp, 0, 1.0) == pytest.approx(half, rel=1e-13)


def test_a_taken_name_is_refused_unless_replaced():
    """The twelve cannot be redefined by accident."""
    with pytest.raises(ValueError, match=r"'relu' is already registered.*replace=True"):
        register_activation("relu", np.tanh, lambda z: 1 - np.tanh(z) ** 2)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.tanh, np.tanh), ValueError, "derivative is .*differences of value"),
        ((np.tanh, lambda z: 1 - np.tanh(z) ** 2, np.tanh), ValueError, "second_derivative is"),
        ((np.log, lambda z: 1 / z), ValueError, "value is not finite"),
        (("tanh", np.tanh), TypeError, "value is a str"),
        (((np.tanh, np.tanh), np.tanh), ValueError, "value has 2 functions"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_wrong_functions_are_named(arguments, error, message):
    """A derivative that is visibly another function is caught on the spot."""
    with pytest.raises(error, match=message):
        register_activation("mistaken", *arguments)
    assert "mistaken" not in names()


def test_wrong_descriptions_are_named():
    """kinks, growth, symmetry and the name itself."""
    slope = lambda z: 1 - np.tanh(z) ** 2  # noqa: E731
    with pytest.raises(ValueError, match="kinks"):
        register_activation("mistaken", np.tanh, slope, kinks=(1, 0))
    with pytest.raises(TypeError, match="growth is a tuple"):
        register_activation("mistaken", np.tanh, slope, growth=(1, 0))
    with pytest.raises(ValueError, match="derivative_symmetry"):
        register_activation("mistaken", np.tanh, slope, derivative_symmetry="symmetric")
    with pytest.raises(TypeError, match="name"):
        register_activation("", np.tanh, slope)


@pytest.mark.slow
def test_importing_the_package_loads_none_of_the_heavy_libraries():
    """`import onenn` is quick: names are imported on first use."""
    heavy = "torch matplotlib sphinx sympy sklearn scipy flint numpy".split()
    code = f"import sys, onenn; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_package_lists_its_names_and_refuses_others():
    """PEP 562: dir() shows the lazy names; an unknown one is an AttributeError that lists them."""
    assert {"activation", "register_activation", "gaussian", "Verdict"} <= set(dir(onenn))
    with pytest.raises(AttributeError, match=r"no attribute 'activaton'"):
        _ = onenn.activaton
