"""Signs, suprema and unboundedness of phi' and phi'' over the whole line, by symbols and by balls.

sup over (0, oo)  =  max(sup over [0, R], sup over the tail),   the tail bounded by the activation's own formula.
Chapter: activation-properties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from onenn.activations import Activation
from onenn.rigorous import BALLS, Ball, ball, maximum_on, positive_on, strictly_positive
from onenn.rigorous.symbolic import expression_ball
from onenn.verdict import Verdict

from .segments import Segment, on_ball, segments, symbol

NO_TAILS = "pass tails=Tails(...), bounds of phi' and phi'' beyond some radius, to register_activation"
_RELATIVE = Fraction(1, 10**12)
_LARGEST_RADIUS = 2**30
_MAX_PIECES = 20_000
_LOOKS = (0, 1, 50, 10**12)


def negative_point(segment: Segment, kind: str = "derivative") -> Fraction | None:
    """A rational t with phi'(side t) < 0, proved in balls; None when the sample has none."""
    f = segment.on_balls(kind)
    return next((t for t in segment.sample() if f(ball(t)) < 0), None)


def nonnegative(phi: Activation) -> Verdict:
    """phi' >= 0 on every segment; PROVED by the signs of its terms or by balls and tails, REFUTED by a point."""
    reasons: set[str] = set()
    for segment in segments(phi):
        point = negative_point(segment)
        if point is not None:
            value = segment.on_balls("derivative")(ball(point))
            return Verdict.REFUTED.because(f"phi'({segment.side * point}) = {value.str(6)} < 0")
        if segment.slope.is_nonnegative:
            reasons.add("phi' >= 0 by the signs of its terms")
            continue
        if _affine_and_nonnegative(segment):
            reasons.add(f"phi' is affine for {segment} and >= 0 at both ends")
            continue
        verdict = _nonnegative_by_balls(phi, segment)
        if verdict != Verdict.PROVED:
            return verdict
        reasons.add(f"phi' > 0 by balls for {segment}")
    return Verdict.PROVED.because("; ".join(sorted(reasons)))


def _affine_and_nonnegative(segment: Segment) -> bool:
    """Whether phi' is affine between rational ends and >= 0 at both: balls cannot tell a zero at an end from a sign."""
    ends = (segment.low, segment.high)
    if not segment.is_polynomial() or len(segment.coefficients()) > 2 or not all(isinstance(t, Fraction) for t in ends):
        return False
    return all(segment.slope.subs(symbol(), t).is_nonnegative is True for t in ends)


def _nonnegative_by_balls(phi: Activation, segment: Segment) -> Verdict:
    f = segment.on_balls("derivative")
    if segment.high is not None:
        return positive_on(f, segment.low, segment.high)
    if phi.tails is None:
        return Verdict.UNDECIDED.because(f"the sign of phi' is not known for {segment}: {NO_TAILS}")
    tail = phi.tails.derivative_right if segment.side > 0 else phi.tails.derivative_left
    R = _first_radius(phi, segment)
    while R < _LARGEST_RADIUS and not tail(BALLS, ball(R))[0] >= 0:
        R *= 2
    lower = tail(BALLS, ball(R))[0]
    if not lower >= 0:
        return Verdict.UNDECIDED.because(f"the tail's lower bound {lower} beyond {R} is not >= 0")
    return positive_on(f, segment.low, R)


def _first_radius(phi: Activation, segment: Segment) -> int:
    start = ball(phi.tails.start if phi.tails else 0)
    R = 1
    while not (ball(R) >= start and ball(R) > ball(segment.low)):
        R *= 2
    return R


def supremum(phi: Activation, kind: str, sign: int = 1) -> Ball | str:
    """The supremum over the line of sign * phi' or sign * phi'' (kind "derivative", "second_derivative"), as a ball.

    Exact where the function is constant on a segment. Where something is missing, the text that says what.
    """
    best: list[Ball] = []
    for segment in segments(phi):
        expression = segment.slope if kind == "derivative" else segment.curvature
        if not expression.free_symbols:
            best.append(sign * expression_ball(expression))
            continue
        function = segment.on_balls(kind)
        f = _times(sign, function)
        if segment.high is not None:
            best.append(_compact_maximum(f, segment, ball(segment.high), _slope_of(segment, kind, sign)))
            continue
        if phi.tails is None:
            return NO_TAILS
        best.append(_unbounded_maximum(phi, segment, kind, sign))
    return largest(best)


