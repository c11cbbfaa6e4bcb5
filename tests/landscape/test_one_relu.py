"""One ReLU unit away from its teacher: closed Hessian against differences of the risk; the jump is not left out."""

from fractions import Fraction

import numpy as np
import pytest
from plane_oracle import plane_moments

from onenn import OneHiddenLayer, Verdict
from onenn.landscape import one_relu as module
from onenn.landscape import risk
from onenn.landscape.one_relu import (
    one_relu_eigenvalues,
    one_relu_hessian,
    one_relu_risk,
    second_difference_agrees,
)
from onenn.rigorous import BALLS, ball

rng = np.random.default_rng(8)


def differenced(f, x, t):
    """The Hessian of f by central differences of step t."""
    E = t * np.eye(len(x))
    return np.array([[f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for a in E] for b in E]) / (4 * t * t)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_the_hessian_is_the_second_derivative_of_the_risk(d):
    """The population risk of the package, differenced with step 1e-3: errors of 1e-6 from either side."""
    w, u = rng.standard_normal(d), rng.standard_normal(d)
    teacher = OneHiddenLayer([w], [1.0], "relu")
    H = differenced(lambda x: risk(OneHiddenLayer([x], [1.0], "relu"), teacher), u, 1e-3)
    assert np.allclose(one_relu_hessian(list(u), list(w)).astype(float), H, rtol=0, atol=2e-6)


def test_the_mean_of_the_gradient_has_this_derivative():
    """The gradient E (relu(u.x) - relu(w.x)) 1{u.x > 0} x by polar coordinates, with panels that end at the kinks."""
    u, w, t = np.array([0.3, 0.8]), np.array([1.0, 0.0]), 1e-4
    gradient = lambda x: plane_moments(lambda r, s: (np.maximum(r, 0) - np.maximum(s, 0)) * (r > 0), x, w)[1]  # noqa: E731
    columns = [(gradient(u + t * e) - gradient(u - t * e)) / (2 * t) for e in np.eye(2)]
    assert np.allclose(np.array(columns), one_relu_hessian(list(u), list(w)).astype(float), rtol=0, atol=1e-7)


@pytest.mark.parametrize("angle", [0.1, 0.5, 1.0, 2.5])
def test_the_eigenvalues_are_those_of_the_matrix(angle):
    """1/2 along u, and two smaller ones, for lengths with |w|/|u| = 3/2."""
    u, w = [2 * np.cos(angle), 2 * np.sin(angle), 0.0, 0.0], [3.0, 0.0, 0.0, 0.0]
    values = np.linalg.eigvalsh(one_relu_hessian(u, w).astype(float))
    along, plane, across = one_relu_eigenvalues(angle, 1.5)
    assert np.allclose(values, sorted([along, plane, across, across]), atol=1e-14)


@pytest.mark.parametrize("angle", ["0.1", "0.5", 1, "3"])
def test_second_differences_in_balls_agree_and_half_the_identity_does_not(angle):
    """In every direction but u the almost-everywhere Hessian is too large."""
    for direction in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (2, -1, 3)):
        assert second_difference_agrees(angle, direction) == Verdict.PROVED
        assert second_difference_agrees(angle, direction, jump=False) == Verdict.REFUTED


def test_the_risk_is_not_convex_far_from_the_teacher():
    """|u| < (2/pi) |w| sin t: the eigenvalue in the plane is negative, while I/2 is positive definite."""
    assert BALLS.number("1/2") > 0 > one_relu_eigenvalues(BALLS.pi / 2, ball(2), C=BALLS)[1]
    assert one_relu_eigenvalues(np.pi / 2, np.pi / 2)[1] == pytest.approx(0, abs=1e-15)


def test_the_closed_risk_is_that_of_the_package():
    """One dual formula, two callers."""
    w, u = rng.standard_normal(3), rng.standard_normal(3)
    networks = [OneHiddenLayer([x], [1.0], "relu") for x in (u, w)]
    assert one_relu_risk(list(u), list(w)) == pytest.approx(risk(*networks), rel=1e-13)


def test_wrong_jumps_are_told_apart():
    """Mutants: the plane direction counted once, twice the jump, cos for sin."""
    t = 0.7
    correct = one_relu_eigenvalues(t)
    values = sorted(np.linalg.eigvalsh(one_relu_hessian([np.cos(t), np.sin(t), 0.0], [1.0, 0.0, 0.0]).astype(float)))
    for wrong in (
        (0.5, 0.5 - np.sin(t) / (2 * np.pi), 0.5 - np.sin(t) / (2 * np.pi)),
        (0.5, 0.5 - 2 * np.sin(t) / np.pi, 0.5 - np.sin(t) / np.pi),
        (0.5, 0.5 - np.cos(t) / np.pi, 0.5 - np.cos(t) / (2 * np.pi)),
    ):
        assert np.abs(np.sort(wrong) - values).max() > 0.03
    assert np.allclose(sorted(correct), values)


@pytest.mark.parametrize("entry", [(2, 0), (2, 2)])
def test_every_entry_of_the_derived_hessian_is_compared(monkeypatch, entry):
    """One entry off by a thousandth: the derivation is refuted, also across the plane of u and w."""
    right = module.one_relu_hessian

    def wrong(*arguments, **context):
        H = right(*arguments, **context)
        H[entry] = H[entry] + context["C"].rational(Fraction(1, 1000))
        return H

    monkeypatch.setattr(module, "one_relu_hessian", wrong)
    assert module.one_relu_hessian_is_derived() == Verdict.REFUTED
