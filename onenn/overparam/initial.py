"""Networks to start from: W_0 of independent N(0, 1) entries and output weights +-s, frozen afterwards.

signed halves:  v = s (1, ..., 1, -1, ..., -1);    random signs:  v_l = +-s;
paired units:   w_{l + k/2} = w_l, v_{l + k/2} = -v_l, so f(x; W_0) = 0 for every x, with the same expected kernel.

The theorems take s = |y|/sqrt(k n), which makes |v| = |y|/sqrt(n).   Chapter: moderate-overparameterization.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer

from .data import count, positive


def output_scale(y: Any, k: int) -> float:
    """|y|/sqrt(k n), the size of the output weights in the theorems.

    Raises: ValueError on y = 0, nan, inf or a wrong shape.

    >>> output_scale([3.0, 4.0], 2)
    2.5
    """
    try:
        y = np.asarray(y, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"y is a {type(y).__name__} that is no array of numbers: {error}") from error
    if y.ndim != 1 or not y.size or not np.isfinite(y).all():
        raise ValueError(f"y has shape {y.shape}; expected (n,), finite labels, one per input")
    if not y.any():
        raise ValueError("y is 0; the output weights |y|/sqrt(k n) would vanish: pass scale= instead")
    return float(np.linalg.norm(y)) / float(np.sqrt(count(k, "k") * len(y)))


def signed_halves(
    k: int, d: int, phi: Activation | str, *, scale: float, rng: np.random.Generator | int
) -> OneHiddenLayer:
    """W_0 ~ N(0, 1), the first half of v is +scale, the second -scale.

    Raises: ValueError for k odd, k or d below 1, scale not positive and finite.

    >>> signed_halves(4, 2, "relu", scale=0.5, rng=0).v.tolist()
    [0.5, 0.5, -0.5, -0.5]
    """
    half, s = _half(k), _scale(scale)
    W = np.random.default_rng(rng).standard_normal((k, count(d, "d")))
    return OneHiddenLayer(W, np.repeat([s, -s], half), phi)


def random_signs(
    k: int, d: int, phi: Activation | str, *, scale: float, rng: np.random.Generator | int
) -> OneHiddenLayer:
    """W_0 ~ N(0, 1) and v_l = +-scale, independent fair signs.  Raises: as `signed_halves`, k may be odd.

    >>> sorted(set(np.abs(random_signs(5, 2, "relu", scale=0.5, rng=0).v).tolist()))
    [0.5]
    """
    rng, s = np.random.default_rng(rng), _scale(scale)
    W = rng.standard_normal((count(k, "k"), count(d, "d")))
    return OneHiddenLayer(W, rng.choice([-s, s], size=k), phi)


def paired_units(
    k: int, d: int, phi: Activation | str, *, scale: float, rng: np.random.Generator | int
) -> OneHiddenLayer:
    """k/2 units w_l ~ N(0, I), each twice, with v = +scale and -scale: f(x; W_0) = 0.  Raises: as `signed_halves`.

    >>> bool(abs(paired_units(4, 2, "tanh", scale=0.5, rng=0).predict([[1.0, 2.0]])).max() < 1e-15)
    True
    """
    half, s = _half(k), _scale(scale)
    W = np.random.default_rng(rng).standard_normal((half, count(d, "d")))
    return OneHiddenLayer(np.concatenate([W, W]), np.repeat([s, -s], half), phi)


def _half(k: int) -> int:
    if count(k, "k") % 2:
        raise ValueError(f"k is {k}; two halves of opposite sign need an even k: take {k + 1}, or random_signs")
    return k // 2


def _scale(scale: float) -> float:
    return float(positive(scale, "scale"))
