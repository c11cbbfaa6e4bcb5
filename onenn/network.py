"""The one-hidden-layer network, its random teachers, and the matching of two networks up to a relabelling of units.

f(x; W, v) = sum_i v_i phi(w_i . x),   W (k, d): row i is unit i;   v (k,).   Chapter: lsc-counterexamples.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from onenn.activations import Activation, activation


@dataclass(frozen=True, eq=False, repr=False)
class OneHiddenLayer:
    """The network x -> sum_i v_i phi(w_i . x). W (k, d) and v (k,) are read-only float64; phi an Activation or a name.

    Integers, Fractions and decimal strings are kept as the exact numbers they are, and a float is the dyadic number it
    is: `exact_W` and `exact_v` are arrays of Fractions, for rational and ball arithmetic.

    Raises: ValueError on a wrong shape, an empty array, nan, inf, a string that is no number; TypeError on other types.

    >>> OneHiddenLayer([[1, 0], ["1/3", -1]], [1, -1], "relu").exact_W[1, 0]
    Fraction(1, 3)
    """

    W: np.ndarray
    v: np.ndarray
    phi: Activation
    _given_W: np.ndarray
    _given_v: np.ndarray

    def __init__(self, W: Any, v: Any, phi: Activation | str) -> None:
        W, v = _array(W, "W", 2), _array(v, "v", 1)
        if v.shape[0] != W.shape[0]:
            raise ValueError(
                f"v has {v.shape[0]} entries but W has {W.shape[0]} rows; rows of W are units and v has "
                "one weight for each, so did you mean W.T?"
            )
        for name, array in {"W": W.astype(float), "v": v.astype(float), "_given_W": W, "_given_v": v}.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "phi", activation(phi) if isinstance(phi, str) else phi)

    @cached_property
    def exact_W(self) -> np.ndarray:
        """W as an array of Fractions."""
        return _fractions(self._given_W)

    @cached_property
    def exact_v(self) -> np.ndarray:
        """v as an array of Fractions."""
        return _fractions(self._given_v)

    @property
    def k(self) -> int:
        """The number of units."""
        return self.W.shape[0]

    @property
    def d(self) -> int:
        """The dimension of the inputs."""
        return self.W.shape[1]

    def predict(self, X: Any) -> np.ndarray:
        """(f(x_1), ..., f(x_n)).  *Shapes*: X (n, d); result (n,).

        Raises: ValueError on a wrong shape, nan or inf.

        >>> OneHiddenLayer([[1, 0], [0, 1]], [1, -1], "quadratic").predict([[2, 1], [1, 3]]).tolist()
        [3.0, -8.0]
        """
        X = np.asarray(X, dtype=float)
        if X.ndim != 2:
            raise ValueError(
                f"X has shape {X.shape}; expected (n, {self.d}), one input per row: X[None, :] for a single one"
            )
        if X.shape[1] != self.d:
            raise ValueError(
                f"X has {X.shape[1]} columns but W has {self.d}; rows of X are inputs, so did you mean X.T?"
            )
        if not np.isfinite(X).all():
            raise ValueError(f"X has nan or inf at {_first_bad(X)}; drop or impute such inputs")
        return self.phi(X @ self.W.T) @ self.v

    def __repr__(self) -> str:
        return f"OneHiddenLayer(k={self.k}, d={self.d}, phi={self.phi!r})"


def _first_bad(array: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])


def _array(x: Any, name: str, dimensions: int) -> np.ndarray:
    """A copy of `x`: float64 when it is an array of floats, otherwise an object array of Fractions."""
    array = np.asarray(x) if hasattr(x, "__array__") else np.array(x, dtype=object)
    if dimensions == 2 and array.ndim == 1 and any(isinstance(row, (list, tuple, np.ndarray)) for row in array):
        raise ValueError(f"{name} has rows of different lengths; expected one length, that of the inputs")
    expected = "(k, d), one row per unit" if dimensions == 2 else "(k,), one weight per unit"
    if array.ndim != dimensions or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}; expected {expected}, with k and d at least 1")
    if array.dtype.kind != "f":
        result = np.empty(array.shape, dtype=object)
        for index, entry in np.ndenumerate(array):
            result[index] = _fraction(entry, f"{name}{list(index)}")
        return result
    if not np.isfinite(array).all():
        raise ValueError(f"{name} has nan or inf at {_first_bad(array)}; expected finite numbers")
    return np.array(array, dtype=float)


def _fraction(x: Any, name: str) -> Fraction:
    if isinstance(x, (bool, np.bool_)) or not isinstance(x, (int, float, Fraction, str, np.integer, np.floating)):
        raise TypeError(f"{name} is a {type(x).__name__}; expected an int, a Fraction, a float or a decimal string")
    if isinstance(x, (float, np.floating)) and not np.isfinite(x):
        raise ValueError(f"{name} is {x}; expected a finite number")
    try:
        return Fraction(x if isinstance(x, (str, Fraction)) else x.item() if isinstance(x, np.generic) else x)
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{name} is {x!r}; expected a number such as '0.25' or '1/3'") from error


def _fractions(array: np.ndarray) -> np.ndarray:
    result = np.empty(array.shape, dtype=object)
    for index, entry in np.ndenumerate(array):
        result[index] = Fraction(entry)
    result.setflags(write=False)
    return result


def random_teacher(
    k: int, d: int, phi: Activation | str, *, condition: float = 2.0, rng: np.random.Generator | int
) -> OneHiddenLayer:
    """A teacher with singular values linspace(1, condition, k), Haar singular vectors and random signs v_i = +-1.

    *Domain*: 1 <= k <= d; condition >= 1, the ratio of the extreme singular values of W (k = 1 has the one value 1).
    rng: a Generator, or an integer that seeds one.
    Raises: ValueError outside the domain.

    >>> W = random_teacher(3, 5, "tanh", rng=0).W
    >>> [round(float(s), 6) for s in np.linalg.svd(W, compute_uv=False)]
    [2.0, 1.5, 1.0]
    """
    if not 1 <= k <= d:
        raise ValueError(f"k is {k} and d is {d}; expected 1 <= k <= d, as more than d rows have no rank k")
    if not (np.isfinite(condition) and condition >= 1):
        raise ValueError(f"condition is {condition}; expected a finite ratio of singular values, at least 1")
    rng = np.random.default_rng(rng)
    left, right = _haar(rng, k, k), _haar(rng, d, k)
    W = left @ np.diag(np.linspace(1.0, condition, k)) @ right.T
    return OneHiddenLayer(W, rng.choice([-1.0, 1.0], size=k), phi)


def _haar(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Orthonormal columns, uniformly distributed."""
    Q, R = np.linalg.qr(rng.standard_normal((rows, columns)))
    return Q * np.sign(np.diag(R))  # without the signs the law depends on the convention of the factorisation


