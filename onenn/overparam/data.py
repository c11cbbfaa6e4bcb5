"""What enters: inputs X (n, d) and labels y (n,) as arrays of one library, inputs on the sphere |x_i| = 1.

Chapter: moderate-overparameterization.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj

from onenn.arrays import Array
from onenn.network import OneHiddenLayer

_OFF_SPHERE = 1e-9


def unit_inputs(n: int, d: int, *, rng: np.random.Generator | int) -> np.ndarray:
    """n independent inputs, uniform on the unit sphere of R^d: an array (n, d).

    Raises: ValueError unless n and d are ints >= 1.

    >>> X = unit_inputs(3, 5, rng=0)
    >>> np.linalg.norm(X, axis=1).round(12).tolist()
    [1.0, 1.0, 1.0]
    """
    X = np.random.default_rng(rng).standard_normal((count(n, "n"), count(d, "d")))
    return normalized(X)


def normalized(X: Any) -> np.ndarray:
    """The rows of X divided by their lengths, in float64 NumPy.  *Shapes*: (n, d) -> (n, d).

    Raises: ValueError on a wrong shape, nan, inf, a zero row.

    >>> normalized([[3, 4], [0, 2]]).tolist()
    [[0.6, 0.8], [0.0, 1.0]]
    """
    X = _on_host(X)
    lengths = np.linalg.norm(X, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(f"X has a zero row, {int(np.argmin(lengths))}; it has no direction: drop such inputs")
    return X / lengths


def on_sphere(X: Any, why: str) -> np.ndarray:
    """X as float64, once its rows are known to be unit vectors.

    Raises: ValueError, with `why` it matters, when a row is no unit vector; otherwise as `normalized`.
    """
    X = _on_host(X)
    off = np.abs(np.linalg.norm(X, axis=1) - 1)
    if off.max() > _OFF_SPHERE:
        row = int(off.argmax())
        raise ValueError(
            f"X has row {row} of length {np.linalg.norm(X[row]):.9g}; {why} needs unit inputs: pass "
            "onenn.overparam.normalized(X)"
        )
    return X


def inputs(X: Any, *, d: int | None = None) -> tuple[Array, Any]:
    """(X, its namespace): a finite array (n, d) of NumPy or torch, in single or double precision, without a gradient.

    Raises: ValueError naming X otherwise.
    """
    X = _honest(X, "X")
    try:
        X = X if is_array_api_obj(X) else np.asarray(X, dtype=float)
        xp: Any = array_namespace(X)
        X = X if xp.isdtype(X.dtype, "real floating") else xp.astype(X, xp.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"X is a {type(X).__name__} that is no array of numbers: {error}") from error
    if xp.finfo(X.dtype).bits < 32:
        raise ValueError(f"X has dtype {X.dtype}, too short for eigenvalues; pass it as float32 or float64")
    if X.ndim != 2 or 0 in X.shape or (d is not None and X.shape[1] != d):
        columns = "d" if d is None else d
        raise ValueError(
            f"X has shape {tuple(X.shape)}; expected (n, {columns}), one input per row and at least one: "
            "did you mean X.T?"
        )
    finite = xp.all(xp.isfinite(X), axis=1)
    if not xp.all(finite):
        row = int(xp.nonzero(~finite)[0][0])
        raise ValueError(f"X has nan or inf in row {row}; drop or impute such inputs")
    return X, xp


def double(X: Any, *, d: int | None = None) -> tuple[Array, Any]:
    """As `inputs`, in double precision: least eigenvalues have no digits left in single precision."""
    X, xp = inputs(X, d=d)
    return xp.astype(X, xp.float64), xp


def labels(y: Any, X: Array, xp: Any) -> Array:
    """y as an array like X.  Raises: ValueError naming y on a wrong length, nan or inf."""
    y = like(y, X, xp, "y")
    if tuple(y.shape) != (X.shape[0],):
        raise ValueError(f"y has shape {tuple(y.shape)} but X has {X.shape[0]} rows; expected a label per row")
    if not xp.all(xp.isfinite(y)):
        row = int(xp.nonzero(~xp.isfinite(y))[0][0])
        raise ValueError(f"y has nan or inf in entry {row}; drop or impute such labels")
    return y


def like(a: Any, X: Array, xp: Any, name: str) -> Array:
    """`a` as an array in the namespace, dtype and device of X."""
    a = _honest(a, name)
    try:
        # a read-only NumPy array is copied: torch would warn that it cannot protect it
        a = np.array(a) if isinstance(a, np.ndarray) and not a.flags.writeable else a
        return xp.asarray(a, dtype=X.dtype, device=device(X))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is a {type(a).__name__} that is no array of numbers like X: {error}") from error


def weights(net: OneHiddenLayer, X: Any) -> tuple[Array, Array, Array, Any]:
    """(X, W, v, namespace), W and v like X."""
    X, xp = inputs(X, d=network(net).d)
    return X, like(net.W, X, xp, "W"), like(net.v, X, xp, "v"), xp


def network(net: Any) -> OneHiddenLayer:
    """net, once it is known to be a network.  Raises: TypeError."""
    if not isinstance(net, OneHiddenLayer):
        raise TypeError(f"net is a {type(net).__name__}; expected an onenn.OneHiddenLayer(W, v, phi)")
    return net


def count(x: Any, argument: str, least: int = 1) -> int:
    """x as an int >= least.  Raises: ValueError naming the argument."""
    if isinstance(x, bool) or not isinstance(x, (int, np.integer)) or x < least:
        raise ValueError(f"{argument} is {x!r}; expected an int >= {least}")
    return int(x)


def positive(x: Any, argument: str) -> Any:
    """x, once it is known to be a number between 0 and infinity.  Raises: ValueError naming the argument."""
    try:
        fine = bool(0 < x < float("inf"))
    except (TypeError, ValueError):
        fine = False
    if not fine:
        raise ValueError(f"{argument} is {x!r}; expected a positive number")
    return x


def not_negative(x: Any, argument: str) -> Any:
    """x >= 0, not nan.  Raises: ValueError naming the argument."""
    if not x >= 0:
        raise ValueError(f"{argument} is {x}; expected a number >= 0")
    return x


def host(a: Array) -> np.ndarray:
    """`a` as a NumPy array in memory."""
    return a.detach().cpu().numpy() if hasattr(a, "detach") else np.asarray(a)


def _honest(a: Any, name: str) -> Any:
    """`a` without the graph of a gradient, once a conversion is known to drop neither a mask nor imaginary parts."""
    if np.ma.is_masked(a):
        raise ValueError(f"{name} has masked entries; drop or impute such samples")
    if "complex" in str(getattr(a, "dtype", "")):
        raise ValueError(f"{name} is complex; expected real numbers")
    return a.detach() if hasattr(a, "detach") else a


def _on_host(X: Any) -> np.ndarray:
    """X in float64 NumPy: in single precision no row is of length 1 to the nine digits asked for."""
    return host(double(X)[0])
