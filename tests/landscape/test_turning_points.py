"""Enclosed inequalities turn from REFUTED to PROVED at the factor that doubles give, to a millionth, not beyond it."""

import inspect
from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, diversity, landscape, overparam
from onenn.landscape import (
    gauss_newton_holds,
    gradient,
    hessian_at_teacher,
    linearization_constant,
    linearization_holds,
    linearization_holds_on,
    own_unit_bound_holds,
)
from onenn.overparam import ExactRun

TEACHER = [[1, "1/4"], [0, "1/2"]]
STUDENT = [["9/8", "1/8"], ["1/16", "3/4"]]
V = [1, -2]


def turns_at(verdict, factor):
    """REFUTED a millionth below, PROVED a millionth above."""
    below, above = (verdict(Fraction(float(factor)) * (1 + Fraction(s, 10**6))) for s in (-1, 1))
    return (below, above) == (Verdict.REFUTED, Verdict.PROVED)


def pair(name):
    return OneHiddenLayer(STUDENT, V, name), OneHiddenLayer(TEACHER, V, name)


@pytest.mark.parametrize("name", ["erf", "squared_relu"])
def test_the_remainder_of_the_gradient(name):
    """|grad f(W) - H A| against Gamma |A|^2, two units of unlike weights."""
    student, teacher = pair(name)
    A = student.W - teacher.W
    size = np.linalg.norm(A)
    rest = gradient(student, teacher).ravel() - hessian_at_teacher(teacher) @ A.ravel()
    factor = np.linalg.norm(rest) / (linearization_constant(teacher, size) * size**2)
    assert turns_at(lambda f: linearization_holds(student, teacher, factor=f), factor)


@pytest.mark.parametrize("name", ["erf", "squared_relu"])
def test_the_remainder_on_three_samples(name):
    """The same with (1/n) sum |x|^q for the moment, features and slopes written out."""
    student, teacher = pair(name)
    X, A = [[1, 2], [-1, 1], [3, 0]], (student.W - teacher.W).ravel()
    q = 3 if name == "erf" else 4

    def features(net, x):
        z = net.W @ x
        return net.v @ net.phi(z), np.outer(net.v * net.phi.derivative(z), x).ravel()

    rest, moment = np.zeros(4), 0.0
    for x in np.array(X, dtype=float):
        (here, slopes), (there, at_teacher) = features(student, x), features(teacher, x)
        rest += ((here - there) * slopes - (at_teacher @ A) * at_teacher) / 3
        moment += np.linalg.norm(x) ** q / 3
    bound = linearization_constant(teacher, np.linalg.norm(A), moment=moment) * (A @ A)
    factor = np.linalg.norm(rest) / bound
    assert turns_at(lambda f: linearization_holds_on(student, teacher, X, factor=f), factor)


@pytest.mark.parametrize("name", ["erf", "squared_relu"])
def test_the_two_conditions_of_a_gauss_newton_step(name):
    """|grad f(W) - G A| against Gamma |A|^2 where G > (m/2) I is clear; and 2 lambda_min(G) against m where the first
    one is clear. G is the matrix at the student."""
    student, teacher = pair(name)
    A = student.W - teacher.W
    size, G = np.linalg.norm(A), hessian_at_teacher(student)
    rest = gradient(student, teacher).ravel() - G @ A.ravel()
    factor = np.linalg.norm(rest) / (linearization_constant(teacher, size) * size**2)
    assert turns_at(lambda f: gauss_newton_holds(student, teacher, least="1/1000", factor=f), factor)
    least = 2 * np.linalg.eigvalsh(G)[0]
    assert turns_at(lambda f: gauss_newton_holds(student, teacher, least=1 / f, factor=100), 1 / least)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_the_bound_of_a_unit_and_its_own_teacher_in_the_plane(name):
    """E[phi''(u.x) phi(w.x) x x^T] of ReLU is |p|/(2 pi |u|) (P + e e^T), e along p, the part of w across u: in the
    plane twice P, and there the bound is attained, for every length and angle."""
    for w, u in (([1, 0], [1, 1]), ([2, 1], [-1, 1])):
        assert turns_at(lambda f, w=w, u=u: own_unit_bound_holds(name, w, u, factor=f), 1)


def test_a_factor_is_one_unless_it_is_given():
    """What is proved without one is the printed inequality, and nothing weaker."""
    given = {}
    for package in (landscape, overparam, diversity):
        for name in package.__all__:
            value = getattr(package, name)
            if inspect.isfunction(value) and "factor" in inspect.signature(value).parameters:
                given[name] = inspect.signature(value).parameters["factor"].default
    assert len(given) > 8
    assert {name: default for name, default in given.items() if default not in (1, inspect.Parameter.empty)} == {}
    assert inspect.signature(ExactRun.falls).parameters["rounding"].default == 1
