"""Wrong closed forms of the smooth activations, kept for good: {(activation, form): {slip: formula}}.

Slips that are easy to make, with the signature of the form in ClosedForms; tests/test_mutants.py kills each.
"""

from __future__ import annotations

import numpy as np

from onenn.activations.half_line import normal_moment
from onenn.contexts import FLOATS

pi, R = np.pi, np.sqrt(2 * np.pi)


def odd_factorial(k):
    return float(np.prod(np.arange(k, 0, -2))) if k > 0 else 1.0


def erf():
    A, B = (lambda s: 1 + 2 * s * s), (lambda s: 1 + 4 * s * s)
    k = 2 / np.sqrt(pi)

    def naive(_, i, s):
        return k * k * (1 / np.sqrt(B(s)) - 1 / A(s), B(s) ** -1.5 - A(s) ** -3.0, A(s) ** -2.0)[i - 1]

    def residual(T1, T2, T3):
        def at(_, i, s):
            D = 4 * s**4 / (A(s) + np.sqrt(B(s)))
            exact = (
                D / (A(s) * np.sqrt(B(s))),
                D * (A(s) ** 2 + A(s) * np.sqrt(B(s)) + B(s)) / (A(s) * np.sqrt(B(s))) ** 3,
                A(s) ** -2.0,
            )
            return (T1, T2, T3)[i - 1](exact[i - 1], s)

        return at

    kept = lambda x, s: k * k * x  # noqa: E731
    spread = lambda a, b, c: 1 + 2 * a + 2 * c + 4 * (a * c - b * b)  # noqa: E731

    def gradient(change):
        def at(_, a, b, c):
            f = -k * k / spread(a, b, c) ** 1.5
            return change(f * (1 + 2 * c), -4 * f * b, f * (1 + 2 * a))

        return at

    return {
        "alpha": {
            "the paper's erf": lambda _, q, s: normal_moment(q) * A(s) ** (-(q + 1) / 2),
            "A^{-(q+2)/2}": lambda _, q, s: k * normal_moment(q) * A(s) ** (-(q + 2) / 2),
            "1 + s^2 for A": lambda _, q, s: k * normal_moment(q) * (1 + s * s) ** (-(q + 1) / 2),
            "no E[z^q]": lambda _, q, s: k * (1 - q % 2) * A(s) ** (-(q + 1) / 2) * (3 if q == 2 else 1),
            "1e-20 for 0": lambda _, q, s: 1e-20 if q % 2 else k * normal_moment(q) * A(s) ** (-(q + 1) / 2),
        },
        "beta": {
            "A for B": lambda _, q, s: k * k * normal_moment(q) * A(s) ** (-(q + 1) / 2),
            "k once": lambda _, q, s: k * normal_moment(q) * B(s) ** (-(q + 1) / 2),
        },
        "gamma": {
            "sigma lost": lambda _, j, s: k / np.sqrt(A(s)) * normal_moment(j + 1),
            "no recurrence": lambda _, j, s: k * s / np.sqrt(A(s)) * normal_moment(j + 1),
        },
        "residual": {
            "the difference of moments": naive,
            "k^2 lost": lambda _, i, s: (
                naive(_, i, s) / (k * k) if s > 0.5 else residual(kept, kept, kept)(_, i, s) / (k * k)
            ),
            "T3 = k^2/A": residual(kept, kept, lambda x, s: k * k / A(s)),
            "T1 without sqrt(B)": residual(lambda x, s: k * k * x * np.sqrt(B(s)), kept, kept),
            "T2 to the power 2": residual(kept, lambda x, s: k * k * x * A(s) * np.sqrt(B(s)), kept),
        },
        "hermite": {
            "sign lost": lambda _, r, s: abs(_erf_hermite(r, s)),
            "2 s^2 for 2 s^2/A": lambda _, r, s: _erf_hermite(r, s) * A(s) ** (r // 2),
        },
        "dual": {
            "2 lost": lambda _, a, b, c: 2 / pi * np.arcsin(b / np.sqrt((1 + 2 * a) * (1 + 2 * c))),
            "1 + a": lambda _, a, b, c: 2 / pi * np.arcsin(2 * b / np.sqrt((1 + 2 * a) * (1 + a))),
            "the paper's erf": lambda _, a, b, c: np.arcsin(2 * b / np.sqrt((1 + 2 * a) * (1 + 2 * c))) / 2,
            "sine for tangent": lambda _, a, b, c: 2 / pi * np.arcsin(2 * b / np.sqrt(spread(a, b, c))),
        },
        "dual_derivative": {
            "determinant lost": lambda _, a, b, c: k * k / np.sqrt(1 + 2 * a + 2 * c),
            "k lost": lambda _, a, b, c: 1 / np.sqrt(spread(a, b, c)),
        },
        "dual_derivative_gradient": {
            "a and c swapped": gradient(lambda x, y, z: (z, y, x)),
            "b once": gradient(lambda x, y, z: (x, y / 2, z)),
            "sign": gradient(lambda x, y, z: (x, -y, z)),
        },
    }


def _erf_hermite(r, s):
    if r % 2:
        return 0.0
    A = 1 + 2 * s * s
    factorial = odd_factorial(r) * odd_factorial(r - 1)
    return 2 / np.sqrt(pi * A) * odd_factorial(r - 1) / np.sqrt(factorial) * (-2 * s * s / A) ** (r // 2)


def exp():
    shifted = lambda m, q: (1, m, 1 + m * m, m**3 + 3 * m, m**4 + 6 * m * m + 3)[q]  # noqa: E731
    r = FLOATS.exp_remainder

    def naive(_, i, s):
        u = s * s
        return (
            np.exp(u) * (np.exp(u) - 1 - u),
            (1 + 4 * u) * np.exp(2 * u) - np.exp(u) * (1 + 3 * u + u * u),
            np.exp(u),
        )[i - 1]

    def residual(T1, T2, T3):
        return lambda _, i, s: np.exp(s * s) * (T1, T2, T3)[i - 1](s * s)

    T2 = lambda u: 2 * u + 3 * u * u + (1 + 4 * u) * r(u)  # noqa: E731
    one = lambda u: 1.0  # noqa: E731
    return {
        "alpha": {
            "e^{s^2}": lambda _, q, s: np.exp(s * s) * shifted(s, q),
            "shift 2 s": lambda _, q, s: np.exp(s * s / 2) * shifted(2 * s, q),
        },
        "beta": {
            "shift s": lambda _, q, s: np.exp(2 * s * s) * shifted(s, q),
            "e^{s^2}": lambda _, q, s: np.exp(s * s) * shifted(2 * s, q),
        },
        "gamma": {"no shift": lambda _, j, s: np.exp(s * s / 2) * normal_moment(j)},
        "residual": {
            "the difference of moments": naive,
            "e^u - 1 in T1": residual(np.expm1, T2, one),
            "1 + u in T2": residual(r, lambda u: 2 * u + 3 * u * u + (1 + u) * r(u), one),
            "2 u^2 in T2": residual(r, lambda u: 2 * u + 2 * u * u + (1 + 4 * u) * r(u), one),
            "T3 = e^{2 u}": residual(r, T2, np.exp),
        },
        "hermite": {
            "r! for its root": lambda _, r, s: np.exp(s * s / 2) * s**r / (odd_factorial(r) * odd_factorial(r - 1)),
            "e^{s^2}": lambda _, r, s: np.exp(s * s) / np.sqrt(odd_factorial(r) * odd_factorial(r - 1)),
        },
        "dual": {
            "b once": lambda _, a, b, c: np.exp((a + b + c) / 2),
            "no half": lambda _, a, b, c: np.exp(a + 2 * b + c),
        },
        "dual_derivative": {"b once": lambda _, a, b, c: np.exp((a + b + c) / 2)},
        "dual_derivative_gradient": {"b halved": lambda _, a, b, c: (np.exp((a + 2 * b + c) / 2) / 2,) * 3},
    }


def gelu():
    A = lambda s: 1 + s * s  # noqa: E731
    right = (0.5, lambda s: s * (2 + s * s) / (R * A(s) ** 1.5))
    return {
        "alpha": {
            "A^{-1/2}": lambda _, q, s: (
                s * (2 + s * s) / (R * np.sqrt(A(s))) * normal_moment(q + 1) if q % 2 else right[0] * normal_moment(q)
            ),
            "Phi only": lambda _, q, s: (
                s / (R * np.sqrt(A(s))) * normal_moment(q + 1) if q % 2 else right[0] * normal_moment(q)
            ),
        },
        "beta": {
            "Phi^2 only": lambda _, q, s: (0.25 + np.arcsin(s * s / A(s)) / (2 * pi)) * normal_moment(q),
            "half of alpha": lambda _, q, s: right[0] * normal_moment(q) + 0 * s,
        },
        "gamma": {
            "odd order halved": lambda _, j, s: s * normal_moment(j + 1) / 4,
            "no A": lambda _, j, s: s * normal_moment(j + 1) / 2 if j % 2 else s * s / R * normal_moment(j),
        },
        "residual": {
            "T3 = 1/4": lambda _, i, s: 0.25 if i == 3 else None,
            "T1 from relu": lambda _, i, s: 1 / 4 - 1 / (2 * pi) + 0 * s,
        },
        "hermite": {
            "r for r + 1": lambda _, r, s: _gelu_hermite(r, s) * (r + s * s) / (r + 1 + s * s),
            "sign lost": lambda _, r, s: abs(_gelu_hermite(r, s)),
        },
    }


def _gelu_hermite(r, s):
    if r % 2 == 0:
        return 0.5 if r == 0 else 0.0
    A = 1 + s * s
    factorial = odd_factorial(r) * odd_factorial(r - 1)
    power = (-s * s / A) ** ((r - 1) // 2)
    return s * (r + 1 + s * s) * odd_factorial(r - 2) / np.sqrt(factorial) * power / (R * A**1.5)


def sigmoid():
    return {
        "gamma": {
            "tanh's zero": lambda _, j, s: None if j % 2 else 0.0,
            "1 for 1/2": lambda _, j, s: None if j % 2 else normal_moment(j) + 0 * s,
        }
    }


def softplus():
    return {
        "alpha": {"1 for 1/2": lambda _, q, s: None if q % 2 else normal_moment(q) + 0 * s},
        "gamma": {
            "z for z/2": lambda _, j, s: s * normal_moment(j + 1) if j % 2 else None,
            "order j": lambda _, j, s: s * normal_moment(j - 1) / 2 if j % 2 else None,
        },
    }


SMOOTH_MUTANTS = {
    (build.__name__, form): slips for build in (erf, exp, gelu, sigmoid, softplus) for form, slips in build().items()
}
