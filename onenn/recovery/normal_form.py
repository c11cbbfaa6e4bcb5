"""One network for all with the same function: (w, v) ~ (c w, c^-q v), and (w, v) ~ (-w, -v) for odd phi.

Normal form:  |v_i| = 1 for phi homogeneous of degree q >= 1;  v_i > 0 for odd phi;  the units from long to short.
Chapter: global-recovery.
"""

from __future__ import annotations

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer


def is_odd(phi: Activation) -> bool:
    """phi(-z) = -phi(z): phi' is even and phi(0) = 0.

    >>> from onenn import activation
    >>> is_odd(activation("tanh")), is_odd(activation("sigmoid"))
    (True, False)
    """
    return phi.derivative_symmetry == "even" and float(phi(0.0)) == 0


def is_even(phi: Activation) -> bool:
    """phi(-z) = phi(z): phi' is odd.

    >>> from onenn import activation
    >>> is_even(activation("quadratic")), is_even(activation("relu"))
    (True, False)
    """
    return phi.derivative_symmetry == "odd"


def free_parameters(k: int, d: int, phi: Activation) -> int:
    """How many numbers the data can determine: k d for homogeneous phi, where v_i = +-1 costs nothing, else k(d + 1).

    >>> from onenn import activation
    >>> free_parameters(3, 10, activation("relu")), free_parameters(3, 10, activation("tanh"))
    (30, 33)
    """
    return k * d if phi.homogeneity else k * (d + 1)


def flippable(network: OneHiddenLayer) -> list[int]:
    """Units whose signs (w_i, v_i) -> (-w_i, -v_i) may all be turned with no change to the function; [] for none.

    phi(z) + phi(-z) is a constant other than 0, as for sigmoid, and their v_i sum to 0.  *Domain*: k <= 16 is searched.

    >>> flippable(OneHiddenLayer([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [1.0, 2.0, -1.0], "sigmoid"))
    [0, 2]
    """
    phi, v = network.phi, network.v
    if phi.derivative_symmetry != "even" or is_odd(phi) or network.k > 16:
        return []
    subsets = (np.arange(1, 2**network.k)[:, None] >> np.arange(network.k)) & 1
    sums = np.abs(subsets @ v)
    best = int(np.argmin(sums))
    return np.flatnonzero(subsets[best]).tolist() if sums[best] < 1e-6 * np.abs(v).max() else []


def normal_form(network: OneHiddenLayer) -> OneHiddenLayer:
    """The network of the same function with |v_i| = 1 (homogeneous phi) or v_i > 0 (odd phi), the longest row first.

    *Law*: the same function; normal_form(normal_form(f)) is normal_form(f), up to rounding; networks that differ by the
    symmetries of thm-identifiable have one normal form, but for sums of v that vanish (sigmoid) and ties.
    A unit with v_i = 0 becomes the row 0.

    >>> f = normal_form(OneHiddenLayer([[1.0, 0.0], [0.0, 2.0]], [-9.0, 4.0], "squared_relu"))
    >>> f.W.tolist(), f.v.tolist()
    ([[0.0, 4.0], [3.0, 0.0]], [1.0, -1.0])
    """
    W, v, phi = network.W.copy(), network.v.copy(), network.phi
    if is_odd(phi):
        W, v = np.where(v < 0, -1.0, 1.0)[:, None] * W, np.abs(v)
    elif is_even(phi):
        leading = W[np.arange(len(W)), np.argmax(np.abs(W), axis=1)]
        W = np.where(leading < 0, -1.0, 1.0)[:, None] * W
    if phi.homogeneity:
        W = np.abs(v)[:, None] ** (1 / phi.homogeneity) * W
        v = np.where(v < 0, -1.0, 1.0)
    order = np.argsort(-np.linalg.norm(W, axis=1), kind="stable")
    return OneHiddenLayer(W[order], v[order], phi)