@dataclass(frozen=True, kw_only=True, eq=False)
class Match:
    """Unit permutation[i] of the student stands for unit i of the teacher; see `match`."""

    permutation: np.ndarray
    relative_error: float
    cosines: np.ndarray


def match(student: OneHiddenLayer, teacher: OneHiddenLayer) -> Match:
    """The relabelling of the student's units that brings it closest to the teacher, and how close that is.

    A network does not change when its units (w_i, v_i) are permuted, nor, for phi homogeneous of degree q >= 1, when
    (w_i, v_i) becomes (c w_i, v_i / c^q). So units are compared in the form |v|^(1/q) w with the sign of v; opposite
    signs are at the distance through zero, |v|^(1/q) |w| + |v*|^(1/q) |w*|. Otherwise they are compared as (w_i, v_i).

    *Returns*: permutation (k,); relative_error, the root of (least sum of squared distances / sum of squared norms of
    the teacher's units); cosines (k,), between w of the student and w of the teacher (nan for a zero row).
    Raises: ValueError when k, d or phi differ, or the teacher is zero.
    Source: eq-symmetries.

    >>> a = OneHiddenLayer([[1, 0], [0, 2]], [1, -1], "relu")
    >>> b = OneHiddenLayer([[0, 1], [4, 0]], [-2, "1/4"], "relu")
    >>> match(b, a).permutation.tolist(), match(b, a).relative_error
    ([1, 0], 0.0)
    """
    from scipy.optimize import linear_sum_assignment

    if (student.k, student.d) != (teacher.k, teacher.d):
        raise ValueError(
            f"student has (k, d) = {(student.k, student.d)} but teacher has {(teacher.k, teacher.d)}; "
            "units are matched one to one, so both must agree"
        )
    if student.phi != teacher.phi:
        raise ValueError(f"student has phi = {student.phi} but teacher has {teacher.phi}; compare networks of one phi")
    q = teacher.phi.homogeneity
    U, V = (_comparable(network, q) for network in (student, teacher))
    size = float(np.sum(V**2))
    if size == 0:
        raise ValueError("teacher has no unit other than zero; a relative error needs one")
    squares = np.sum((U[:, None] - V[None]) ** 2, axis=-1)
    if q:
        norms = np.linalg.norm(U, axis=1)[:, None] + np.linalg.norm(V, axis=1)[None]
        opposite = np.sign(student.v)[:, None] * np.sign(teacher.v)[None] < 0
        squares = np.where(opposite, norms**2, squares)
    of_teacher, of_student = linear_sum_assignment(squares.T)
    error = float(np.sqrt(squares[of_student, of_teacher].sum() / size))
    with np.errstate(invalid="ignore"):
        lengths = np.linalg.norm(student.W[of_student], axis=1) * np.linalg.norm(teacher.W, axis=1)
        cosines = np.sum(student.W[of_student] * teacher.W, axis=1) / lengths
    return Match(permutation=of_student, relative_error=error, cosines=cosines)


def _comparable(network: OneHiddenLayer, q: int | None) -> np.ndarray:
    if q:
        return np.abs(network.v)[:, None] ** (1 / q) * network.W
    return np.column_stack([network.W, network.v])
