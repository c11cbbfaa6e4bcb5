"""Diverse units: extended features, kernels on the sphere, discrepancy and its regulariser."""

from .discrepancy import (
    discrepancy,
    mean_squared_discrepancy,
    squared_discrepancy,
    squared_discrepancy_ball,
    variance_squared_discrepancy,
)
from .features import expected_gram, extended_features, feature_gram, least_eigenvalue, smallest_singular_value
from .gram_bounds import (
    RandomBound,
    coherence_bound,
    coherence_quantile,
    random_data_bound,
    random_weights_bound,
    schur_bound,
)
from .harmonics import multiplicities
from .inputs import uniform_inputs
from .kernels import (
    KERNELS,
    SphereKernel,
    integrated_eigenvalue_ball,
    kernel_eigenvalues,
    kernel_eigenvalues_ball,
    kernel_eigenvalues_exact,
    ordered_eigenvalue,
    sphere_kernel,
)
from .minimizers import (
    cross_polytope,
    cross_polytope_bound,
    icosahedron,
    minimal_squared_discrepancy,
    polygon,
    simplex,
    simplex_bound,
    spectral_bound,
    squared_discrepancy_bound,
)
from .one_sided import LargestDiscrepancy, largest_discrepancy_bounds, one_sided_input, wendel_probability
from .printed import concluded_bound, eigenvalue_lemma_on, printed_failure_probability, rayleigh_ball
from .rational import feature_rank, rational_sphere_points
from .regularizer import Regularizer, diversify, regularizer
from .spurious import ExactPoint, Instance, by_hand, drawn_instance, exact_point, fitted_weights

__all__ = [
    "KERNELS",
    "ExactPoint",
    "Instance",
    "LargestDiscrepancy",
    "RandomBound",
    "Regularizer",
    "SphereKernel",
    "by_hand",
    "coherence_bound",
    "coherence_quantile",
    "concluded_bound",
    "cross_polytope",
    "cross_polytope_bound",
    "discrepancy",
    "diversify",
    "drawn_instance",
    "eigenvalue_lemma_on",
    "exact_point",
    "expected_gram",
    "extended_features",
    "feature_gram",
    "feature_rank",
    "fitted_weights",
    "icosahedron",
    "integrated_eigenvalue_ball",
    "kernel_eigenvalues",
    "kernel_eigenvalues_ball",
    "kernel_eigenvalues_exact",
    "largest_discrepancy_bounds",
    "least_eigenvalue",
    "mean_squared_discrepancy",
    "minimal_squared_discrepancy",
    "multiplicities",
    "one_sided_input",
    "ordered_eigenvalue",
    "polygon",
    "printed_failure_probability",
    "random_data_bound",
    "random_weights_bound",
    "rational_sphere_points",
    "rayleigh_ball",
    "regularizer",
    "schur_bound",
    "simplex",
    "simplex_bound",
    "smallest_singular_value",
    "spectral_bound",
    "sphere_kernel",
    "squared_discrepancy",
    "squared_discrepancy_ball",
    "squared_discrepancy_bound",
    "uniform_inputs",
    "variance_squared_discrepancy",
    "wendel_probability",
]
