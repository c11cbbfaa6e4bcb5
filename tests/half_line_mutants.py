"""Wrong closed forms of the piecewise polynomials, kept for good: {(activation, form): {slip: formula}}.

Slips that are easy to make, with the signature of the form in ClosedForms; tests/test_mutants.py kills each.
"""

from __future__ import annotations

import numpy as np

from onenn.activations.half_line import normal_moment

pi, R = np.pi, np.sqrt(2 * np.pi)


def odd_factorial(k):
    return float(np.prod(np.arange(k, 0, -2))) if k > 0 else 1.0


def half(k):
    """E[z_+^k]."""
    return odd_factorial(k - 1) / (R if k % 2 else 2)


def angle(a, b, c):
    """(sin t, cos t, t) and sqrt(ac)."""
    cosine = b / np.sqrt(a * c)
    return np.sqrt(1 - cosine**2), cosine, np.arccos(cosine), np.sqrt(a * c)


def linear():
    return {
        "alpha": {
            "E[z^{q+1}] for E[z^q]": lambda _, q, s: normal_moment(q + 1) + 0 * s,
            "sigma kept": lambda _, q, s: s * normal_moment(q),
        },
        "beta": {"sigma^2 kept": lambda _, q, s: s * s * normal_moment(q)},
        "gamma": {"sigma lost": lambda _, j, s: normal_moment(j + 1) + 0 * s},
        "residual": {"T3 = 0": lambda _, i, s: 0.0, "T1 = 1e-18": lambda _, i, s: 1.0 if i == 3 else 1e-18},
        "hermite": {"not vanishing": lambda _, r, s: 1.0 / (1 + r)},
        "dual": {"correlation for covariance": lambda _, a, b, c: b / np.sqrt(a * c)},
        "dual_derivative": {"the covariance": lambda _, a, b, c: b},
        "dual_derivative_gradient": {"of the dual": lambda _, a, b, c: (0.0, 1.0, 0.0)},
    }


def quadratic():
    return {
        "alpha": {"2 lost": lambda _, q, s: s * normal_moment(q + 1)},
        "beta": {
            "2 s^2": lambda _, q, s: 2 * s * s * normal_moment(q + 2),
            "E[z^q]": lambda _, q, s: 4 * s * s * normal_moment(q),
        },
        "gamma": {"sigma for sigma^2": lambda _, j, s: s * normal_moment(j + 2)},
        "residual": {
            "rho = 0 for T3": lambda _, i, s: (0, 8, 0)[i - 1] * s * s,
            "T2 = 12 s^2": lambda _, i, s: (0, 12, -4)[i - 1] * s * s,
        },
        "hermite": {"the coefficient of phi": lambda _, r, s: np.sqrt(2) * s * s if r == 2 else 0.0},
        "dual": {"b^2 once": lambda _, a, b, c: a * c + b * b, "no mean": lambda _, a, b, c: 2 * b * b},
        "dual_derivative": {"2 b": lambda _, a, b, c: 2 * b},
        "dual_derivative_gradient": {"4 b": lambda _, a, b, c: (0.0, 4 * b, 0.0)},
    }


