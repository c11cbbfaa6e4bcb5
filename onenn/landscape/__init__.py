"""The landscape of the population risk: the risk, its Hessian at the teacher, and what makes that Hessian singular."""

from .hessian import hessian_at_teacher, hessian_at_teacher_ball, hessian_at_teacher_exact
from .joint import joint_hessian_at_teacher, joint_hessian_at_teacher_ball, joint_hessian_at_teacher_exact
from .polynomial import polynomial_hessian
from .risk import risk, risk_exact
from .symmetries import integer_teacher, rescale_unit, rotate_units, shift_units, symmetry_directions

__all__ = [
    "hessian_at_teacher",
    "hessian_at_teacher_ball",
    "hessian_at_teacher_exact",
    "integer_teacher",
    "joint_hessian_at_teacher",
    "joint_hessian_at_teacher_ball",
    "joint_hessian_at_teacher_exact",
    "polynomial_hessian",
    "rescale_unit",
    "risk",
    "risk_exact",
    "rotate_units",
    "shift_units",
    "symmetry_directions",
]
