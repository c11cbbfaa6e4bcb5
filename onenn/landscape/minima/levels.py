"""The Hessian at a student with one odd unit, split by symmetry into two 5 x 5 blocks and two numbers; m = k - 1.

5 eigenvalues once, 5 of multiplicity m - 1, one each of m(m-3)/2 and (m-1)(m-2)/2:   m^2 + 2m + 1 = k^2 in all.

The same for E[r phi''(w.x) x x^T] of one unit, on which it depends whether the unit, split in two, opens a descent.
Chapter: spurious-minima.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .one_odd_unit import Entries, OneOddUnit


def invariant_block(net: OneOddUnit, h: Entries) -> np.ndarray:
    """H on the students of this form, in the orthonormal basis of the indicators of the orbits: (5, 5)."""
    m = net.m
    return _scaled(net, net.jacobian(h), (m, m * (m - 1), m, 1, m))


def standard_block(net: OneOddUnit, h: Entries) -> np.ndarray:
    """H on the five copies of 1^perp in R^m, in an orthonormal basis (5, 5); each eigenvalue occurs m - 1 times."""
    m = net.m
    return _scaled(net, standard_matrix(h, m), (1, 2 * (m - 2), 2 * m, 1, 1))


def standard_matrix(h: Entries, m: int) -> np.ndarray:
    """The block of multiplicity m - 1 in a basis that is not normalised.  *Shapes*: (5, 5).

    For g = e_1 - e_2 the copies are spanned by the matrices with the entries g_j at (j, j); g_j at (j, i); g_i at
    (j, i); g_j at (j, 0); g_j at (0, j), i != j. The second and third are turned into sum and difference.
    """
    q = m - 3
    columns = [
        [
            h(x, (1, 1)) - h(x, (2, 2)),
            h(x, (1, 2)) + h(x, (1, 3)) + q * h(x, (1, 4)) - h(x, (2, 1)) - h(x, (2, 3)) - q * h(x, (2, 4)),
            h(x, (2, 1)) + h(x, (3, 1)) + q * h(x, (4, 1)) - h(x, (1, 2)) - h(x, (3, 2)) - q * h(x, (4, 2)),
            h(x, (1, 0)) - h(x, (2, 0)),
            h(x, (0, 1)) - h(x, (0, 2)),
        ]
        for x in ((1, 1), (1, 3), (3, 1), (1, 0), (0, 1))
    ]
    M = np.array(columns)
    M = np.array([M[0], M[1] + M[2], M[1] - M[2], M[3], M[4]]).T
    M = np.array([M[0], M[1] + M[2], M[1] - M[2], M[3], M[4]]).T
    M[1:3] = M[1:3] / 2
    return M


def two_numbers(h: Entries) -> tuple[Any, Any]:
    """H on the symmetric, and on the antisymmetric, matrices in the units and coordinates 1, ..., m with zero diagonal
    and zero row sums: the eigenvalues of multiplicity m (m - 3)/2 and (m - 1)(m - 2)/2."""
    x, y = (1, 3), (1, 2)
    symmetric = h(x, (1, 3)) + h(x, (3, 1)) + h(x, (2, 4)) + h(x, (4, 2))
    symmetric = symmetric - h(x, (1, 4)) - h(x, (4, 1)) - h(x, (2, 3)) - h(x, (3, 2))
    antisymmetric = h(y, (1, 2)) - h(y, (2, 1)) + h(y, (2, 3)) - h(y, (3, 2)) + h(y, (3, 1)) - h(y, (1, 3))
    return symmetric, antisymmetric


def multiplicities(k: int) -> tuple[int, int, int, int]:
    """Of the invariant block's eigenvalues, of the standard block's, and of the two numbers.

    >>> [5 * a + 5 * b + c + d for a, b, c, d in map(multiplicities, (6, 20))]
    [36, 400]
    """
    m = k - 1
    return 1, m - 1, m * (m - 3) // 2, (m - 1) * (m - 2) // 2


def curvature_blocks(net: OneOddUnit, p: Any, unit: int) -> list[tuple[np.ndarray, int]]:
    """Blocks of E[r phi''(w.x) x x^T], w the odd unit (0) or another (1), with how often each one's eigenvalues occur.

    The coordinates 1, ..., m are alike for the odd unit, and 2, ..., m for unit 1: among them the matrix is
    x I + y 1 1^T, so x is an eigenvalue and the rest is one block with an indicator in place of them.
    """
    Q = net.curvature(p, unit)
    own = unit + 1
    alike = net.m + 1 - own
    x, y = Q[own, own] - Q[own, own + 1], Q[own, own + 1]
    n = net.number(alike)
    block = np.empty((own + 1, own + 1), dtype=Q.dtype)
    block[:own, :own] = Q[:own, :own]
    block[own, :own] = block[:own, own] = Q[own, :own] * net.C.sqrt(n)
    block[own, own] = x + n * y
    return [((block + block.T) / 2, 1), (np.array([[x]]), alike - 1)]


def _scaled(net: OneOddUnit, M: Any, squares: tuple[int, ...]) -> np.ndarray:
    """M[i][j] sqrt(s_i/s_j), symmetric up to rounding, made symmetric."""
    lengths = [net.C.sqrt(net.number(n)) for n in squares]
    block = np.array([[M[i][j] * lengths[i] / lengths[j] for j in range(5)] for i in range(5)])
    return (block + block.T) / 2
