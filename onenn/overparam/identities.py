"""The lemmas on instances without rounding: in Fractions, by exact ranks, by symbols, and in balls.

Chapter: moderate-overparameterization.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.contexts import Constant
from onenn.landscape.arithmetic import RATIONALS
from onenn.network import OneHiddenLayer
from onenn.rigorous import (
    BALLS,
    Ball,
    ball,
    ball_matrix,
    less,
    precision,
    rank,
    square,
    symmetric_eigenvalues,
)
from onenn.verdict import Verdict, conjunction

from .bounds import curvature_bound, slope_bound
from .certificate_ball import entrywise, exact_rows, gram_ball, on_balls

Rows = Sequence[Sequence[Any]]


def gram_identity_holds(net: OneHiddenLayer, X: Rows, *, power_of_v: int = 2, inputs: bool = True) -> Verdict:
    """(J J^T)_ij = sum_l v_l^2 phi'(w_l.x_i) phi'(w_l.x_j) x_i.x_j, in Fractions, for a polynomial phi.

    Mutants: power_of_v = 1 forgets a square, inputs = False forgets the products of the inputs.

    >>> gram_identity_holds(OneHiddenLayer([[1, 2]], [3], "quadratic"), [[1, 0], [2, 1]])
    PROVED
    """
    rows = [[Fraction(t) for t in x] for x in X]
    slope = net.phi.pieces[0].derivative
    S = [[slope(RATIONALS, _dot(w, x)) for w in net.exact_W] for x in rows]
    J = [
        [t * s * p for t, s in zip(net.exact_v, line, strict=True) for p in x] for line, x in zip(S, rows, strict=True)
    ]
    for i, a in enumerate(rows):
        for j, b in enumerate(rows):
            weights = zip(net.exact_v, S[i], S[j], strict=True)
            entry = sum(t**power_of_v * p * q for t, p, q in weights) * (_dot(a, b) if inputs else 1)
            if entry != _dot(J[i], J[j]):
                found = _dot(J[i], J[j])
                return Verdict.REFUTED.because(f"entry ({i}, {j}) is {found}, and the formula gives {entry}")
    return Verdict.PROVED


def polynomial_jacobian(net: OneHiddenLayer, X: Rows) -> list[list[Fraction]]:
    """J in Fractions, (n, k d), for a polynomial phi.

    >>> polynomial_jacobian(OneHiddenLayer([[1, 2]], [3], "quadratic"), [[1, "1/2"]])
    [[Fraction(12, 1), Fraction(6, 1)]]
    """
    rows, S = _rational_slopes(net, X)
    lines = zip(S, rows, strict=True)
    return [[t * s * p for t, s in zip(net.exact_v, line, strict=True) for p in x] for line, x in lines]


def _rational_slopes(net: OneHiddenLayer, X: Rows) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """The inputs and phi'(X W^T), in Fractions."""
    rows = [[Fraction(t) for t in x] for x in X]
    slope = net.phi.pieces[0].derivative
    return rows, [[slope(RATIONALS, _dot(w, x)) for w in net.exact_W] for x in rows]


def spectral_bound_holds(net: OneHiddenLayer, X: Any, *, longest_input: bool = False) -> Verdict:
    """||J(W)|| < B |v| ||X||, in balls; longest_input puts max_i |x_i| in place of ||X||, which is wrong.

    >>> spectral_bound_holds(OneHiddenLayer([[1, 2]], [3], "tanh"), [[1, 0], [2, 1]]) == Verdict.PROVED
    True
    """
    B = _known(slope_bound(net.phi), net.phi)
    with precision(64):
        G = gram_ball(X)
        S = _slopes(net, X)
        largest = symmetric_eigenvalues(entrywise(S * S.transpose(), G))[-1]
        size = _longest(G) if longest_input else symmetric_eigenvalues(G)[-1]
        return less(largest, square(ball(B)) * sum(map(square, map(ball, net.exact_v)), ball(0)) * size)


