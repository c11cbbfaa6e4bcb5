"""The tensor initialisation that wastes no samples: subspace, tensor and magnitudes from residuals.

U from the residual moment, T = M_j(y - fit of degree two) in U, its joint diagonalisation together with A, then signs
and magnitudes by least squares.   Chapter: tensor-initialization.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.network import OneHiddenLayer

from .data import Samples, check_units, samples
from .moments import LowMoments, low_moments
from .recipe import ALGORITHM_1, ALL_DATA, IMPROVED, initialize
from .route import route


def tensor_initialize(
    X: Any,
    y: Any,
    k: int,
    phi: Activation | str,
    *,
    rng: np.random.Generator | int,
    dtype: str = "float64",
    executor: Any = None,
) -> OneHiddenLayer:
    """A network with k units near the one whose values y are, x ~ N(0, I_d); v_i = +-1.

    Eight passes over the samples; memory of a few blocks, whatever n. *Shapes*: X (n, d), y (n,): NumPy arrays, mapped
    files, tensors of torch on any device; or X an iterable of blocks (or a function that makes one) and y = None.
    *Domain*: phi homogeneous with M_3 or M_4 not zero; the rows of W linearly independent.
    rng: a Generator, or an integer that seeds one. dtype, executor: as in `onenn.recovery.samples`.
    Raises: ValueError on k > d, constant y, nan, inf, an activation the moments do not determine; TypeError on a
    one-shot iterator.  Warns: UserWarning when n < k (d + 1), the number of parameters.

    >>> from onenn import match, random_teacher
    >>> teacher = random_teacher(2, 5, "relu", rng=0)
    >>> X = np.random.default_rng(1).standard_normal((4000, 5))
    >>> start = tensor_initialize(X, teacher.predict(X), 2, "relu", rng=2)
    >>> match(start, teacher).relative_error < 0.2
    True
    """
    phi = activation(phi)
    route(phi)
    data, low = _checked(samples(X, y, dtype=dtype, executor=executor), k)
    return initialize(data, int(k), phi, IMPROVED, rng=np.random.default_rng(rng), low=low)


def algorithm_1(
    X: Any,
    y: Any,
    k: int,
    phi: Activation | str,
    *,
    rng: np.random.Generator | int,
    split: bool = True,
    dtype: str = "float64",
    executor: Any = None,
) -> OneHiddenLayer:
    """The network that Algorithm 1 of the paper finds, faithfully: three-way split, power method, tensor, RecMagSign.

    split=False: every step uses all samples, as the authors' released code does. All else as `tensor_initialize`,
    which needs far fewer samples.   Source: zhong2017, reconstructed.

    >>> from onenn import match, random_teacher
    >>> teacher = random_teacher(2, 5, "squared_relu", rng=0)
    >>> X = np.random.default_rng(1).standard_normal((20000, 5))
    >>> match(algorithm_1(X, teacher.predict(X), 2, "squared_relu", rng=2), teacher).relative_error < 0.5
    True
    """
    phi = activation(phi)
    route(phi)
    data, low = _checked(samples(X, y, dtype=dtype, executor=executor), k)
    recipe = ALGORITHM_1 if split else ALL_DATA
    return initialize(data, int(k), phi, recipe, rng=np.random.default_rng(rng), low=low)


def _checked(data: Samples, k: int) -> tuple[Samples, LowMoments]:
    check_units(k, data.d)
    low = low_moments(data)
    if low.n < k * (data.d + 1):
        warnings.warn(
            f"n = {low.n} samples are fewer than the k (d + 1) = {k * (data.d + 1)} parameters: other networks have "
            "the same values on them, and the start is a guess",
            stacklevel=3,
        )
    return data, low