def relu():
    def dual_with(profile):
        def at(_, a, b, c):
            sine, cosine, t, size = angle(a, b, c)
            return size * profile(sine, cosine, t) / (2 * pi)

        return at

    return {
        "alpha": {
            "both half-lines": lambda _, q, s: normal_moment(q) + 0 * s,
            "1/sqrt(pi)": lambda _, q, s: half(q) * (np.sqrt(2) if q % 2 else 1),
        },
        "beta": {"square of alpha": lambda _, q, s: half(q) ** 2 + 0 * s},
        "gamma": {"sigma lost": lambda _, j, s: half(j + 1) + 0 * s, "order j": lambda _, j, s: s * half(j)},
        "residual": {
            "1/pi": lambda _, i, s: 1 / 4 - 1 / pi + 0 * s,
            "alpha_1 forgotten": lambda _, i, s: 1 / 4 + 0 * s,
        },
        "hermite": {
            "sign lost": lambda _, r, s: abs(_relu_hermite(r)),
            "r! for its root": lambda _, r, s: _relu_hermite(r) / np.sqrt(odd_factorial(r) * odd_factorial(r - 1)),
        },
        "dual": {
            "t for pi - t": dual_with(lambda s, x, t: s + t * x),
            "a factor 2": dual_with(lambda s, x, t: 2 * (s + (pi - t) * x)),
            "- sin for sin": dual_with(lambda s, x, t: -s + (pi - t) * x),
            "atan2 swapped": dual_with(lambda s, x, t: s + (pi - np.arctan2(x, s)) * x),
            "sin^2 for sin": dual_with(lambda s, x, t: s * s + (pi - t) * x),
            "1 % too large": dual_with(lambda s, x, t: 1.01 * (s + (pi - t) * x)),
        },
        "dual_derivative": {
            "t for pi - t": lambda _, a, b, c: angle(a, b, c)[2] / (2 * pi),
            "over pi": lambda _, a, b, c: (pi - angle(a, b, c)[2]) / pi,
        },
        "dual_derivative_gradient": {
            "factor 2": lambda _, a, b, c: tuple(2 * x for x in _relu_gradient(a, b, c)),
            "b for -b": lambda _, a, b, c: (-_relu_gradient(a, b, c)[0], *_relu_gradient(a, b, c)[1:]),
            "a and c swapped": lambda _, a, b, c: _relu_gradient(a, b, c)[::-1],
        },
    }


