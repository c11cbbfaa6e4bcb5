"""The tensor initialisation that wastes no samples: subspace, tensor and magnitudes from residuals.

U from the residual moment, T = M_j(y - fit of degree two) in U, its joint diagonalisation together with A, then signs
and magnitudes by least squares.   Chapter: tensor-initialization.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from onenn.activations import Activation, activation
from onenn.network import OneHiddenLayer

from .data import Samples, check_units, samples
from .entries import generator
from .input_moments import InputMoments, input_moments, low_input_moments
from .moments import LowMoments, low_moments
from .recipe import ALGORITHM_1, ALL_DATA, IMPROVED, initialize, initialize_with_misfit
from .record import RecoveryWarning
from .route import route

_FIRST = 4096
"""Rows whose kurtosis and skewness are looked at."""

_SIZES = 1e-30, 1e30
"""Of the root mean square of a coordinate; beyond them fourth moments leave the range of floats."""


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
    one-shot iterator.  Warns: RecoveryWarning when n < k (d + 1), the number of parameters; when the mean or the
    covariance of X, or the kurtosis or skewness of its first 4096 rows, are not those of N(0, I); when the start fits
    worse than a constant.

    >>> from onenn import match, random_teacher
    >>> teacher = random_teacher(2, 5, "relu", rng=0)
    >>> X = np.random.default_rng(1).standard_normal((4000, 5))
    >>> start = tensor_initialize(X, teacher.predict(X), 2, "relu", rng=2)
    >>> match(start, teacher).relative_error < 0.2
    True
    """
    phi = activation(phi)
    route(phi)
    rng = generator(rng)
    data, low = _checked(samples(X, y, dtype=dtype, executor=executor), k)
    network, misfit = initialize_with_misfit(data, int(k), phi, IMPROVED, rng=rng, low=low)
    if misfit >= 1:
        warnings.warn(
            f"the start fits worse than a constant: its mean squared residual is {misfit:.2g} of the variance of y; "
            "take more samples, and check k, phi and that y has no offset",
            RecoveryWarning,
            stacklevel=2,
        )
    return network


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
    rng = generator(rng)
    data, low = _checked(samples(X, y, dtype=dtype, executor=executor), k)
    return initialize(data, int(k), phi, ALGORITHM_1 if split else ALL_DATA, rng=rng, low=low)


def _checked(data: Samples, k: int) -> tuple[Samples, LowMoments]:
    check_units(k, data.d)
    low = low_moments(data)
    if not _SIZES[0] < (size := float(np.sqrt(np.max(np.diag(low.covariance))))) < _SIZES[1]:
        raise ValueError(f"the root mean square of X is {size:.3g}; expected inputs about N(0, I): scale X")
    if low.n < k * (data.d + 1):
        warnings.warn(
            f"n = {low.n} samples are fewer than the k (d + 1) = {k * (data.d + 1)} parameters: other networks have "
            "the same values on them, and the start is a guess",
            RecoveryWarning,
            stacklevel=3,
        )
    if complaints := _input_moments(data, low).complaints():
        warnings.warn(
            f"X is not N(0, I): {', '.join(complaints)}; its moments are other tensors, and the start may be far off: "
            "standardise X, or use recover, whose least squares ask nothing of X",
            RecoveryWarning,
            stacklevel=3,
        )
    return data, low


def _input_moments(data: Samples, low: LowMoments) -> InputMoments:
    """The first two moments of all samples; kurtosis and skewness of the first rows, which cost no pass."""
    shape = input_moments(data.first(_FIRST)[0])
    return replace(
        low_input_moments(low.n, low.centre, low.covariance),
        kurtosis=shape.kurtosis,
        skewness=shape.skewness,
        p_kurtosis=shape.p_kurtosis,
        p_skewness=shape.p_skewness,
    )
