"""One run of the atlas: a start, a descent with a fixed budget, and what the network that it ends at is worth.

Three starts of one descent, L-BFGS on |f(X; W, v) - y|^2 / (2 |y|^2):
"tensor": the moments' network, then W and v;   "random": units of the size of the data, then W and v;
"wide": W_ij ~ N(0, 1/d), v_i = +-|y|/sqrt(k n) in turn, then W alone.   Chapter: atlas.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from onenn.arrays import evaluate
from onenn.landscape import risk
from onenn.network import OneHiddenLayer
from onenn.recovery import random_starts, tensor_initialize

METHODS = ("tensor", "random", "wide")
ITERATIONS = 1000
MEMORY = 30
_CACHE = 2**14
"""Numbers in an array of one block of samples: larger ones leave the cache, and are ten times slower."""

NEAR = 0.99
"""Units lie on one line when the cosine of their directions is at least this in absolute value."""


@dataclass(frozen=True, kw_only=True, eq=False)
class End:
    """The network at the end of a descent, |f(X) - y|/|y| there, and the iterations taken."""

    network: OneHiddenLayer
    misfit: float
    iterations: int


def start(method: str, X: np.ndarray, y: np.ndarray, k: int, phi: str, *, rng: np.random.Generator) -> OneHiddenLayer:
    """The first network of a method; "tensor" exists for k <= d.

    Raises: ValueError on another method, and as `tensor_initialize`.

    >>> rng = np.random.default_rng(0)
    >>> net = start("wide", rng.standard_normal((9, 4)), np.ones(9), 6, "relu", rng=rng)
    >>> net.W.shape, bool(np.allclose(np.abs(net.v), 6**-0.5)), int(net.v.sum())
    ((6, 4), True, 0)
    """
    if method == "tensor":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # fewer samples than parameters are on the grid on purpose
            return tensor_initialize(X, y, k, phi, rng=rng)
    if method == "random":
        from onenn.activations import activation

        W, v = random_starts(activation(phi), X, y, k, 1, rng=rng)
        return OneHiddenLayer(W[0], v[0], phi)
    if method == "wide":
        W = rng.standard_normal((k, X.shape[1])) / math.sqrt(X.shape[1])
        size = math.sqrt(float(np.mean(y * y)) / k)
        return OneHiddenLayer(W, size * np.where(np.arange(k) % 2, -1.0, 1.0), phi)
    raise ValueError(f"method is {method!r}; expected one of {', '.join(METHODS)}")


def descend(
    network: OneHiddenLayer, X: np.ndarray, y: np.ndarray, *, train_v: bool, iterations: int = ITERATIONS
) -> End:
    """L-BFGS of SciPy from the network, at most `iterations`: in W and v, or in W alone.

    *Law*: the misfit at the end is at most that of the start.

    >>> from onenn import random_teacher
    >>> rng = np.random.default_rng(0)
    >>> teacher, X = random_teacher(2, 4, "relu", rng=rng), rng.standard_normal((40, 4))
    >>> near = OneHiddenLayer(teacher.W + 0.05, teacher.v, "relu")
    >>> descend(near, X, teacher.predict(X), train_v=False).misfit < 1e-6
    True
    """
    from scipy.optimize import minimize

    (k, d), phi, v = network.W.shape, network.phi, network.v
    scale = len(y) * float(np.mean(y * y))

    block = max(1, _CACHE // k)
    parts = [(X[i : i + block], y[i : i + block]) for i in range(0, len(y), block)]

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        W, u = x[: k * d].reshape(k, d), x[k * d :] if train_v else v
        total, gradient, outer = 0.0, np.zeros((k, d)), np.zeros(k)
        for X_part, y_part in parts:
            Z = X_part @ W.T
            F = np.asarray(evaluate(phi, "value", Z))
            r = F @ u - y_part
            total += float(r @ r)
            gradient += (evaluate(phi, "derivative", Z) * r[:, None]).T @ X_part
            outer += F.T @ r
        whole = [(gradient * u[:, None]).ravel(), outer] if train_v else [(gradient * u[:, None]).ravel()]
        return total / (2 * scale), np.concatenate(whole) / scale

    first = np.concatenate([network.W.ravel(), v]) if train_v else network.W.ravel()
    options = {"maxiter": iterations, "maxcor": MEMORY, "maxfun": 3 * iterations, "ftol": 0.0, "gtol": 1e-10}
    end = minimize(loss, first, jac=True, method="L-BFGS-B", options=options)
    W, u = end.x[: k * d].reshape(k, d), end.x[k * d :] if train_v else v
    return End(network=OneHiddenLayer(W, u, phi), misfit=math.sqrt(2 * float(end.fun)), iterations=int(end.nit))


def unit_error(student: OneHiddenLayer, teacher: OneHiddenLayer) -> float:
    """How far the student's units are from the teacher's, for any number of them; phi homogeneous of degree 1.

    By prp-atlas-lines the function of ReLU units is known from sum_i v_i w_i and, on each line, from the sum of the
    v_i (+-w_i), turned to one side. Units within `NEAR` of a line of the teacher, or of a longer unit, are summed:
    the root of the squared distances of these sums to v_j* w_j*, or to 0, and of that of the sums over all units,
    relative to sum_j |v_j* w_j*|^2. So splitting a unit, reflecting units, and pairs that cancel cost nothing.
    *Law*: 0 for equal functions whose lines differ by more than NEAR.

    >>> teacher = OneHiddenLayer([[2.0, 0.0], [0.0, 1.0]], [1.0, -1.0], "relu")
    >>> more = OneHiddenLayer([[0.0, 2.0], [0.5, 0], [1.5, 0], [3, 1], [3, 1]], [-0.5, 1, 1, 1, -1], "relu")
    >>> unit_error(more, teacher), unit_error(OneHiddenLayer([[0.0, 1.0]], [-1.0], "relu"), teacher) > 0.9
    (0.0, True)
    """
    if student.phi.homogeneity != 1:
        raise ValueError(f"phi is {student.phi.name}; units are summed as v w, which needs a homogeneous degree of 1")
    U, T = (net.v[:, None] * net.W for net in (student, teacher))
    squares = [float(np.sum((U.sum(axis=0) - T.sum(axis=0)) ** 2))]
    left = np.any(U != 0, axis=1)
    for place, t in zip(teacher.W, T, strict=True):
        squares.append(float(np.sum((_sum_on_line(student.W, U, place, left) - t) ** 2)))
    while left.any():
        longest = student.W[np.argmax(np.where(left, np.linalg.norm(U, axis=1), -1.0))]
        squares.append(float(np.sum(_sum_on_line(student.W, U, longest, left) ** 2)))
    return math.sqrt(math.fsum(squares) / float(np.sum(T**2)))


def _sum_on_line(W: np.ndarray, U: np.ndarray, line: np.ndarray, left: np.ndarray) -> np.ndarray:
    """The sum of the units near a line that are left, each turned to its side; they are left no longer."""
    lengths = np.linalg.norm(W, axis=1) * np.linalg.norm(line)
    cosines = np.divide(W @ line, lengths, out=np.zeros(len(W)), where=lengths > 0)
    here = left & (np.abs(cosines) >= NEAR)
    left[here] = False
    return np.sign(cosines[here]) @ U[here]


def excess_risk(student: OneHiddenLayer, teacher: OneHiddenLayer) -> float:
    """E (f(x) - f*(x))^2 / E f*(x)^2, x ~ N(0, I), in closed form: 0 for the teacher, 1 for the answer zero.

    >>> teacher = OneHiddenLayer([[2.0, 0.0]], [1.0], "relu")
    >>> excess_risk(OneHiddenLayer([[1.0, 0.0]], [1.0], "relu"), teacher)
    0.25
    """
    return max(0.0, risk(student, teacher)) / size_of(teacher)


def size_of(teacher: OneHiddenLayer) -> float:
    """E f*(x)^2 / 2: the risk of the answer zero."""
    return risk(OneHiddenLayer(np.zeros((1, teacher.d)), [0.0], teacher.phi), teacher)
