"""Every wrong variant kept in half_line_mutants.py and smooth_mutants.py is noticed by the independent routes.

The routes are those of the other tests: stored mpmath moments, the polar integral for duals, differences for gradients.
"""

from functools import cache

import numpy as np
import pytest
from gaussian_oracles import polar_expectation, reference_hermite, reference_moments, reference_sigmas, relative_error
from half_line_mutants import HALF_LINE_MUTANTS
from smooth_mutants import SMOOTH_MUTANTS

from onenn import activation
from onenn.activations import names
from onenn.contexts import FLOATS

MUTANTS = HALF_LINE_MUTANTS | SMOOTH_MUTANTS
KEYS = {"alpha": "alpha", "beta": "beta", "gamma": "gamma", "residual": "T"}
COVARIANCES = ((1.0, 0.4, 1.7), (0.6, -0.5, 1.1))


@cache
def polar_dual(name, derivative, a, b, c):
    phi = activation(name)
    f = phi.derivative if derivative else phi
    return polar_expectation(lambda u, v: f(u) * f(v), np.sqrt(a), np.sqrt(c), b / np.sqrt(a * c))


def polar_gradient(name, covariance):
    """Differences of fourth order of the polar integral."""
    h, gradient = 0.01, []
    for i in range(3):
        at = [polar_dual(name, True, *(np.array(covariance) + k * h * np.eye(3)[i])) for k in (-2, -1, 1, 2)]
        gradient.append((at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h))
    return gradient


def agrees(name, form, formula):
    """Whether `formula` passes the independent route of that form, wherever it gives a value."""
    if form in KEYS:
        pairs = [
            (formula(FLOATS, int(key[-1]), float(sigma)), exact)
            for sigma in reference_sigmas(name)
            for key, exact in reference_moments(name, sigma).items()
            if key.startswith(KEYS[form] + "_")
        ]
        return all(value is None or relative_error(value, exact) < 1e-10 for value, exact in pairs)
    if form == "hermite":
        return all(relative_error(formula(FLOATS, r, 1.0), x) < 1e-10 for r, x in reference_hermite(name).items())
    if form == "dual_derivative_gradient":
        return all(
            np.allclose(formula(FLOATS, *covariance), polar_gradient(name, covariance), rtol=1e-5, atol=1e-6)
            for covariance in COVARIANCES
        )
    derivative = form == "dual_derivative"
    return all(
        abs(formula(FLOATS, *abc) - polar_dual(name, derivative, *abc))
        < 1e-10 * abs(polar_dual(name, derivative, *abc))
        for abc in COVARIANCES
    )


@pytest.mark.parametrize(
    ("name", "form", "slip"), [(*key, slip) for key, slips in MUTANTS.items() for slip in slips], ids=str
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_wrong_closed_form_is_noticed(name, form, slip):
    """A test that lets a wrong formula pass is no test of that formula."""
    assert not agrees(name, form, MUTANTS[name, form][slip])


@pytest.mark.parametrize(("name", "form"), MUTANTS, ids=str)
def test_the_right_closed_form_passes_the_same_routes(name, form):
    """Otherwise the routes would notice everything."""
    assert agrees(name, form, getattr(activation(name).closed_forms, form))


def test_every_closed_form_has_a_mutant():
    """A closed form added to the registry brings its wrong variants along."""
    forms = ("alpha", "beta", "gamma", "residual", "hermite", "dual", "dual_derivative", "dual_derivative_gradient")
    present = {(name, form) for name in names()[:12] for form in forms if getattr(activation(name).closed_forms, form)}
    assert present == set(MUTANTS)
