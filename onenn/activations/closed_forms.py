"""What is elementary about an activation: moments, residual variances, Hermite coefficients, dual activations.

alpha_q(s) = E[phi'(s z) z^q],  beta_q(s) = E[phi'(s z)^2 z^q],  gamma_j(s) = E[phi(s z) z^j].
Chapter: activation-properties.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..contexts import Constant
from .constants import absolute, power, product, sign
from .pair import Pair

ContextFunction = Callable[..., Any]
"""A formula over a number context C: (C, z), (C, q, s), (C, a, b, c); None is returned where there is no formula."""


@dataclass(frozen=True, kw_only=True)
class ClosedForms:
    """Formulas for z, g ~ N(0, 1) and (u, v) ~ N(0, [[a, b], [b, c]]), s > 0; a missing one is None or returns None.

    alpha(C, q, s) = E[phi'(s z) z^q];  beta(C, q, s) = E[phi'(s z)^2 z^q];  gamma(C, j, s) = E[phi(s z) z^j];
    residual(C, i, s) = T_i, i = 1, 2, 3, written so that nothing cancels;
    hermite(C, r, s) = E[phi'(s g) He_r(g)] / sqrt(r!);
    dual(C, a, b, c) = E[phi(u) phi(v)];  dual_derivative(C, a, b, c) = E[phi'(u) phi'(v)];
    dual_derivative_gradient(C, a, b, c) = its partial derivatives in (a, b, c);
    pair(C, a, b, c, root) = the Pair of onenn.activations.pair, for vectors with these products, root = sqrt(ac - b^2).
    *Domain* of the last four: a, c > 0; of the gradient also b^2 < a c.
    """

    alpha: ContextFunction | None = None
    beta: ContextFunction | None = None
    gamma: ContextFunction | None = None
    residual: ContextFunction | None = None
    hermite: ContextFunction | None = None
    dual: ContextFunction | None = None
    dual_derivative: ContextFunction | None = None
    dual_derivative_gradient: ContextFunction | None = None
    pair: Callable[..., Pair] | None = None

    def scaled(self, output: Constant, input: Constant) -> ClosedForms:
        """The closed forms of output * phi(input z).

        A negative input reflects z, which only changes the sign of the odd moments.
        """
        slope = product(output, input)
        b, reflected = absolute(input), sign(input) < 0

        def of_scale(form: ContextFunction | None, factor: Constant, reflects: bool = True) -> ContextFunction | None:
            if form is None:
                return None

            def at(C: Any, q: int, s: Any) -> Any:
                value = form(C, q, C.number(b) * s)
                if value is None:
                    return None
                value = C.number(factor) * value
                return -value if reflects and reflected and q % 2 else value

            return at

        def of_covariance(form: ContextFunction | None, factor: Constant) -> ContextFunction | None:
            if form is None:
                return None

            def at(C: Any, *covariance: Any) -> Any:
                square = C.number(power(b, 2))
                value = form(C, *(square * entry for entry in covariance))
                if value is None:
                    return None
                if isinstance(value, tuple):
                    return tuple(C.number(factor) * entry for entry in value)
                return C.number(factor) * value

            return at

        def of_pair(form: Callable[..., Pair] | None) -> Callable[..., Pair] | None:
            if form is None:
                return None

            def at(C: Any, *products: Any) -> Pair:
                square = C.number(power(b, 2))
                return form(C, *(square * x for x in products)).scaled(C, output, input)

            return at

        return ClosedForms(
            alpha=of_scale(self.alpha, slope),
            beta=of_scale(self.beta, power(slope, 2)),
            gamma=of_scale(self.gamma, output),
            residual=of_scale(self.residual, power(slope, 2), reflects=False),
            hermite=of_scale(self.hermite, slope),
            dual=of_covariance(self.dual, power(output, 2)),
            dual_derivative=of_covariance(self.dual_derivative, power(slope, 2)),
            dual_derivative_gradient=of_covariance(
                self.dual_derivative_gradient, product(power(slope, 2), power(input, 2))
            ),
            pair=of_pair(self.pair),
        )
