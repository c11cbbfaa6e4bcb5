"""Moderate overparameterization: the Jacobian and its kernel, certificates for runs that converge, training."""

from .bounds import (
    curvature_bound,
    lipschitz_bound,
    misfit_bound,
    misfit_failure,
    norm,
    slope_bound,
    spectral_bound,
)
from .certificate import Certificate, certificate
from .certificate_ball import certificate_ball
from .corridor import rounding_allowance, stays_inside
from .data import normalized, unit_inputs
from .flips import flip_deviation, flips_within
from .initial import output_scale, paired_units, random_signs, signed_halves
from .jacobian import Extremes, jacobian, jacobian_gram, singular_values
from .kernel import (
    HermiteBound,
    expected_kernel,
    hermite_bounds,
    least_eigenvalue,
    limit_beyond_wall,
    limit_eigenvalue,
    partial_bound,
    series_error,
)
from .khatri_rao import kappa, khatri_rao, khatri_rao_gram, khatri_rao_singular_value, random_inputs_law, rank_wall
from .run import Run
from .train import default_step, train, train_many

__all__ = [
    "Certificate",
    "Extremes",
    "HermiteBound",
    "Run",
    "certificate",
    "certificate_ball",
    "curvature_bound",
    "default_step",
    "expected_kernel",
    "flip_deviation",
    "flips_within",
    "hermite_bounds",
    "jacobian",
    "jacobian_gram",
    "kappa",
    "khatri_rao",
    "khatri_rao_gram",
    "khatri_rao_singular_value",
    "least_eigenvalue",
    "limit_beyond_wall",
    "limit_eigenvalue",
    "lipschitz_bound",
    "misfit_bound",
    "misfit_failure",
    "norm",
    "normalized",
    "output_scale",
    "paired_units",
    "partial_bound",
    "random_inputs_law",
    "random_signs",
    "rank_wall",
    "rounding_allowance",
    "series_error",
    "signed_halves",
    "singular_values",
    "slope_bound",
    "spectral_bound",
    "stays_inside",
    "train",
    "train_many",
    "unit_inputs",
]
