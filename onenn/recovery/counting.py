"""Counting equations for ReLU units: what n samples leave open, and which labels k units cannot have, exactly.

On a cell of W where no sign of w_i . x_s changes, f(X; W, v) = J vec W with J (n, k d) constant: so n < k d samples
leave a line of networks open, and the labels that k units fit lie in finitely many subspaces of dimension <= k d.
Chapter: atlas (thm-atlas-blind, thm-atlas-count).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import rank
from onenn.verdict import Verdict

from .identifiability import exact_jacobian

Rows = Sequence[Sequence[int | Fraction]]


def blind_direction(network: OneHiddenLayer, X: Rows) -> np.ndarray | None:
    """A direction N (k, d) of Fractions, not zero, with J vec N = 0; None where J has rank k d.

    *Shapes*: X (n, d) of ints or Fractions; phi with rational slopes, as ReLU.

    >>> blind_direction(OneHiddenLayer([[1, 0]], [1], "relu"), [[1, 2]]).tolist()
    [[Fraction(-2, 1), Fraction(1, 1)]]
    """
    from sympy import Matrix

    kernel = Matrix(exact_jacobian(network, X).tolist()).nullspace()
    if not kernel:
        return None
    return np.array([Fraction(int(x.p), int(x.q)) for x in kernel[0]], dtype=object).reshape(network.W.shape)


def blind_reach(network: OneHiddenLayer, N: np.ndarray, X: Rows) -> Fraction | None:
    """The largest c such that no w_i . x_s changes its sign along W + t N for |t| < c; None when none ever does.

    >>> blind_reach(OneHiddenLayer([[3, 0]], [1], "relu"), np.array([[Fraction(-2), Fraction(1)]]), [[1, 0]])
    Fraction(3, 2)
    """
    inputs = _fractions(X)
    at, along = (np.abs(inputs @ A.T).ravel() for A in (network.exact_W, N))
    reached = [z / a for z, a in zip(at, along, strict=True) if a]
    return min(reached) if reached else None


def same_values(network: OneHiddenLayer, X: Rows, N: np.ndarray, t: Fraction | int) -> Verdict:
    """Whether the networks W and W + t N have equal values at all samples, exactly; phi is ReLU.

    >>> same_values(OneHiddenLayer([[1, 0]], [1], "relu"), [[1, 2]], np.array([[-2, 1]]), Fraction(1, 3))
    PROVED
    """
    before, after = (_values(W, network.exact_v, X) for W in (network.exact_W, network.exact_W + t * N))
    return Verdict.decided(bool((before == after).all()))


def sign_patterns(X: Rows) -> list[tuple[int, ...]]:
    """All (1{w . x_s > 0})_s with w in the plane and no w . x_s = 0, each once.  *Shapes*: X (n, 2), no zero row.

    One w for each sector between the lines w . x_s = 0; two sectors never agree, as a sign changes at each line.
    Raises: ValueError when the inputs are not in the plane.

    >>> sorted(sign_patterns([[1, 0], [0, 1]]))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    inputs = _fractions(X)
    if inputs.shape[1] != 2:
        raise ValueError(f"X has {inputs.shape[1]} columns; the sectors are enumerated in the plane, d = 2")
    borders = [(-y, x) for x, y in inputs] + [(y, -x) for x, y in inputs]
    borders = sorted(borders, key=lambda b: np.arctan2(float(b[1]), float(b[0])))
    distinct = [b for a, b in zip([borders[-1], *borders], borders, strict=False) if a[0] * b[1] != a[1] * b[0]]
    if len(distinct) < 3:  # one line: its two sides
        return [tuple(int(z > 0) for z in inputs @ np.array(w)) for w in (inputs[0], -inputs[0])]
    between = [np.array(a) + np.array(b) for a, b in zip(distinct, distinct[1:] + distinct[:1], strict=True)]
    return [tuple(int(z > 0) for z in inputs @ w) for w in between]


def fitting_patterns(X: Rows, y: Sequence[int | Fraction], k: int) -> tuple[int, int]:
    """How many patterns of k ReLU units in the plane have the labels in their span, and how many there are.

    Labels that no pattern has in its span are fitted by no k units with any W and v: v_i only changes signs of columns
    once its size is moved into w_i, and a w_i . x_s = 0 belongs to the closure of two cells.
    *Shapes*: X (n, 2) ints or Fractions, y (n,).

    >>> [fitting_patterns([[1, 0], [0, 1], [1, 1]], [1, 1, third], 1) for third in (2, 5)]
    [(1, 6), (0, 6)]
    """
    inputs, fitting = _fractions(X), 0
    found = list(itertools.combinations_with_replacement(sign_patterns(X), k))
    for patterns in found:
        J = np.concatenate([np.array(p, dtype=object)[:, None] * inputs for p in patterns], axis=1)
        with_labels = np.column_stack([J, np.array(y, dtype=object)])
        fitting += rank(with_labels.tolist()) == rank(J.tolist())
    return fitting, len(found)


def values_at(network: OneHiddenLayer, X: Rows) -> list[Fraction]:
    """The values of a network of ReLU units at X (n, d), exactly.

    >>> values_at(OneHiddenLayer([[1, "-1/2"]], [2], "relu"), [[1, 1], [1, 3]])
    [Fraction(1, 1), Fraction(0, 1)]
    """
    return list(_values(network.exact_W, network.exact_v, X))


def _values(W: np.ndarray, v: np.ndarray, X: Rows) -> Any:
    return np.maximum(_fractions(X) @ W.T, 0) @ v


def _fractions(X: Rows) -> np.ndarray:
    return np.array([[Fraction(x) for x in row] for row in X], dtype=object)