def _times(sign: int, f: Callable[[Ball], Ball]) -> Callable[[Ball], Ball]:
    return f if sign > 0 else lambda t: -f(t)


def largest(balls: Iterable[Ball]) -> Ball:
    """The ball of the maximum."""
    result = None
    for x in balls:
        result = x if result is None else result.max(x)
    assert result is not None
    return result


def _slope_of(segment: Segment, kind: str, sign: int) -> Callable[[Ball], Ball]:
    """The derivative in t of sign * phi'(side t) or sign * phi''(side t): it makes branch and bound quick."""
    import sympy

    order, factor = (1, sign) if kind == "derivative" else (2, sign * segment.side)
    slope = factor * sympy.diff(segment.slope, symbol(), order)
    return lambda t: on_ball(slope, t)


def _compact_maximum(
    f: Callable[[Ball], Ball], segment: Segment, end: Ball, derivative: Callable[[Ball], Ball]
) -> Ball:
    low = ball(segment.low)
    values = [f(low + (end - low) * k / 16) for k in range(17)]
    scale = max((float(abs(y.mid())) for y in values if y.is_finite()), default=1.0)
    tolerance = ball(_RELATIVE) * ball(Fraction(max(scale, 1e-300)))
    return maximum_on(f, low, end, tolerance, derivative=derivative, max_pieces=_MAX_PIECES, bits=64)


def _unbounded_maximum(phi: Activation, segment: Segment, kind: str, sign: int) -> Ball:
    tails = phi.tails
    assert tails is not None
    side = "right" if segment.side > 0 else "left"
    bounds = getattr(tails, f"{'derivative' if kind == 'derivative' else 'second'}_{side}")
    f = _times(sign, segment.on_balls(kind))
    R = _first_radius(phi, segment)
    while True:
        low, high = bounds(BALLS, ball(R))
        low, high = (low, high) if sign > 0 else (-high, -low)
        low, high = ball(low), ball(high)
        inside = [f(ball(segment.low) + (ball(R) - ball(segment.low)) * k / 16) for k in range(17)]
        negligible = ball(_RELATIVE) * largest(abs(y) for y in inside)
        # the tail must be below a value inside, or as narrow as what the compact part will give, or too small to matter
        if R >= _LARGEST_RADIUS or any(y > high for y in inside) or high - low <= negligible:
            break
        R *= 2
    on_tail = low.union(high)
    return largest([_compact_maximum(f, segment, ball(R), _slope_of(segment, kind, sign)), on_tail])


def exceeds_every_bound(segment: Segment, expression: Any, power: int = 0) -> str | None:
    """The witness that |expression| / t^power is unbounded: a formula for t, with a value > L t^power for all L >= 0.

    Proved by derivatives in L: g > 0 on [0, oo) when g(0) > 0 and g' > 0 there, the last one by the signs of its terms.
    """
    import sympy

    if segment.high is not None:
        return None
    L = sympy.Symbol("L", positive=True)
    for sign in (1, -1):
        for c in (1, 2, 4, 16, 256):
            at = c * (1 + L)
            # a look at some L first: the symbolic proof of a false claim may take for ever
            looks = {x: sign * expression_ball(expression.subs(symbol(), at.subs(L, x))) for x in _LOOKS}
            if not all(y > x * (c * (1 + x)) ** power for x, y in looks.items()):
                continue
            g = sympy.expand(sign * expression.subs(symbol(), at) - L * at**power)
            if _positive_by_derivatives(g, L):
                return "1 + L" if c == segment.side == 1 else f"{c * segment.side} (1 + L)".replace("-1 (", "-(")
    return None


def _positive_by_derivatives(g: Any, L: Any) -> bool:
    import sympy

    for _ in range(8):
        if g.is_positive:
            return True
        if strictly_positive(g.subs(L, 0)) != Verdict.PROVED:
            return False
        g = sympy.expand(sympy.diff(g, L))
    return False
