"""The landscape of the population risk: the risk, its Hessian at the teacher, and what makes that Hessian singular."""

from .adversary import flattest_units
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
from .instances import integer_teacher, integer_teachers
from .joint import joint_hessian_at_teacher, joint_hessian_at_teacher_ball, joint_hessian_at_teacher_exact
from .polynomial import polynomial_hessian
from .risk import risk, risk_exact
from .symmetries import rescale_unit, rotate_units, shift_units, symmetry_directions

__all__ = [
    "curvature_exact",
    "flattest_units",
    "hessian_at_teacher",
    "hessian_at_teacher_ball",
    "hessian_at_teacher_exact",
    "integer_teacher",
    "integer_teachers",
    "is_singular",
    "is_strongly_convex",
    "joint_hessian_at_teacher",
    "joint_hessian_at_teacher_ball",
    "joint_hessian_at_teacher_exact",
    "linear_nullity",
    "nullity",
    "polynomial_hessian",
    "quadratic_nullity",
    "rescale_unit",
    "risk",
    "risk_exact",
    "rotate_units",
    "shift_units",
    "symmetries_span_kernel",
    "symmetry_directions",
]
