"""The landscape of the population risk: the risk, its Hessian at the teacher, and what makes that Hessian singular."""

from .adversary import flattest_units
from .bounds import (
    Conditioning,
    bound_holds,
    conditioning,
    conditioning_ball,
    smoothness_bound,
    smoothness_bound_ball,
    smoothness_bound_by_units,
    smoothness_bound_by_units_ball,
    strong_convexity_bound,
    strong_convexity_bound_ball,
    with_unit_rows,
)
from .flatness import (
    curvature_exact,
    is_singular,
    is_strongly_convex,
    linear_nullity,
    nullity,
    quadratic_nullity,
    symmetries_span_kernel,
)
from .hessian import hessian_at_teacher, hessian_at_teacher_ball, hessian_at_teacher_exact
from .identity import (
    SlopeMoments,
    expanded_mean_square,
    five_pieces,
    identity_holds,
    identity_holds_for,
    mean_square,
    polynomial_slope_moments,
    slope_moments,
    slope_moments_ball,
    slope_moments_exact,
)
from .instances import integer_teacher, integer_teachers
from .joint import joint_hessian_at_teacher, joint_hessian_at_teacher_ball, joint_hessian_at_teacher_exact
from .polynomial import polynomial_hessian
from .risk import risk, risk_exact
from .spectrum import (
    Level,
    orthonormal_spectrum,
    orthonormal_spectrum_ball,
    orthonormal_spectrum_exact,
    power_sums_agree,
    spectrum_agrees,
)
from .symmetries import rescale_unit, rotate_units, shift_units, symmetry_directions
from .tightness import TightestTeacher, bound_ratio, bound_ratio_ball, tightest_teacher

__all__ = [
    "Conditioning",
    "Level",
    "SlopeMoments",
    "TightestTeacher",
    "bound_holds",
    "bound_ratio",
    "bound_ratio_ball",
    "conditioning",
    "conditioning_ball",
    "curvature_exact",
    "expanded_mean_square",
    "five_pieces",
    "flattest_units",
    "hessian_at_teacher",
    "hessian_at_teacher_ball",
    "hessian_at_teacher_exact",
    "identity_holds",
    "identity_holds_for",
    "integer_teacher",
    "integer_teachers",
    "is_singular",
    "is_strongly_convex",
    "joint_hessian_at_teacher",
    "joint_hessian_at_teacher_ball",
    "joint_hessian_at_teacher_exact",
    "linear_nullity",
    "mean_square",
    "nullity",
    "orthonormal_spectrum",
    "orthonormal_spectrum_ball",
    "orthonormal_spectrum_exact",
    "polynomial_hessian",
    "polynomial_slope_moments",
    "power_sums_agree",
    "quadratic_nullity",
    "rescale_unit",
    "risk",
    "risk_exact",
    "rotate_units",
    "shift_units",
    "slope_moments",
    "slope_moments_ball",
    "slope_moments_exact",
    "smoothness_bound",
    "smoothness_bound_ball",
    "smoothness_bound_by_units",
    "smoothness_bound_by_units_ball",
    "spectrum_agrees",
    "strong_convexity_bound",
    "strong_convexity_bound_ball",
    "symmetries_span_kernel",
    "symmetry_directions",
    "tightest_teacher",
    "with_unit_rows",
]
