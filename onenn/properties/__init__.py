"""The three properties of an activation, decided: P1, P2, P3, and rho > 0 on intervals.   Chapter: activation-properties."""

from .positivity import rho_positive_on

__all__ = ["rho_positive_on"]
