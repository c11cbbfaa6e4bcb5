"""What data determine, in exact arithmetic: reflections of units, rank-one sums, ranks of J, one step of Gauss-Newton.

phi(z) = s phi(-z) + a + b z:  units F can all be reflected when  a sum_F v_i = 0  and  b sum_F v_i w_i = 0,
for s = -1 with (w, v) -> (-w, -v), for s = 1 with (w, v) -> (-w, v).   Chapter: global-recovery.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS, SYMBOLS
from onenn.landscape.arithmetic import RATIONALS
from onenn.network import OneHiddenLayer
from onenn.rigorous import rank
from onenn.rigorous.linear import solve
from onenn.verdict import Verdict, conjunction


def reflection(phi: Activation | str) -> tuple[int, Any, Any] | None:
    """(s, a, b) with phi(z) = s phi(-z) + a + b z for all z, SymPy numbers a and b; None when phi has no such law.

    It is read off the symmetry of phi' that the activation declares; `reflection_holds` checks it.

    >>> reflection("sigmoid"), reflection("relu"), reflection("squared_relu")
    ((-1, 1, 0), (1, 0, 1), None)
    """
    phi = activation(phi)
    if phi.derivative_symmetry == "even":
        return -1, SYMBOLS.simplify(2 * _value(phi, 0)), 0
    if phi.derivative_symmetry == "odd":
        return 1, 0, 0
    return (1, 0, SYMBOLS.number(phi.derivative_centre) * 2) if phi.derivative_symmetry == "half" else None


def reflection_holds(phi: Activation | str) -> Verdict:
    """phi(z) - s phi(-z) - a - b z = 0 for every z > 0, by SymPy: its value at 0 and its derivative vanish."""
    import sympy

    phi = activation(phi)
    law = reflection(phi)
    if law is None:
        return Verdict.REFUTED.because(f"{phi.name} declares no symmetry")
    s, a, b = law
    z = sympy.Symbol("z", positive=True)
    right, left = (_piece(phi, sign) for sign in (1, -1))
    slope = right.derivative(SYMBOLS, z) + s * left.derivative(SYMBOLS, -z) - b
    at_zero = (1 - s) * _value(phi, 0) - a
    done = [sympy.simplify(sympy.sympify(e).rewrite(sympy.exp)) == 0 for e in (slope, at_zero)]
    return Verdict.decided(all(done))


def same_after_reflection(network: OneHiddenLayer, units: Sequence[int]) -> Verdict:
    """Do these units, all reflected, leave the function as it is, for every x? In exact arithmetic.

    >>> same_after_reflection(OneHiddenLayer([[1, 0], [0, 1]], [1, -1], "sigmoid"), [0, 1])
    PROVED
    """
    law = reflection(network.phi)
    if law is None:
        return Verdict.REFUTED.because("phi has no law of reflection")
    _, a, b = law
    chosen = list(units)
    v = network.exact_v[chosen]
    constant, slope = sum(v), v @ network.exact_W[chosen]
    return Verdict.decided(bool((a == 0 or constant == 0) and (b == 0 or not any(slope))))


def rank_counts_units(W: Any, weights: Iterable[int | Fraction] = (-1, 0, 1, 2)) -> Verdict:
    """rank sum_i c_i w_i w_i^T = number of c_i != 0, for every c with entries from `weights`: exact.

    *Shapes*: W (k, d) ints or Fractions.  *Law*: true for independent rows, whatever the weights.

    >>> rank_counts_units([[1, 0], [1, 2]])
    PROVED (all 15 cases)
    """
    W = np.array(W, dtype=object)
    cases = [c for c in itertools.product(tuple(weights), repeat=len(W)) if any(c)]
    return conjunction(
        Verdict.decided(rank(((W.T * np.array(c, dtype=object)) @ W).tolist()) == sum(1 for x in c if x), f"c = {c}")
        for c in cases
    )


def exact_jacobian(network: OneHiddenLayer, X: Any) -> np.ndarray:
    """The derivatives (n, k d) of the predictions in W as Fractions, for phi with rational pieces (ReLU and its kin).

    *Shapes*: X (n, d) ints or Fractions.  Raises: AttributeError where phi' is not rational at rational points.

    >>> exact_jacobian(OneHiddenLayer([[1, 0]], [2], "squared_relu"), [[3, 5], [-1, 5]]).tolist()
    [[Fraction(36, 1), Fraction(60, 1)], [Fraction(0, 1), Fraction(0, 1)]]
    """
    X = _rational(X)
    slopes = np.array([[_slope(network.phi, z) for z in row] for row in X @ network.exact_W.T], dtype=object)
    return ((slopes * network.exact_v)[:, :, None] * X[:, None, :]).reshape(len(X), -1)


def exact_rank(network: OneHiddenLayer, X: Any) -> int:
    """The rank of J on the samples X (n, d) of ints or Fractions: how many equations they are for the k d weights.

    >>> exact_rank(OneHiddenLayer([[1, 0]], [2], "relu"), [[3, 5], [-1, 5], [6, 10]])
    1
    """
    return rank(exact_jacobian(network, X).tolist())


def exact_gauss_newton_step(student: OneHiddenLayer, teacher: OneHiddenLayer, X: Any) -> np.ndarray:
    """W after one step of Gauss-Newton in exact arithmetic, (k, d) Fractions; the targets are the teacher's.

    *Domain*: phi with rational pieces, J of full column rank; v is the teacher's.  Raises: ValueError when J is not.

    >>> teacher, start = (OneHiddenLayer([w], [1], "relu") for w in ([1, 2], [2, 1]))
    >>> exact_gauss_newton_step(start, teacher, [[1, 0], [0, 1], [1, 1]]).tolist()
    [[Fraction(1, 1), Fraction(2, 1)]]
    """
    J = exact_jacobian(student, X)
    r = _exact_predictions(student, X) - _exact_predictions(teacher, X)
    step = solve((J.T @ J).tolist(), (-(J.T @ r)).tolist())
    return student.exact_W + np.array(step, dtype=object).reshape(student.W.shape)


def unbiased_and_bounded(B: Any, J: Any) -> tuple[Verdict, Verdict]:
    """Whether B J = I, and whether B B^T - (J^T J)^-1 >= 0: of the linear estimate B y of theta, y = J theta + e.

    *Shapes*: B (p, n), J (n, p) of ints or Fractions, J of full column rank.  For B J = I the difference is
    (B - P)(B - P)^T with P = (J^T J)^-1 J^T, and that identity is what is checked; otherwise its diagonal is, where a
    negative entry refutes.

    >>> unbiased_and_bounded([[1, 0]], [[1], [1]])
    (PROVED, PROVED)
    """
    B, J = _rational(B), _rational(J)
    P, inverse = least_squares_estimate(J)
    excess = B @ B.T - inverse
    unbiased = bool(np.array_equal(B @ J, np.eye(len(B), dtype=int)))
    square = bool(np.array_equal(excess, (B - P) @ (B - P).T))
    if not square and min(np.diag(excess)) >= 0:
        return Verdict.decided(unbiased), Verdict.UNDECIDED.because(
            "no square, but a diagonal without a negative entry"
        )
    return Verdict.decided(unbiased), Verdict.decided(square)


def least_squares_estimate(J: Any) -> tuple[np.ndarray, np.ndarray]:
    """(P, (J^T J)^-1) as Fractions, P = (J^T J)^-1 J^T: the least-squares estimate P y and its covariance over sigma^2.

    >>> P, covariance = least_squares_estimate([[1], [1]])
    >>> P.tolist(), covariance.tolist()
    ([[Fraction(1, 2), Fraction(1, 2)]], [[Fraction(1, 2)]])
    """
    J = _rational(J)
    A = (J.T @ J).tolist()
    identity = np.eye(len(A), dtype=int).tolist()
    inverse = np.array([solve(A, column) for column in identity], dtype=object).T
    return inverse @ J.T, inverse


def _rational(X: Any) -> np.ndarray:
    # Fraction keeps a NumPy integer inside, which no exact library takes
    numbers = [[Fraction(int(x) if isinstance(x, np.integer) else x) for x in row] for row in X]
    return np.array(numbers, dtype=object)


def _exact_predictions(network: OneHiddenLayer, X: Any) -> np.ndarray:
    X = _rational(X)
    values = [[_piece(network.phi, z).value(RATIONALS, z) for z in row] for row in X @ network.exact_W.T]
    return np.array(values, dtype=object) @ network.exact_v


def _piece(phi: Activation, z: Any) -> Any:
    return phi.pieces[sum(FLOATS.number(kink) <= z for kink in phi.kinks)]


def _slope(phi: Activation, z: Fraction) -> Fraction:
    return Fraction(_piece(phi, z).derivative(RATIONALS, z))


def _value(phi: Activation, z: int) -> Any:
    return _piece(phi, z).value(SYMBOLS, SYMBOLS.rational(Fraction(z)))
