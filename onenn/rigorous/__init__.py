"""Rigorous numerics in ball arithmetic: enclosures, decisions, verified integrals, eigenvalues and zeros.

Nothing here knows an activation or a network, and nothing else in the package imports python-flint.
"""

from .adaptive import adaptive
from .context import BALLS, Ball, NoEnclosure, ball, interval, precision, square, working_precision
from .decide import contains, decide_adaptively, is_negative, is_positive, less
from .definite import is_positive_definite
from .eigenvalues import min_eigenvalue, symmetric_eigenvalues
from .exact import kernel_dimension, rank, strictly_positive
from .integrate import gaussian_integral, integral
from .krawczyk import Zero, krawczyk
from .linear import solve
from .matrix import ball_matrix
from .subdivide import maximum_on, minimum_on, positive_on

__all__ = [
    "BALLS",
    "Ball",
    "NoEnclosure",
    "Zero",
    "adaptive",
    "ball",
    "ball_matrix",
    "contains",
    "decide_adaptively",
    "gaussian_integral",
    "integral",
    "interval",
    "is_negative",
    "is_positive",
    "is_positive_definite",
    "kernel_dimension",
    "krawczyk",
    "less",
    "maximum_on",
    "min_eigenvalue",
    "minimum_on",
    "positive_on",
    "precision",
    "rank",
    "solve",
    "square",
    "strictly_positive",
    "symmetric_eigenvalues",
    "working_precision",
]
