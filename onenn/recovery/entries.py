"""What is accepted as X (n, d) and y (n,): arrays of real numbers; nothing is turned into them in silence.

Complex numbers would lose a part, masked entries would count, strings would be parsed.   Chapter: recovery-in-practice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_array_api_obj


def real_array(name: str, a: Any) -> Any:
    """`a` as an array of real numbers: an array or tensor as it is, lists, frames and objects as a NumPy array.

    Raises: TypeError on complex numbers, strings, sparse matrices and what is no number; ValueError on masked entries
    and on rows of different lengths.

    >>> real_array("y", [1, 2]).tolist()
    [1, 2]
    """
    if not is_array_api_obj(a) and hasattr(a, "toarray"):
        raise TypeError(f"{name} is sparse, a {type(a).__name__}; expected a dense array: pass {name}.toarray()")
    if np.ma.is_masked(a):
        raise ValueError(f"{name} has masked entries; drop or impute such samples")
    if not is_array_api_obj(a):
        try:
            a = np.asarray(a)
        except ValueError as error:
            raise ValueError(f"{name} is a {type(a).__name__} whose rows differ in length; pass an array") from error
    if not isinstance(a, np.ndarray):
        tensor: Any = a
        if array_namespace(tensor).isdtype(tensor.dtype, "complex floating"):
            raise TypeError(f"{name} is complex; expected real numbers: pass its real part if that is what you mean")
        return a
    # a masked array without masked entries, or a matrix, whose rows would stay two-dimensional
    a = np.asarray(a) if isinstance(a, np.ma.MaskedArray | np.matrix) else a
    if a.dtype.kind == "O":
        return _numbers(name, a)
    if a.dtype.kind not in "biuf":
        kind = "complex" if a.dtype.kind == "c" else f"of dtype {a.dtype}"
        raise TypeError(f"{name} is {kind}; expected real numbers, integers or floats")
    return a


def real_pair(X: Any, y: Any) -> tuple[Any, Any]:
    """X (n, d) and y (n,) as `real_array` has them, n and d at least 1.

    Raises: ValueError on another shape.

    >>> [a.shape for a in real_pair([[1, 2], [3, 4]], [0.5, 1])]
    [(2, 2), (2,)]
    """
    X, y = real_array("X", X), real_array("y", y)
    if X.ndim != 2 or 0 in X.shape:
        one = ": X[:, None] for one column" if X.ndim == 1 else ""
        raise ValueError(f"X has shape {tuple(X.shape)}; expected (n, d), one sample per row and at least one{one}")
    if tuple(y.shape) != (X.shape[0],):
        flat = ": pass y.reshape(-1)" if tuple(y.shape) == (X.shape[0], 1) else ""
        raise ValueError(
            f"y has shape {tuple(y.shape)} but X has {X.shape[0]} rows; expected ({X.shape[0]},), one target per "
            f"row{flat}"
        )
    return X, y


def check_finite(name: str, array: Any) -> None:
    """Nothing, where all of the array (n, ...) is finite.

    Raises: ValueError that names the first row which is not.

    >>> check_finite("y", np.zeros(3))
    """
    xp = array_namespace(array)
    for start in range(0, int(array.shape[0]), 2**16):
        bad = ~xp.isfinite(array[start : start + 2**16])
        if bool(xp.any(bad)):
            row = start + int(xp.nonzero(bad)[0][0])
            raise ValueError(f"{name} has nan or inf in row {row}; drop or impute such samples")


def generator(rng: Any) -> np.random.Generator:
    """rng itself where it is a Generator, or the one that an integer seeds.

    Raises: TypeError or ValueError on what seeds none.

    >>> generator(0).integers(10, size=2).tolist()
    [8, 6]
    """
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(f"rng is {rng!r}; expected a numpy.random.Generator or an int >= 0 that seeds one") from error


def _numbers(name: str, a: np.ndarray) -> np.ndarray:
    if a.ndim == 0:
        raise TypeError(f"{name} is a {type(a.item()).__name__}; expected an array of real numbers")
    strange = next((x for x in a.flat if isinstance(x, str | bytes | complex)), None)
    try:
        if strange is None:
            return a.astype(float)
    except (TypeError, ValueError):
        strange = next(x for x in a.flat if not isinstance(x, int | float | np.number))
    raise TypeError(f"{name} holds {strange!r}, a {type(strange).__name__}; expected real numbers")