def lipschitz_bound_holds(net: OneHiddenLayer, other: OneHiddenLayer, X: Any, *, mean_weight: bool = False) -> Verdict:
    """||J(W) - J(W')|| < L ||W - W'|| in the spectral norms, in balls; mean_weight puts |v|/sqrt(k) for |v|_inf.

    >>> one, two = (OneHiddenLayer([[z]], [1], "softplus") for z in (0, 1))
    >>> lipschitz_bound_holds(one, two, [[1]]) == Verdict.PROVED
    True
    """
    S = _known(curvature_bound(net.phi), net.phi)
    with precision(64):
        G = gram_ball(X)
        D = _slopes(net, X) - _slopes(other, X)
        change = symmetric_eigenvalues(entrywise(D * D.transpose(), G))[-1]
        V = ball_matrix((net.exact_W - other.exact_W).tolist())
        moved = symmetric_eigenvalues(V * V.transpose())[-1]
        squares = [square(ball(t)) for t in net.exact_v]
        weight = sum(squares, ball(0)) / len(squares) if mean_weight else _max(squares)
        return less(change, square(ball(S)) * weight * symmetric_eigenvalues(G)[-1] * _longest(G) * moved)


def khatri_rao_rank(X: Rows, power: int = 2) -> int:
    """The rank of X * ... * X, exactly: that of its Gram matrix, in integers or Fractions.

    >>> khatri_rao_rank([[1, 0], [0, 1], [1, 1], [1, 2]])
    3
    """
    return rank([[_dot([Fraction(t) for t in a], b) ** power for b in X] for a in X])


def kernel_ball(X: Any, phi: Activation | str, *, bits: int = 64) -> Any:
    """Sigma(X) as a ball matrix, from the closed form of E phi'(u) phi'(v), for inputs of any length.

    Raises: ValueError where phi has none.

    >>> kernel_ball([[1, 0], [0, 1]], "relu")[0, 0].overlaps(ball("1/2"))
    True
    """
    phi = activation(phi)
    form = phi.closed_forms.dual_derivative
    if form is None:
        raise ValueError(f"phi is {phi.name}, without a closed form of E phi'(u) phi'(v): use relu or erf")
    with precision(bits):
        G = gram_ball(X, bits=bits).tolist()
        n = len(G)
        # the diagonal first: the correlation 1, where a ball around it would reach beyond
        same = [_variance(phi, G[i][i]) for i in range(n)]
        entry: Callable[[int, int], Ball] = lambda i, j: (  # noqa: E731
            same[i] if i == j else form(BALLS, G[i][i], G[i][j], G[j][j])
        )
        return ball_matrix([[entry(i, j) * G[i][j] for j in range(n)] for i in range(n)])


def hermite_bound_holds(X: Any, phi: Activation | str, coefficient_squared: Constant, power: int) -> Verdict:
    """lambda(X) > c_r^2 sigma_min^2(X * ... * X), power = r + 1 factors, both sides enclosed; c_r^2 given exactly.

    >>> hermite_bound_holds([[1, 0], [0, 1]], "relu", "1/(2*pi)", 2) == Verdict.PROVED
    True
    """
    with precision(64):
        least = symmetric_eigenvalues(gram_ball(X, power=power))[0]
        return less(ball(coefficient_squared) * least, symmetric_eigenvalues(kernel_ball(X, phi))[0])


