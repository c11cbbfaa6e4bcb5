"""A certificate that this run of gradient descent converges, made before it starts from J_0 = J(W_0) and r_0.

s = sigma_min(J_0), L the Lipschitz constant of J, step eta <= 1/(2 beta^2), beta >= ||J|| on the ball |W - W_0| <= R.

half:   alpha = s/2, alpha^2 >= 2 L |r_0|:         |r_t|^2 <= (1 - eta alpha^2)^t |r_0|^2,  path <= R = 2 |r_0|/alpha,
        |r_t| + (alpha/2) path_t <= |r_0|.
sharp:  m = 2 - eta (beta^2 + L |r_0|) > 0, alpha^2 = s^2 - 4 L |r_0|/m > 0:  |r_t|^2 <= (1 - m eta alpha^2)^t |r_0|^2,
        path <= R = (s - alpha)/L,   |r_t| + (m/2)(s path_t - L path_t^2/2) <= |r_0|.

Chapter: moderate-overparameterization (thm-meta, thm-meta-sharp, cor-certificate).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from array_api_compat import array_namespace

from onenn.arrays import value_and_derivative
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.verdict import Verdict

from .bounds import curvature_bound, lipschitz_bound, slope_bound, spectral_bound
from .data import double, labels, positive, weights
from .flips import flip_certificate
from .jacobian import relative_doubt, singular_values
from .record import Certificate

if TYPE_CHECKING:
    from onenn.rigorous import Ball

    Number = float | Ball

FORMS = ("half", "sharp")


def certificate(net: OneHiddenLayer, X: Any, y: Any, *, step: float | None = None, form: str = "half") -> Certificate:
    """The certificate in floats. form: "half" (alpha^2 >= 2 L |r_0|), or "sharp", which accepts more.

    step: eta of W+ = W - eta J^T r, the gradient of |f(W) - y|^2/2; None: the largest allowed, 1/(2 beta^2).
    *Shapes*: X (n, d), y (n,), NumPy or torch; computed in float64.
    PROVED holds for exact arithmetic, up to the rounding of the floats it is made of: `certificate_ball` has none. For
    a phi with slopes that jump (ReLU, leaky ReLU) the route of sign flips is taken instead (`flips`); form is ignored.
    Raises: ValueError on wrong shapes, nan, inf, unequal lengths, another form, step <= 0; where phi'' is unbounded.
    Source: cor-certificate.

    >>> net = OneHiddenLayer([[0.0, 1.0]], [1.0], "softplus")
    >>> certificate(net, [[1.0, 0.0]], [0.6]).verdict == Verdict.PROVED
    True
    >>> certificate(net, [[1.0, 0.0]], [-1.0]).verdict
    UNDECIDED (alpha^2 is 0.073827 of the 2 L |r_0| it must reach: a factor 13.5452 is missing)
    """
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; expected 'half' or 'sharp'")
    if step is not None:
        step = float(positive(step, "step"))
    data, W, v, xp = weights(net, double(X)[0])
    misfit = _misfit(net, data, W, v, labels(y, data, xp))
    if curvature_bound(net.phi) is None:
        return flip_certificate(net, data, misfit, step)
    extremes = singular_values(net, data)
    bound = None if slope_bound(net.phi) is None else spectral_bound(net, data)
    doubt = relative_doubt(extremes, len(data))
    return promise(
        FLOATS,
        form,
        least=extremes.least,
        norm=extremes.largest,
        L=lipschitz_bound(net, data),
        misfit=misfit,
        bound=bound,
        step=step,
        less=lambda x, y: less_floats(x, y, doubt),
    )


def _misfit(net: OneHiddenLayer, X: Any, W: Any, v: Any, y: Any) -> float:
    """|f(W) - y| and all that rounding may have taken from it: where labels are met to 15 digits that is all there is.

    As in lem-float-step, with the slopes at W.
    """
    xp: Any = array_namespace(X)
    Z, length = X @ W.T, xp.linalg.vector_norm
    values, slopes = value_and_derivative(net.phi, Z)
    terms = xp.abs(values) @ xp.abs(v)
    moved = length(X, axis=1) * ((0 * Z + abs(slopes)) @ (xp.abs(v) * length(W, axis=1)))
    lost = (net.k + 8) * terms + (net.d + 8) * moved + xp.abs(y)
    return float(length(values @ v - y)) + 2.0**-53 * float(length(lost))


def less_floats(x: float, y: float, doubt: float = 0.0) -> Verdict:
    """x < y for floats, UNDECIDED within a relative 1e-9 and more where a part `doubt` of sigma_min may be rounding."""
    if abs(x - y) <= (1e-9 + 2 * doubt) * max(abs(x), abs(y)):
        return Verdict.UNDECIDED.because(f"{x} and {y} agree up to rounding")
    return Verdict.decided(bool(x < y))


def promise(
    C: Any, form: str, *, least: Any, norm: Any, L: Any, misfit: Any, bound: Any, step: Any, less: Any
) -> Certificate:
    """The formulas of the module, over the number context C with its comparison `less`; bound: beta for all W."""
    farthest = least if form == "sharp" else least / 2  # L R stays below it
    beta = smaller(norm + farthest, bound)
    limit = divided(1, 2 * beta * beta)
    eta = step if step is not None else limit if beta > 0 else 1 + 0 * beta  # J = 0: no step moves anything
    strength = L * misfit
    if form == "half":
        alpha = least / 2
        have, need, factor = alpha * alpha, 2 * strength, 1
        # where alpha is 0 nothing is promised, and the quotient is infinite or not a number
        radius = divided(2 * misfit, alpha)
        slope, bend = alpha / 2, 0 * alpha
    else:
        m = 2 - eta * (beta * beta + strength)
        m = m if m > 0 else 0 * m  # nothing is promised then: divided by m < 0, the condition would turn round
        have, need, factor = least * least, divided(4 * strength, m), m
        alpha = C.sqrt_nonnegative(have - need)
        radius = divided(divided(4 * misfit, m), least + alpha)
        slope, bend = m * least / 2, m * L / 4
    rate = C.sqrt_nonnegative(1 - factor * eta * alpha * alpha)
    ratio = divided(have, need)
    enough = less(need, have)
    short = Verdict.PROVED if step is None else not_less(less, limit, eta)
    broken = None
    if less(0 * least, least) != Verdict.PROVED:
        broken = f"sigma_min(J_0) is {shown(least)}, not known to be positive: equal inputs, or too few parameters?"
    elif not factor > 0:
        broken = "m = 2 - eta (beta^2 + L |r_0|) is not known to be positive: take a smaller step"
    verdict = _verdict(form, enough, short, broken, ratio=ratio, eta=eta, limit=limit)
    return Certificate(
        verdict=verdict,
        form=form,
        ratio=ratio,
        least=least,
        norm=norm,
        lipschitz=L,
        misfit=misfit,
        alpha=alpha,
        radius=radius,
        beta=beta,
        step=eta,
        step_limit=limit,
        rate=rate,
        slope=slope,
        bend=bend,
    )


def smaller(x: Any, bound: Any) -> Any:
    """min(x, bound), bound None for none."""
    if bound is None:
        return x
    return min(x, bound) if isinstance(x, float) else x.min(bound)


def divided(x: Any, y: Any) -> Any:
    """x/y; for floats inf where y is 0 (nan is no promise)."""
    if isinstance(y, (int, float)):
        return x / y if y else float("inf")
    return x / y


def not_less(less: Any, x: Any, y: Any) -> Verdict:
    """x >= y: for floats up to a rounding, so that the limit itself is allowed."""
    if isinstance(x, float):
        return Verdict.decided(bool(y <= x * (1 + 1e-12)))
    answer = less(x, y)
    if answer == Verdict.UNDECIDED:
        return answer
    return (Verdict.REFUTED if answer == Verdict.PROVED else Verdict.PROVED).because(answer.reason)


def shown(x: Any) -> str:
    """Six digits of a float or a ball."""
    return f"{x:.6g}" if isinstance(x, (int, float)) else x.str(6, radius=False)


def _verdict(
    form: str, enough: Verdict, short: Verdict, broken: str | None, *, ratio: Any, eta: Any, limit: Any
) -> Verdict:
    left, right = ("alpha^2", "2 L |r_0|") if form == "half" else ("sigma_min(J_0)^2", "4 L |r_0|/m")
    if short != Verdict.PROVED:
        return Verdict.UNDECIDED.because(f"step is {shown(eta)}; expected at most {shown(limit)}")
    if broken:
        return Verdict.UNDECIDED.because(broken)
    if enough == Verdict.PROVED:
        return Verdict.PROVED.because(f"{left} is {shown(ratio)} times {right}")
    if enough == Verdict.UNDECIDED:
        return Verdict.UNDECIDED.because(f"{left} and {right} are too near to each other: {enough.reason}")
    missing = divided(1.0, ratio) if isinstance(ratio, float) else 1 / ratio
    return Verdict.UNDECIDED.because(
        f"{left} is {shown(ratio)} of the {right} it must reach: a factor {shown(missing)} is missing"
    )
