"""Critical points of the squared loss, certified in exact arithmetic; a local minimum that diverse units do not avoid.

L(W) = (1/2n) sum_l (f(x_l; W, v) - y_l)^2:  where no w_i.x_l is 0 the pattern of active units is locally constant and L
is locally a convex quadratic, so that a zero gradient there is a local minimum.   Chapter: diverse-units.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.linalg import qr

from onenn.rigorous import solve
from onenn.verdict import Verdict, conjunction

from .rational import exact_matrix, integer_rows, rational_sphere_points
from .regularizer import diversify


@dataclass(frozen=True, kw_only=True, eq=False)
class ExactPoint:
    """What exact arithmetic says of the loss at one W.

    `loss` and `residuals` (f(x_l) - y_l) are Fractions; `smooth`: no w_i.x_l is 0; `gradient_zero`: the gradient, with
    the slope 1 at a kink, is zero; `least_margin`: the least |w_i.x_l|; `dead`: the inputs at which no unit is active.
    """

    loss: Fraction
    residuals: tuple[Fraction, ...]
    smooth: Verdict
    gradient_zero: Verdict
    least_margin: Fraction
    dead: tuple[int, ...]

    @property
    def local_minimum(self) -> Verdict:
        """PROVED when the gradient is zero and the pattern is locally constant: the loss is convex around W."""
        return conjunction([self.smooth, self.gradient_zero])


def exact_point(X: Any, y: Any, W: Any, v: Any) -> ExactPoint:
    """The loss at W and whether W is a local minimum, exactly: X (n, d), y (n,), W (k, d), v (k,) of ints or Fractions.

    Raises: TypeError on floats; ValueError on shapes that do not fit.

    >>> point = exact_point([[0, 1]], [1], [[1, -1]], [1])
    >>> point.local_minimum, point.loss, point.dead
    (PROVED (all 2 cases), Fraction(1, 2), (0,))
    """
    X, W = exact_matrix(X, "X"), exact_matrix(W, "W")
    (y,), (v,) = exact_matrix([y], "y"), exact_matrix([v], "v")
    (n, d), k = X.shape, W.shape[0]
    if W.shape[1] != d or len(y) != n or len(v) != k:
        raise ValueError(
            f"X is {X.shape}, y has {len(y)}, W is {W.shape}, v has {len(v)} entries; expected (n, d), n, (k, d), k"
        )
    (P, p), (Q, q) = integer_rows(X), integer_rows(W)
    products = P @ Q.T  # w_i.x_l = products[l, i]/(p_l q_i)
    values = np.array(
        [sum((v[i] * Fraction(int(s), q[i]) for i, s in enumerate(row) if s > 0), Fraction(0)) for row in products]
    )
    residuals = values / np.array(p, dtype=object) - y
    margin = min(Fraction(abs(int(products[l, i])), p[l] * q[i]) for l in range(n) for i in range(k))
    # D r, unit by unit: v_i sum_l r_l 1{w_i.x_l >= 0} x_l; most residuals are 0
    wrong = [l for l in range(n) if residuals[l] != 0]
    zero = np.array([Fraction(0)] * d)
    gradient = [sum((residuals[l] * X[l] for l in wrong if products[l, i] >= 0), zero) for i in range(k) if v[i]]
    flat = all(t == 0 for row in gradient for t in row)
    return ExactPoint(
        loss=sum((r * r for r in residuals), Fraction(0)) / (2 * n),
        residuals=tuple(residuals),
        smooth=Verdict.decided(margin > 0, f"least |w.x| is {float(margin):.3g}"),
        gradient_zero=Verdict.decided(flat, f"{n - len(wrong)} of {n} residuals are 0"),
        least_margin=margin,
        dead=tuple(l for l in range(n) if all(s < 0 for s in products[l])),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Instance:
    """Data and weights as arrays of Fractions: X (n, d) on the sphere, y (n,), W (k, d), v (k,) of +-1."""

    X: np.ndarray
    y: np.ndarray
    W: np.ndarray
    v: np.ndarray


def fitted_weights(X: Any, y: Any, base: Any, fitted: list[int], *, stiffness: int = 1) -> Instance:
    """Weights near the rows of `base`, each taken twice with v = +1 and -1, that fit the points `fitted` exactly.

    base (h, d) integers, X (n, d) and y (n,) rational; 2 h units. The two copies cancel; the least correction in the
    pattern of `base` fits the points up to rounding, and one exact linear system does the rest. `stiffness` times
    `base` outweighs the correction, so that the pattern stays: raised until it does.
    Raises: ValueError when the fitted columns of D are dependent, or no stiffness up to 2^60 keeps the pattern.
    """
    X, base = exact_matrix(X, "X"), exact_matrix(base, "base")
    (y,) = exact_matrix([y], "y")
    P, p = integer_rows(X)
    k, d = 2 * base.shape[0], X.shape[1]
    v = np.array([1] * base.shape[0] + [-1] * base.shape[0], dtype=object)
    double = np.concatenate([base, base])
    active = (P @ integer_rows(double)[0].T > 0)[fitted]
    A = (np.where(active, v, 0)[:, :, None] * P[fitted][:, None, :]).reshape(len(fitted), k * d)
    right = [y[l] * p[l] for l in fitted]

    floats = A.astype(float)
    order: Any = qr(floats, mode="r", pivoting=True)
    pivots = sorted(int(j) for j in order[-1][: len(fitted)])
    least = np.linalg.lstsq(floats, np.array(right, dtype=float), rcond=None)[0]
    # integers over 2^20: a product of Fractions would look for common divisors in every term
    rounded = np.array([round(float(t) * 2**20) for t in least], dtype=object)
    gap = [b - Fraction(int(a), 2**20) for b, a in zip(right, A @ rounded, strict=True)]
    correction = np.array([Fraction(t, 2**20) for t in rounded], dtype=object)
    correction[pivots] += np.array(solve(A[:, pivots].tolist(), gap), dtype=object)
    correction = correction.reshape(k, d)

    while stiffness < 2**60:
        W = stiffness * double + correction
        kept = np.sign(X.astype(float) @ W.astype(float).T) == np.sign(X.astype(float) @ double.astype(float).T)
        if kept.all():
            return Instance(X=X, y=y, W=W, v=v)
        stiffness *= 4
    raise ValueError("no stiffness keeps the pattern of base; some input is orthogonal to a row of base, draw it anew")


def by_hand() -> Instance:
    """Four units, three inputs in the plane, small integers: a local minimum with the loss 1/6 that a reader can check.

    >>> instance = by_hand()
    >>> exact_point(instance.X, instance.y, instance.W, instance.v).loss
    Fraction(1, 6)
    """
    X = exact_matrix([[0, 1], [Fraction(3, 5), Fraction(-4, 5)], [Fraction(-3, 5), Fraction(-4, 5)]], "X")
    W = exact_matrix([[3, -1], [1, -2], [-1, -2], [-3, -1]], "W") * Fraction(5, 7)
    (y,), (v,) = exact_matrix([[1, 1, -1]], "y"), exact_matrix([[1, -1, 1, -1]], "v")
    return Instance(X=X, y=y, W=W, v=v)


def drawn_instance(d: int, k: int, n: int, *, seed: int, dead: bool = True) -> Instance:
    """n random rational inputs, labels +-1 drawn beforehand, k weights that fit all inputs, or all but the first.

    With `dead` the units are spread over the hyperplane orthogonal to the first input and tilted away from it, so that
    the network is 0 at that input around W; else they are random.
    Raises: ValueError for odd k or k d < 2 n (units of one pair share their pattern).
    """
    if k % 2 or k * d < 2 * n:
        raise ValueError(f"k is {k}, d is {d} and n is {n}; expected an even k with k d >= 2 n")
    rng = np.random.default_rng(seed)
    X = rational_sphere_points(rng.standard_normal((n, d)), 16)
    y = [int(t) for t in rng.choice([-1, 1], n)]
    base = tilted_equator(X[0].astype(float), k // 2, rng) if dead else rng.standard_normal((k // 2, d))
    rounded = np.array([[round(4096 * float(t)) for t in row] for row in base], dtype=object)
    return fitted_weights(X, y, rounded, list(range(1 if dead else 0, n)))


def tilted_equator(x: np.ndarray, h: int, rng: np.random.Generator, *, tilt: float = 0.02) -> np.ndarray:
    """h directions (h, d) spread over the hyperplane orthogonal to the unit vector x, then tilted: w.x = -`tilt`.

    >>> W = tilted_equator(np.array([0.0, 0.0, 1.0]), 3, np.random.default_rng(0))
    >>> (W @ [0, 0, 1]).round(9).tolist()
    [-0.02, -0.02, -0.02]
    """
    d = len(x)
    frame = np.linalg.svd(x[None, :])[2][1:]
    spread = diversify(rng.standard_normal((h, d - 1)))
    spread /= np.linalg.norm(spread, axis=1, keepdims=True)
    return spread @ frame - tilt * x


def least_squares_minimum(X: Any, y: Any, u: Any) -> Instance:
    """Two units with v = (1, -1), both active at every input, whose difference is the least-squares solution c.

    w_1 = c + t u, w_2 = t u with t large; the inputs must lie in the half-space of u: u.x_l > 0. All rational.
    Raises: ValueError when some u.x_l <= 0, or when the inputs do not span their space.

    >>> least_squares_minimum([[1, 0], [0, 1]], [1, -1], [1, 1]).W.astype(int).tolist()
    [[3, 1], [2, 2]]
    """
    X = exact_matrix(X, "X")
    (y,), (u,) = exact_matrix([y], "y"), exact_matrix([u], "u")
    if any(x @ u <= 0 for x in X):
        raise ValueError("u.x is not positive for every input; expected inputs in an open half-space, and its normal u")
    c = np.array(solve((X.T @ X).tolist(), list(X.T @ y)), dtype=object)
    t = 1 + max(max(Fraction(0), -(x @ c) / (x @ u)) for x in X)
    W = np.array([c + t * u, t * u], dtype=object)
    return Instance(X=X, y=y, W=W, v=np.array([Fraction(1), Fraction(-1)], dtype=object))