def _relu_hermite(r):
    if r == 0:
        return 0.5
    factorial = odd_factorial(r) * odd_factorial(r - 1)
    return (-1) ** ((r - 1) // 2) * odd_factorial(r - 2) / R / np.sqrt(factorial) if r % 2 else 0.0


def _relu_gradient(a, b, c):
    across = 1 / (2 * pi * np.sqrt(a * c - b * b))
    return -b / (2 * a) * across, across, -b / (2 * c) * across


def leaky_relu():
    e = 0.01

    def arc(b, a, c):
        sine, cosine, t, size = angle(a, b, c)
        return size * (sine + (pi - t) * cosine) / (2 * pi)

    return {
        "alpha": {
            "slope 0.1": lambda _, q, s: half(q) * (1 + 0.1 * (-1) ** q),
            "sign of the left half": lambda _, q, s: half(q) * (1 + e),
        },
        "beta": {"slope not squared": lambda _, q, s: half(q) * (1 + e * (-1) ** q)},
        "gamma": {"parity j": lambda _, j, s: s * half(j + 1) * (1 + e * (-1) ** j)},
        "residual": {
            "(1 - c)^2 in T3 throughout": lambda _, i, s: (1 - e) ** 2 * (1 / 4 - 1 / (2 * pi)) + 0 * s,
            "slope 0.1": lambda _, i, s: (
                ((0.9) ** 2 * (1 / 4 - 1 / (2 * pi)) if i < 3 else 1.1**2 / 4 - 0.81 / (2 * pi)) + 0 * s
            ),
        },
        "hermite": {"slope ignored": lambda _, r, s: _relu_hermite(r)},
        "dual": {
            "cross terms added": lambda _, a, b, c: (1 + e * e) * arc(b, a, c) + 2 * e * arc(-b, a, c),
            "cross terms lost": lambda _, a, b, c: (1 + e * e) * arc(b, a, c),
        },
        "dual_derivative": {"cross terms lost": lambda _, a, b, c: (1 + e * e) * (pi - angle(a, b, c)[2]) / (2 * pi)},
        "dual_derivative_gradient": {"slope ignored": lambda _, a, b, c: _relu_gradient(a, b, c)},
    }


def squared_relu():
    def gradient(a, b, c, sine_factor):
        sine, _, t, _ = angle(a, b, c)
        across = 4 * (pi - t) / (2 * pi)
        return (
            2 * np.sqrt(c / a) * sine * sine_factor / (2 * pi),
            across,
            2 * np.sqrt(a / c) * sine * sine_factor / (2 * pi),
        )

    def profile(sine_factor, cosine_factor):
        def at(_, a, b, c):
            sine, cosine, t, size = angle(a, b, c)
            return size**2 * (sine_factor * sine * cosine + (pi - t) * (1 + cosine_factor * cosine**2)) / (2 * pi)

        return at

    return {
        "alpha": {"2 lost": lambda _, q, s: s * half(q + 1), "order q": lambda _, q, s: 2 * s * half(q)},
        "beta": {"2 for 4": lambda _, q, s: 2 * s * s * half(q + 2)},
        "gamma": {"sigma for sigma^2": lambda _, j, s: s * half(j + 2)},
        "residual": {
            "0.27 sigma for 0.27 sigma^2": lambda _, i, s: (1 - 2 / pi, 5 - 8 / pi, 4 / pi - 1)[i - 1] * s,
            "6 s^2 in T2 without alpha_1": lambda _, i, s: (1 - 2 / pi, 6 - 8 / pi, 4 / pi - 1)[i - 1] * s * s,
        },
        "hermite": {"shifted": lambda _, r, s: 2 * s * _relu_hermite(r)},
        "dual": {"sin cos once": profile(1, 2), "cos^2 once": profile(3, 1)},
        "dual_derivative": {
            "2 for 4": lambda _, a, b, c: 2 * relu_arc(a, b, c),
            "unscaled": lambda _, a, b, c: 4 * relu_arc(a, b, c) / np.sqrt(a * c),
        },
        "dual_derivative_gradient": {
            "2 sin": lambda _, a, b, c: gradient(a, b, c, 2.0),
            "- sin": lambda _, a, b, c: gradient(a, b, c, -1.0),
        },
    }


def relu_arc(a, b, c):
    sine, cosine, t, size = angle(a, b, c)
    return size * (sine + (pi - t) * cosine) / (2 * pi)


def quartic_relu():
    return {
        "alpha": {
            "4 z lost": lambda _, q, s: 4 * s**3 * half(q + 3),
            "4 z scaled": lambda _, q, s: 4 * s**3 * half(q + 3) + 4 * s * half(q),
        },
        "beta": {
            "cross term lost": lambda _, q, s: 16 * (s**6 * half(q + 6) + half(q)),
            "cross term once": lambda _, q, s: 16 * (s**6 * half(q + 6) + s**3 * half(q + 3) + half(q)),
        },
        "gamma": {"z^4 only": lambda _, j, s: s**4 * half(j + 4)},
        "residual": {
            "leading term": lambda _, i, s: (84 - 32 / pi, 804 - 512 / pi, 128 / pi - 36)[i - 1] * s**6,
            "no s^3": lambda _, i, s: (84 - 32 / pi, 804 - 512 / pi, 128 / pi - 36)[i - 1] * s**6 + 4 - 8 / pi,
        },
        "hermite": {"relu's": lambda _, r, s: 4 * _relu_hermite(r)},
        "dual": {"relu part only": lambda _, a, b, c: 16 * relu_arc(a, b, c)},
        "dual_derivative": {"relu part only": lambda _, a, b, c: 16 * (pi - angle(a, b, c)[2]) / (2 * pi)},
        "dual_derivative_gradient": {
            "relu part only": lambda _, a, b, c: tuple(16 * x for x in _relu_gradient(a, b, c))
        },
    }


HALF_LINE_MUTANTS = {
    (build.__name__, form): slips
    for build in (linear, quadratic, relu, leaky_relu, squared_relu, quartic_relu)
    for form, slips in build().items()
}
