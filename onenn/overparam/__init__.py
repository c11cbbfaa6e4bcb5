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
from .certificate import certificate
from .certificate_ball import certificate_ball
from .corridor import stays_inside
from .data import normalized, unit_inputs
from .exact_run import ExactRun, exact_run, rounded_step_error
from .flips import flip_count, flip_deviation, flips_within, most_flips_is
from .gauss_newton import gauss_newton
from .identities import (
    exact_inputs,
    gram_identity_holds,
    hermite_bound_holds,
    kernel_ball,
    khatri_rao_rank,
    lipschitz_bound_holds,
    polynomial_jacobian,
    series_bound_holds,
    spectral_bound_holds,
    width_suffices,
)
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
from .later import LaterResult, first_width, half_mean_width, later_results, separation
from .overlaps import fourth_moment, overlap_moment, overlaps_bound_holds, sphere_moment, walk_average, walks_agree
from .random_inputs import deviation_bound, promised_harmonic_mean, promised_inputs, room
from .record import Certificate
from .rounding import Allowance, rounding_allowance
from .run import Run
from .stochastic import mean_square_after, step_contracts
from .stochastic_ball import StochasticCertificate, network_step_contracts, stochastic_certificate
from .theorem import (
    chernoff_failure,
    printed_constant_suffices,
    printed_width,
    promised_rate,
    relu_constant_suffices,
    relu_forms_agree,
    relu_width,
    smooth_theorem_kept,
    smooth_width,
)
from .train import default_step, train, train_many
from .transition import fitted, threshold

__all__ = [
    "Allowance",
    "Certificate",
    "ExactRun",
    "Extremes",
    "HermiteBound",
    "LaterResult",
    "Run",
    "StochasticCertificate",
    "certificate",
    "certificate_ball",
    "chernoff_failure",
    "curvature_bound",
    "default_step",
    "deviation_bound",
    "exact_inputs",
    "exact_run",
    "expected_kernel",
    "first_width",
    "fitted",
    "flip_count",
    "flip_deviation",
    "flips_within",
    "fourth_moment",
    "gauss_newton",
    "gram_identity_holds",
    "half_mean_width",
    "hermite_bound_holds",
    "hermite_bounds",
    "jacobian",
    "jacobian_gram",
    "kappa",
    "kernel_ball",
    "khatri_rao",
    "khatri_rao_gram",
    "khatri_rao_rank",
    "khatri_rao_singular_value",
    "later_results",
    "least_eigenvalue",
    "limit_beyond_wall",
    "limit_eigenvalue",
    "lipschitz_bound",
    "lipschitz_bound_holds",
    "mean_square_after",
    "misfit_bound",
    "misfit_failure",
    "most_flips_is",
    "network_step_contracts",
    "norm",
    "normalized",
    "output_scale",
    "overlap_moment",
    "overlaps_bound_holds",
    "paired_units",
    "partial_bound",
    "polynomial_jacobian",
    "printed_constant_suffices",
    "printed_width",
    "promised_harmonic_mean",
    "promised_inputs",
    "promised_rate",
    "random_inputs_law",
    "random_signs",
    "rank_wall",
    "relu_constant_suffices",
    "relu_forms_agree",
    "relu_width",
    "room",
    "rounded_step_error",
    "rounding_allowance",
    "separation",
    "series_bound_holds",
    "series_error",
    "signed_halves",
    "singular_values",
    "slope_bound",
    "smooth_theorem_kept",
    "smooth_width",
    "spectral_bound",
    "spectral_bound_holds",
    "sphere_moment",
    "stays_inside",
    "step_contracts",
    "stochastic_certificate",
    "threshold",
    "train",
    "train_many",
    "unit_inputs",
    "walk_average",
    "walks_agree",
    "width_suffices",
]
