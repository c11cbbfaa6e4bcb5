"""The row-wise Khatri-Rao product: row i of A * B is a_i (x) b_i, so (A * B)(A * B)^T = (A A^T) o (B B^T).

X * X has rank at most d(d+1)/2, the dimension of the symmetric matrices: sigma_min(X * X) = 0 for larger n.
For inputs uniform on the sphere, N = d(d+1)/2 - 1:  sigma_min^2 ~ (1 - 1/d)(1 - sqrt(n/N))^2.
Chapter: overparameterization-kernel (lem-khatri-rao-wall, thm-random-inputs).
"""

from __future__ import annotations

from math import comb, sqrt
from typing import Any

from onenn.arrays import Array

from .data import count, double, inputs, like


def khatri_rao(A: Any, B: Any) -> Array:
    """A * B, row i the products of the entries of a_i and b_i.  *Shapes*: (n, p), (n, q) -> (n, p q).

    Raises: ValueError on wrong shapes, nan or inf, different numbers of rows.

    >>> khatri_rao([[1, 2]], [[3, 5]]).tolist()
    [[3.0, 5.0, 6.0, 10.0]]
    """
    A, xp = inputs(A)
    B = like(B, A, xp, "B")
    if B.ndim != 2 or B.shape[0] != A.shape[0]:
        raise ValueError(f"B has shape {tuple(B.shape)} but A has {A.shape[0]} rows; expected as many: row with row")
    return xp.reshape(A[:, :, None] * B[:, None, :], (A.shape[0], -1))


def khatri_rao_gram(X: Any, power: int = 2) -> Array:
    """(X X^T)^(o power), the Gram matrix of X * ... * X with `power` factors: (n, n).

    Raises: ValueError on a wrong shape, nan or inf, power < 1.

    >>> khatri_rao_gram([[1.0, 2.0]], 3).tolist()
    [[125.0]]
    """
    X, _ = inputs(X)
    return (X @ X.T) ** count(power, "power")


def rank_wall(d: int, power: int = 2) -> int:
    """The largest rank X * ... * X can have: the number of monomials of degree `power` in d variables.

    >>> rank_wall(20), rank_wall(4, 3)
    (210, 20)
    """
    return comb(count(d, "d") + count(power, "power") - 1, power)


def khatri_rao_singular_value(X: Any, power: int = 2) -> float:
    """sigma_min of X * ... * X, the n-th singular value; exactly 0 beyond the rank wall.

    From the Gram matrix, so with an absolute error of about 1e-8 ||X||^power.
    Raises: as `khatri_rao_gram`.

    >>> khatri_rao_singular_value([[1.0, 0.0], [0.0, 1.0]]), khatri_rao_singular_value([[1.0], [2.0]])
    (1.0, 0.0)
    """
    X, xp = double(X)
    if X.shape[0] > rank_wall(int(X.shape[1]), power):
        return 0.0
    return sqrt(max(float(xp.linalg.eigvalsh(khatri_rao_gram(X, power))[0]), 0.0))


def kappa(X: Any) -> float:
    """kappa(X) = sqrt(d/n) ||X|| / sigma_min^2(X * X), inf beyond the rank wall, or where sigma_min is but rounding.

    Raises: as `khatri_rao_gram`.

    Source: reconstructed from oymak2020.

    >>> kappa([[1.0, 0.0], [0.0, 1.0]])
    1.0
    """
    X, xp = double(X)
    n, d = X.shape
    if n > rank_wall(d):
        return float("inf")
    spectrum = xp.linalg.eigvalsh(khatri_rao_gram(X))
    least, largest = float(spectrum[0]), float(spectrum[-1])
    norm = sqrt(float(xp.linalg.eigvalsh(X @ X.T)[-1]))
    return sqrt(d / n) * norm / least if least > 4 * 2.0**-52 * n * largest else float("inf")


def random_inputs_law(n: int, d: int) -> tuple[float, float, float]:
    """(sigma_min^2(X * X), ||X||^2, kappa(X)) that random-matrix theory gives for n inputs uniform on the sphere.

    An approximation for large n and d, not a bound; `promised_inputs` has bounds.

    >>> [round(x, 4) for x in random_inputs_law(40, 20)]
    [0.3006, 5.8284, 5.6788]
    """
    n, d = count(n, "n"), count(d, "d")
    N = d * (d + 1) / 2 - 1
    least = (1 - 1 / d) * max(1 - sqrt(n / N), 0.0) ** 2 if N > 0 else 0.0
    norm = 1 + sqrt(n / d)
    return least, norm**2, sqrt(d / n) * norm / least if least else float("inf")
