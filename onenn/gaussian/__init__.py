"""Gaussian moments of an activation, Hermite coefficients and duals: as floats, balls and exact expressions."""

from __future__ import annotations

import importlib
from typing import Any

from .dual import dual, dual_derivative
from .hermite import hermite
from .moments import T, alpha, beta, gamma, rho

_LATER = {
    "alpha_ball": "balls",
    "beta_ball": "balls",
    "rho_ball": "balls",
    "T_ball": "balls",
    "closed_form": "closed",
    "ClosedFormRecord": "closed",
}

__all__ = ["T", "alpha", "beta", "dual", "dual_derivative", "gamma", "hermite", "rho"]


def __getattr__(name: str) -> Any:
    # python-flint and SymPy are loaded with the first name that needs them
    if name not in _LATER:
        raise AttributeError(
            f"module 'onenn.gaussian' has no attribute {name!r}; it has {', '.join([*__all__, *_LATER])}"
        )
    value = getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
