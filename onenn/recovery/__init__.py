"""Recovery of a network from samples: Hermite moments, tensor initialisation, descent, the estimator."""

from __future__ import annotations

from .data import Samples, samples
from .decomposition import joint_diagonalizer
from .initialize import tensor_initialize
from .magnitudes import least_squares_signs
from .moments import Fit, LowMoments, low_moments, projected_moment, second_moment
from .route import Route, hermite_moments, route
from .subspace import leading_subspace, power_method, quadratic_fit, residual_subspace

__all__ = [
    "Fit",
    "LowMoments",
    "Route",
    "Samples",
    "hermite_moments",
    "joint_diagonalizer",
    "leading_subspace",
    "least_squares_signs",
    "low_moments",
    "power_method",
    "projected_moment",
    "quadratic_fit",
    "residual_subspace",
    "route",
    "samples",
    "second_moment",
    "tensor_initialize",
]
