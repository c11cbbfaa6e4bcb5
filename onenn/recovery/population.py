"""The moments of a network itself:  M_j(W) = E[f(x) He_j(x)] = sum_i v_i m_j(||w_i||) wbar_i^(x)j, x ~ N(0, I_d).

m_j(s) = E[phi(s z) He_j(z)],   f_D(W) = (1/2) sum_j ||M_j(W) - M_j(W*)||^2/j!.   Chapter: tensor-initialization.
"""

from __future__ import annotations

from functools import reduce
from math import factorial
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.gaussian import hermite
from onenn.network import OneHiddenLayer


def hermite_moment(phi: Activation | str, j: int, s: float) -> float:
    """m_j(s) = E[phi(s z) He_j(z)], for j >= 1 from Stein's identity: E[(d/dz) phi(s z) He_{j-1}(z)].

    Raises: ValueError for j < 0 or s <= 0.

    >>> round(hermite_moment("relu", 2, 3.0), 12)                  # 3/sqrt(2 pi)
    1.196826841204
    """
    phi = activation(phi)
    if j < 0:
        raise ValueError(f"j is {j}; expected the order of a moment, an int >= 0")
    if not s > 0:
        raise ValueError(f"s is {s}; expected the length of a row, > 0")
    if j == 0:
        from onenn.gaussian import gamma

        return float(gamma(phi, 0, s))
    return hermite(phi.scaled(input=s), j - 1) * float(np.sqrt(float(factorial(j - 1))))


def network_moment(network: OneHiddenLayer, j: int, B: np.ndarray | None = None) -> np.ndarray:
    """M_j(B, ..., B) of the network, an array of side m = B.shape[1]; B = None: M_j itself, of side d.

    *Domain*: no row of W is zero.  *Law*: symmetric; what `projected_moment` estimates.  Source: thm-moments.

    >>> network_moment(OneHiddenLayer([[2, 0]], [1], "quadratic"), 2).tolist()
    [[8.0, 0.0], [0.0, 0.0]]
    """
    rows = network.W if B is None else network.W @ B
    lengths = _lengths("network", network)
    m = [hermite_moment(network.phi, j, float(s)) for s in lengths]
    terms = network.v * m / lengths**j
    total: Any = np.zeros((rows.shape[1],) * j)
    for c, row in zip(terms, rows, strict=True):
        total = total + c * reduce(np.multiply.outer, [row] * j, np.array(1.0))
    return total


def moment_distances(student: OneHiddenLayer, teacher: OneHiddenLayer, orders: int) -> np.ndarray:
    """(||M_j(W) - M_j(W*)||^2/(2 j!)) for j = 0, ..., orders: the shares of the population risk.

    From inner products, wbar_i^(x)j . wbar_l^(x)j = (wbar_i . wbar_l)^j: no tensor is formed.
    *Domain*: no row of either W is zero.  *Law*: all >= 0; their sum over all j is `onenn.landscape.risk`.
    Raises: ValueError on a zero row, and when phi or d differ.  Source: thm-risk-moments.

    >>> a, b = OneHiddenLayer([[1, 0]], [1], "quadratic"), OneHiddenLayer([[0, 1]], [1], "quadratic")
    >>> np.round(moment_distances(a, b, 3), 12).tolist()
    [0.0, 0.0, 2.0, 0.0]
    """
    if student.phi != teacher.phi or student.d != teacher.d:
        raise ValueError(
            f"student has phi = {student.phi}, d = {student.d} but teacher has {teacher.phi}, {teacher.d}; moments are "
            "compared for one phi and one d"
        )
    W = np.concatenate([student.W, teacher.W])
    v = np.concatenate([student.v, -teacher.v])
    lengths = np.concatenate([_lengths("student", student), _lengths("teacher", teacher)])
    cosines = np.clip((W / lengths[:, None]) @ (W / lengths[:, None]).T, -1, 1)
    phi = student.phi
    shares = []
    for j in range(orders + 1):
        # m_j^2/j! from the normalised Hermite coefficient: m_j and j! overflow long before it
        c = [hermite_moment(phi, 0, s) if j == 0 else hermite(phi.scaled(input=s), j - 1) / j**0.5 for s in lengths]
        a = v * np.array(c)
        shares.append(max(float(a @ cosines**j @ a) / 2, 0.0))
    return np.array(shares)


def _lengths(name: str, network: OneHiddenLayer) -> np.ndarray:
    lengths = np.linalg.norm(network.W, axis=1)
    if not lengths.all():
        raise ValueError(f"{name}.W has a zero row, {int(np.argmin(lengths))}, which has no direction; leave it out")
    return lengths
