"""Polynomial activations by another route: the Hessian at the teacher as a Gram matrix of polynomials in x.

phi(z) = c_0 + c_1 z + ... + c_n z^n;  the entries of v_i phi'(w_i . x) x and of phi(w_i . x) are polynomials in x, and
E x^m = prod (m_p - 1)!! for even exponents m_p (Isserlis).  Rational arithmetic.   Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np

Polynomial = dict[tuple[int, ...], Fraction]
"""Coefficients by the exponents of x_1, ..., x_d."""


def polynomial_hessian(W: Any, v: Any, coefficients: Sequence[int | Fraction], *, joint: bool = False) -> np.ndarray:
    """The Hessian at the teacher (W, v) of phi = sum_n c_n z^n, in W or (`joint`) in W and v, as Fractions.

    *Shapes*: W (k, d), v (k,) of ints or Fractions; result (k d, k d), or (k d + k, k d + k) with those of v last.
    *Law*: symmetric, positive semidefinite; equal to `hessian_at_teacher_exact` for z and z^2.
    Raises: ValueError on shapes that do not fit; TypeError on floats.  Source: eq-hessian-at-teacher.

    >>> polynomial_hessian([[1], [1]], [1, -1], [0, 1]).tolist()
    [[Fraction(1, 1), Fraction(-1, 1)], [Fraction(-1, 1), Fraction(1, 1)]]
    """
    features = _tangent_features(W, v, coefficients, joint)
    size = len(features)
    H = np.empty((size, size), dtype=object)
    for i in range(size):
        for j in range(i, size):
            H[i, j] = H[j, i] = _expectation(features[i], features[j])
    return H


def _tangent_features(W: Any, v: Any, coefficients: Sequence[Any], joint: bool) -> list[Polynomial]:
    """The derivatives of f(x; W, v) in the entries of W, then (`joint`) of v."""
    rows, weights, c = [_exact(row) for row in W], _exact(v), _exact(coefficients)
    d = len(rows[0])
    if len(weights) != len(rows) or any(len(row) != d for row in rows):
        raise ValueError(
            f"W has rows of lengths {[len(r) for r in rows]} and v has {len(weights)} entries; expected (k, d), (k,)"
        )
    slope = [n * x for n, x in enumerate(c)][1:]
    features = [
        _times(_composed(slope, row, v_i), {_unit(p, d): Fraction(1)})
        for row, v_i in zip(rows, weights, strict=True)
        for p in range(d)
    ]
    return features + ([_composed(c, row, Fraction(1)) for row in rows] if joint else [])


def _exact(entries: Any) -> list[Fraction]:
    if any(isinstance(x, (float, np.floating)) for x in entries):
        raise TypeError("W, v and coefficients are exact: ints or Fractions, where Fraction(x) is a float itself")
    return [Fraction(int(x)) if isinstance(x, np.integer) else Fraction(x) for x in entries]


def _unit(p: int, d: int) -> tuple[int, ...]:
    return tuple(int(i == p) for i in range(d))


def _times(f: Polynomial, g: Polynomial) -> Polynomial:
    result: Polynomial = {}
    for (m, x), (n, y) in product(f.items(), g.items()):
        key = tuple(i + j for i, j in zip(m, n, strict=True))
        result[key] = result.get(key, Fraction(0)) + x * y
    return result


def _composed(coefficients: Sequence[Fraction], w: Sequence[Fraction], factor: Fraction) -> Polynomial:
    """factor * sum_n c_n (w . x)^n, by Horner's rule."""
    d = len(w)
    line: Polynomial = {_unit(p, d): x for p, x in enumerate(w) if x}
    constant, result = (0,) * d, Polynomial()
    for c in reversed(coefficients):
        result = _times(result, line)
        result[constant] = result.get(constant, Fraction(0)) + factor * c
    return result


def _expectation(f: Polynomial, g: Polynomial) -> Fraction:
    total = Fraction(0)
    for (m, x), (n, y) in product(f.items(), g.items()):
        powers = [i + j for i, j in zip(m, n, strict=True)]
        if x and y and all(power % 2 == 0 for power in powers):
            total += x * y * prod(prod(range(1, power, 2)) for power in powers)
    return total
