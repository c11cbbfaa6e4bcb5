"""The population risk f(W, v) = E (f(x; W, v) - f(x; W*, v*))^2 / 2, x ~ N(0, I_d), by dual activations.

f = (v^T K(W, W) v - 2 v^T K(W, W*) v* + v*^T K(W*, W*) v*) / 2,   K(W, U)_ij = E[phi(w_i . x) phi(u_j . x)].
Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onenn import gaussian
from onenn.activations import Activation
from onenn.network import OneHiddenLayer

from .arithmetic import RATIONAL, SYMBOLIC, Arithmetic, Irrational


def risk(student: OneHiddenLayer, teacher: OneHiddenLayer) -> float:
    """The population risk of the student, >= 0; any number of units, any activation, d and phi as the teacher's.

    Accuracy: about 1e-15 of v*^T K v* in absolute terms, as the three terms cancel near the teacher.
    Raises: ValueError when d or phi differ.

    >>> a, b = (OneHiddenLayer([[s, 0.0]], [1.0], "linear") for s in (1.0, 3.0))
    >>> risk(a, b)
    2.0
    """
    check_pair(student, teacher)
    return float(risk_of_weights(student.W, student.v, teacher))


def risk_of_weights(W: np.ndarray, v: np.ndarray, teacher: OneHiddenLayer) -> np.ndarray:
    """The risk at each of a whole array of weights.  *Shapes*: W (..., k, d), v (k,); result (...).

    >>> teacher = OneHiddenLayer([[1.0, 0.0]], [1.0], "linear")
    >>> risk_of_weights(np.array([[[1.0, 0.0]], [[3.0, 0.0]]]), np.ones(1), teacher).tolist()
    [0.0, 2.0]
    """
    return _risk(lambda V, U: _gram(teacher.phi, V, U), (W, v), (teacher.W, teacher.v))


def _gram(phi: Activation, W: np.ndarray, U: np.ndarray) -> np.ndarray:
    """K(W, U), over the leading dimensions."""
    b = W @ np.swapaxes(U, -1, -2)
    a, c = (np.broadcast_to(x, b.shape) for x in (np.sum(W * W, -1)[..., :, None], np.sum(U * U, -1)[..., None, :]))
    return gaussian.dual(phi, np.stack([np.stack([a, b], -1), np.stack([b, c], -1)], -2))


def risk_exact(student: OneHiddenLayer, teacher: OneHiddenLayer) -> Any:
    """The population risk in exact arithmetic: a Fraction for linear and quadratic phi, otherwise a SymPy expression.

    Raises: ValueError when d or phi differ, or phi has no closed dual.

    >>> risk_exact(*(OneHiddenLayer([[s, 0]], [1], "quadratic") for s in (1, 2)))
    Fraction(27, 2)
    """
    check_pair(student, teacher)
    if teacher.phi.closed_forms.dual is None:
        raise ValueError(f"phi is {teacher.phi.name}, which has no closed form of E[phi(u) phi(v)]; use risk")

    def value(A: Arithmetic) -> Any:
        networks = [(n.exact_W, A.array(n.exact_v)) for n in (student, teacher)]
        return _risk(lambda W, U: _exact_gram(A, teacher.phi, W, U), *networks)

    try:
        return value(RATIONAL)
    except Irrational:
        return value(SYMBOLIC)


def _exact_gram(A: Arithmetic, phi: Activation, W: np.ndarray, U: np.ndarray) -> np.ndarray:
    K = np.empty((len(W), len(U)), dtype=object)
    for i, w in enumerate(W):
        for j, u in enumerate(U):
            K[i, j] = A.of_covariance(phi.closed_forms.dual, w @ w, w @ u, u @ u)
    return K


def _risk(gram: Any, student: tuple[np.ndarray, np.ndarray], teacher: tuple[np.ndarray, np.ndarray]) -> Any:
    (W, v), (U, u) = student, teacher
    return (gram(W, W) @ v @ v - 2 * (gram(W, U) @ u @ v) + gram(U, U) @ u @ u) / 2


def check_pair(student: OneHiddenLayer, teacher: OneHiddenLayer) -> None:
    if student.d != teacher.d:
        raise ValueError(f"student has d = {student.d} but teacher has d = {teacher.d}; both take the same inputs")
    if student.phi != teacher.phi:
        raise ValueError(f"student has phi = {student.phi} but teacher has {teacher.phi}; expected one activation")