def series_bound_holds(
    X: Any, phi: Activation | str, squares: Sequence[Constant], total: Constant, *, power: int | None = None
) -> Verdict:
    """|Sigma_ij - sum_{r < N} c_r^2 t^(r + 1)| < |t|^(N + 1) (total - sum_{r < N} c_r^2), t = x_i.x_j, at all i != j.

    Both sides enclosed; squares: c_0^2, ..., c_{N-1}^2, total: E phi'(g)^2, exactly. Mutant: another power than N + 1.

    >>> series_bound_holds([[1, 0], ["3/5", "4/5"]], "relu", ["1/4", "1/(2*pi)"], "1/2") == Verdict.PROVED
    True
    """
    with precision(64):
        G, K = gram_ball(X), kernel_ball(X, phi)
        c = [ball(t) for t in squares]
        rest, last = ball(total) - sum(c, ball(0)), len(c) + 1 if power is None else power
        return conjunction(
            less(abs(K[i, j] - _dot(c, [G[i, j] ** (r + 1) for r in range(len(c))])), rest * abs(G[i, j]) ** last)
            for i in range(G.nrows())
            for j in range(i)
        )


def width_suffices(c: int = 16) -> Verdict:
    """With sqrt k = c sqrt n B (1 + (1 + delta) B) ||X||/lambda, the lemmas' least s = sigma_min(J_0) and largest
    L |r_0| satisfy (s/2)^2 >= 2 L |r_0|, for all positive values: a comparison of symbols.

    >>> width_suffices(16), width_suffices(15) == Verdict.REFUTED
    (PROVED, True)
    """
    import sympy

    n, B, X, lam, y = sympy.symbols("n B X lambda y", positive=True)
    delta = sympy.Symbol("delta", nonnegative=True)
    root_k = c * sympy.sqrt(n) * B * (1 + (1 + delta) * B) * X / lam
    s_squared = y**2 / n * lam / 2
    L = B * y / (root_k * sympy.sqrt(n)) * X
    slack = sympy.simplify((s_squared / 4 - 2 * L * y * (1 + (1 + delta) * B)) / s_squared)
    return Verdict.decided(bool(slack >= 0))


def _known(bound: Constant | None, phi: Activation) -> Constant:
    if bound is None:
        raise ValueError(f"phi is {phi.name}, whose derivative has no known bound of this kind")
    return bound


def _variance(phi: Activation, a: Ball) -> Ball:
    """E phi'(sqrt(a) g)^2."""
    if phi.homogeneity == 1:  # the slopes do not depend on the length
        low, high = (ball(Fraction(float(phi.derivative(z)))) for z in (-1.0, 1.0))
        return (square(low) + square(high)) / 2
    form = phi.closed_forms.beta
    assert form is not None, "closed forms come together"
    return form(BALLS, 0, BALLS.sqrt(a))


def _slopes(net: OneHiddenLayer, X: Any) -> Any:
    """phi'(X W^T) diag(v) as a ball matrix."""
    Z = (ball_matrix(exact_rows(X)) * ball_matrix(net.exact_W.tolist()).transpose()).tolist()
    v = [ball(t) for t in net.exact_v]
    return ball_matrix([[s * t for s, t in zip(on_balls(net.phi, "derivative", z), v, strict=True)] for z in Z])


def _dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return sum(p * q for p, q in zip(a, b, strict=True))


def _longest(G: Any) -> Ball:
    return _max([G[i, i] for i in range(G.nrows())])


def _max(balls: Sequence[Ball]) -> Ball:
    result = balls[0]
    for x in balls[1:]:
        result = result.max(x)
    return result


def exact_inputs(n: int, d: int, *, rng: np.random.Generator | int) -> list[list[Fraction]]:
    """n rational points of the unit sphere of R^d, almost uniform: points projected to a plane, rounded, and back.

    >>> sum(t * t for t in exact_inputs(1, 5, rng=0)[0])
    Fraction(1, 1)
    """
    rng = np.random.default_rng(rng)
    rows = []
    for _ in range(n):
        p = rng.standard_normal(d)
        p /= np.linalg.norm(p)
        u = [Fraction(round(64 * t), 64) for t in p[:-1] / (1 - p[-1])]
        square_length = _dot(u, u)
        row = [2 * t / (1 + square_length) for t in u] + [(square_length - 1) / (square_length + 1)]
        rows.append(row)
    return rows
