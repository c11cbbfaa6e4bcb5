"""The closed forms of an activation as SymPy expressions in sigma > 0:  closed_form("erf").T1.

Chapter: rho-closed-forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..activations import Activation, activation
from ..contexts import SYMBOLS


@dataclass(frozen=True, kw_only=True)
class ClosedFormRecord:
    """SymPy expressions in the positive symbol `sigma`; None where there is no elementary form.

    alpha = (alpha_0, alpha_1, alpha_2), beta likewise, gamma = (gamma_0, ..., gamma_4).
    """

    sigma: Any
    alpha: tuple
    beta: tuple
    gamma: tuple
    T1: Any
    T2: Any
    T3: Any


def closed_form(phi: Activation | str) -> ClosedFormRecord:
    """alpha_q, beta_q, gamma_j, T1, T2, T3 of phi as exact expressions.

    *Law*: T1 = beta_0 - alpha_0^2 - alpha_1^2, T2 = beta_2 - alpha_1^2 - alpha_2^2, T3 = alpha_0 alpha_2 - alpha_1^2.
    Source: prp-closed-forms, chapter rho-closed-forms.

    >>> closed_form("squared_relu").T3
    sigma**2*(-1 + 4/pi)
    >>> closed_form("linear").T1
    0
    """
    phi = activation(phi)
    sigma = SYMBOLS.Symbol("sigma", positive=True)
    forms = phi.closed_forms

    def expressions(form: Any, indices: range) -> tuple:
        return tuple(None if form is None else form(SYMBOLS, index, sigma) for index in indices)

    a, b = expressions(forms.alpha, range(3)), expressions(forms.beta, range(3))

    def difference(*needed: Any, by: Any) -> Any:
        return None if any(x is None for x in needed) else by(*needed)

    T1, T2, T3 = expressions(forms.residual, range(1, 4))
    if T1 is None:
        T1 = difference(b[0], a[0], a[1], by=lambda x, y, z: x - y**2 - z**2)
    if T2 is None:
        T2 = difference(b[2], a[1], a[2], by=lambda x, y, z: x - y**2 - z**2)
    if T3 is None:
        T3 = difference(a[0], a[1], a[2], by=lambda x, y, z: x * z - y**2)
    return ClosedFormRecord(sigma=sigma, alpha=a, beta=b, gamma=expressions(forms.gamma, range(5)), T1=T1, T2=T2, T3=T3)
