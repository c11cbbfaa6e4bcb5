"""Rigorous numerics in ball arithmetic: enclosures, decisions, verified integrals, eigenvalues and zeros.

Nothing here knows an activation or a network, and nothing else in the package imports python-flint.
"""

from .adaptive import adaptive
from .context import BALLS, Ball, NoEnclosure, ball, interval, precision, square, working_precision
from .decide import contains, decide_adaptively, is_negative, is_positive, less
from .exact import kernel_dimension, rank, strictly_positive
from .integrate import gaussian_integral, integral
from .subdivide import maximum_on, minimum_on, positive_on

__all__ = [
    "BALLS",
    "Ball",
    "NoEnclosure",
    "adaptive",
    "ball",
    "contains",
    "decide_adaptively",
    "gaussian_integral",
    "integral",
    "interval",
    "is_negative",
    "is_positive",
    "kernel_dimension",
    "less",
    "maximum_on",
    "minimum_on",
    "positive_on",
    "precision",
    "rank",
    "square",
    "strictly_positive",
    "working_precision",
]
