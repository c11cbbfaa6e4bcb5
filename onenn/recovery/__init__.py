"""Recovery of a network from samples: Hermite moments, tensor initialisation, descent, the estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .algorithm1 import network_from_exact_moments, signs_and_magnitudes, tensor_directions
from .data import Samples, samples
from .decomposition import joint_diagonalizer
from .fisher import StandardErrors, gram, jacobian, jacobian_rank, lack_of_fit, standard_errors
from .gauss_newton import Refinement, gauss_newton
from .identifiability import (
    exact_gauss_newton_step,
    exact_jacobian,
    exact_rank,
    least_squares_estimate,
    rank_counts_units,
    reflection,
    reflection_holds,
    same_after_reflection,
    unbiased_and_bounded,
)
from .initialize import algorithm_1, tensor_initialize
from .input_moments import InputMoments, input_moments
from .levenberg import Fits, levenberg_marquardt
from .magnitudes import least_squares_signs
from .moments import Fit, LowMoments, low_moments, projected_moment, second_moment
from .normal_form import flippable, free_parameters, is_even, is_odd, normal_form
from .paper import Run, column_error, descend, paper_starts, watched_descent
from .population import hermite_moment, moment_distances, network_moment
from .posterior import Posterior, posterior
from .rates import Rate, noise_ratios, paper_rates, recovery_rates, root_ratio
from .recipe import ALGORITHM_1, ALL_DATA, IMPROVED, Recipe, initialize
from .record import Attempt, Recovery, RecoveryWarning, Stop
from .recover import recover
from .route import Route, hermite_moments, route
from .starts import random_starts, subspace_starts
from .subspace import leading_subspace, power_method, quadratic_fit, residual_subspace

__all__ = [
    "ALGORITHM_1",
    "ALL_DATA",
    "IMPROVED",
    "Attempt",
    "Fit",
    "Fits",
    "InputMoments",
    "LowMoments",
    "Posterior",
    "Rate",
    "Recipe",
    "Recovery",
    "RecoveryRegressor",
    "RecoveryWarning",
    "Refinement",
    "Route",
    "Run",
    "Samples",
    "StandardErrors",
    "Stop",
    "algorithm_1",
    "column_error",
    "descend",
    "exact_gauss_newton_step",
    "exact_jacobian",
    "exact_rank",
    "flippable",
    "free_parameters",
    "gauss_newton",
    "gram",
    "hermite_moment",
    "hermite_moments",
    "initialize",
    "input_moments",
    "is_even",
    "is_odd",
    "jacobian",
    "jacobian_rank",
    "joint_diagonalizer",
    "lack_of_fit",
    "leading_subspace",
    "least_squares_estimate",
    "least_squares_signs",
    "levenberg_marquardt",
    "low_moments",
    "moment_distances",
    "network_from_exact_moments",
    "network_moment",
    "noise_ratios",
    "normal_form",
    "paper_rates",
    "paper_starts",
    "posterior",
    "power_method",
    "projected_moment",
    "quadratic_fit",
    "random_starts",
    "rank_counts_units",
    "recover",
    "recovery_rates",
    "reflection",
    "reflection_holds",
    "residual_subspace",
    "root_ratio",
    "route",
    "same_after_reflection",
    "samples",
    "second_moment",
    "signs_and_magnitudes",
    "standard_errors",
    "subspace_starts",
    "tensor_directions",
    "tensor_initialize",
    "unbiased_and_bounded",
    "watched_descent",
]

if TYPE_CHECKING:
    from .regressor import RecoveryRegressor


def __getattr__(name: str) -> Any:
    if name == "RecoveryRegressor":  # scikit-learn is imported with it, and only then
        from .regressor import RecoveryRegressor

        return RecoveryRegressor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
