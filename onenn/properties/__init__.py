"""The three properties of an activation, decided, and what the chapters on rho check of it."""

from .asymptotics import Asymptote, large_sigma, small_sigma
from .digits import printed_number, rounds_to, truncates_to
from .growth import P1, p1
from .nonlinearity import P2, p2, third_term_positive
from .positivity import rho_positive_on
from .smoothness import P3, p3

__all__ = [
    "P1",
    "P2",
    "P3",
    "Asymptote",
    "large_sigma",
    "p1",
    "p2",
    "p3",
    "printed_number",
    "rho_positive_on",
    "rounds_to",
    "small_sigma",
    "third_term_positive",
    "truncates_to",
]
