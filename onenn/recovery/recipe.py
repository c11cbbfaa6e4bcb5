"""From samples to a network by moments, with each step of Algorithm 1 exchangeable for its improvement.

ALGORITHM_1 is the paper's; ALL_DATA the same without splitting the samples; IMPROVED is `tensor_initialize`.
Chapter: tensor-initialization.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer

from .algorithm1 import signs_and_magnitudes, tensor_directions, tensor_matrices
from .contraction import contracted_third_moment
from .data import Samples
from .decomposition import joint_diagonalizer
from .magnitudes import least_squares_signs
from .moments import Fit, LowMoments, low_moments, projected_moment
from .route import Route, route
from .subspace import power_method, quadratic_fit, residual_subspace, third_moment_subspace


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How each step is done; the first value of each is the paper's.

    `split`: every step has a third of the samples of its own. `subspace`: "moment", of P_2 by the two-sided power
    method; "residual", of M_2 of the residual with the fit added back. `contraction` of a fourth moment: with alpha
    uniform on the "sphere" of R^d, on that of the "span" of the subspace, or none, the "whole" tensor. `tensor`: of
    the values "y" or of the "residual" of their fit of degree two. `signs`: from the "moments" or by "least_squares".
    """

    split: bool = True
    subspace: Literal["moment", "residual"] = "moment"
    contraction: Literal["sphere", "span", "whole"] = "sphere"
    tensor: Literal["y", "residual"] = "y"
    signs: Literal["moments", "least_squares"] = "moments"


ALGORITHM_1 = Recipe()
ALL_DATA = Recipe(split=False)
IMPROVED = Recipe(split=False, subspace="residual", contraction="whole", tensor="residual", signs="least_squares")


def initialize(
    data: Samples, k: int, phi: Activation, recipe: Recipe, *, rng: np.random.Generator, low: LowMoments | None = None
) -> OneHiddenLayer:
    """The network that the recipe makes of the samples; `low`, the low moments of all of them, saves a pass.

    Raises: ValueError where the moments of phi do not determine the network, and on bad data.

    >>> from onenn import activation, match, random_teacher
    >>> from onenn.recovery import samples
    >>> teacher = random_teacher(2, 4, "squared_relu", rng=0)
    >>> X = np.random.default_rng(1).standard_normal((20000, 4))
    >>> data = samples(X, teacher.predict(X))
    >>> start = initialize(data, 2, activation("squared_relu"), ALGORITHM_1, rng=np.random.default_rng(2))
    >>> match(start, teacher).relative_error < 0.5
    True
    """
    return initialize_with_misfit(data, k, phi, recipe, rng=rng, low=low)[0]


def initialize_with_misfit(
    data: Samples, k: int, phi: Activation, recipe: Recipe, *, rng: np.random.Generator, low: LowMoments | None = None
) -> tuple[OneHiddenLayer, float]:
    """The same, and the mean of its squared residuals over the variance of y; nan where signs come from the moments."""
    way = route(phi)
    parts = [data.part(i, 3) for i in range(3)] if recipe.split else [data] * 3
    if recipe.split and (n := data.count()) < 6:
        raise ValueError(
            f"n is {n}, but each of three steps needs samples of its own, a third of them; pass split=False"
        )
    lows = [low_moments(part, constant=True) for part in parts] if recipe.split else [low or low_moments(data)] * 3
    U, fit = _subspace(parts[0], lows[0], k, way, recipe=recipe, rng=rng)
    if recipe.tensor == "residual" and (recipe.split or fit is None):
        fit = quadratic_fit(parts[1], U, lows[1])
    u = find_directions(parts[1], U, fit if recipe.tensor == "residual" else None, way, recipe, rng=rng)
    if recipe.signs == "least_squares":
        network, misfit = least_squares_signs(parts[2], U @ u, phi, way)
        return network, misfit / lows[2].variance if lows[2].variance > 0 else math.nan
    return signs_and_magnitudes(U, u, lows[2].M1, U.T @ lows[2].M2 @ U, phi), math.nan


def _subspace(
    data: Samples, low: LowMoments, k: int, way: Route, *, recipe: Recipe, rng: np.random.Generator
) -> tuple[np.ndarray, Fit | None]:
    if recipe.subspace == "residual":
        if way.subspace == 2:
            return residual_subspace(data, k, low)
        return third_moment_subspace(data, k, low, rng=rng)
    P = low.M2 if way.subspace == 2 else contracted_third_moment(data, _on_sphere(data.d, rng)[None])[0]
    U = power_method(lambda V: P @ V, float(np.linalg.norm(P, 2)), data.d, k, rng=rng)
    return U, None


def find_directions(
    data: Samples, U: np.ndarray, fit: Fit | None, way: Route, recipe: Recipe, *, rng: np.random.Generator
) -> np.ndarray:
    """The directions of the units in the coordinates of U (d, k), unit columns (k, k) with free signs; one pass."""
    k = U.shape[1]
    if way.tensor == 3 or recipe.contraction == "whole":
        T = projected_moment(data, way.tensor, U, fit)
    else:
        alpha = _on_sphere(data.d, rng) if recipe.contraction == "sphere" else U @ _on_sphere(k, rng)
        T = projected_moment(data, 4, np.column_stack([U, alpha]), fit)[:k, :k, :k, k]
    if fit is not None and recipe.tensor == "residual":
        matrices = tensor_matrices(T)
        if way.subspace == 2 and fit.A.shape == (k, k):
            # one more matrix, with far less noise, in the scale that the moments give to the tensor
            matrices = np.concatenate([matrices, (2 * way.value(way.tensor) / way.value(2)) * fit.A[None]])
        return joint_diagonalizer(matrices, rng=rng)
    if T.ndim == 4:
        return joint_diagonalizer(tensor_matrices(T), rng=rng)
    return tensor_directions(T, rng=rng)


def _on_sphere(d: int, rng: np.random.Generator) -> np.ndarray:
    alpha = rng.standard_normal(d)
    return alpha / np.linalg.norm(alpha)
