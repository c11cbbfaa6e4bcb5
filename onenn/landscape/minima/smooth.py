"""The two derivatives of K(w, u) = E[(w.x)_+ (u.x)_+] away from parallel units, proved in symbols.

2 pi K = r + (pi - t) b,   a = |w|^2,  b = w.u,  c = |u|^2,  r = sqrt(a c - b^2) = |w| |u| sin t,  t the angle;

with w' = w/|w| and e the direction of u across w, P the projector across w:

2 pi grad_w K = sin t |u|/|w| w + (pi - t) u,     2 pi grad_w^2 K = sin t |u|/|w| (P + e e^T),
2 pi grad_u grad_w K = (pi - t) I + sin t (cos t (w' w'^T - e e^T) + sin t (w' e^T + e w'^T)).

Chapter: spurious-minima.
"""

from __future__ import annotations

from typing import Any

from onenn.verdict import Verdict


def relu_derivatives_hold(*, sign: int = 1) -> Verdict:
    """The three formulas above, for all lengths and all angles strictly between 0 and pi.

    By the chain rule from the derivatives in a, b, c, in the plane of w and u and one direction across it; the angle
    enters as cos t = (1 - s^2)/(1 + s^2), s > 0. sign: that of cos t in the last formula; -1 is a wrong variant.
    Source: lem-minima-smooth.

    >>> relu_derivatives_hold() == Verdict.PROVED
    True
    """
    import sympy

    a, b, c, p, q, s = sympy.symbols("a b c p q s", positive=True)
    cosine, sine = (1 - s**2) / (1 + s**2), 2 * s / (1 + s**2)
    t = sympy.acos(b / sympy.sqrt(a * c))
    K = sympy.sqrt(a * c - b**2) + (sympy.pi - t) * b
    w, u = sympy.Matrix([p, 0, 0]), sympy.Matrix([q * cosine, q * sine, 0])

    def at(expression: Any) -> Any:
        value = expression.subs({a: p**2, c: q**2, b: p * q * cosine}, simultaneous=True)
        return sympy.simplify(value.replace(_is_root, lambda x: sympy.factor(x.base) ** x.exp))

    K_a, K_b = sympy.diff(K, a), sympy.diff(K, b)
    K_aa, K_ab, K_ac, K_bb, K_bc = (at(sympy.diff(f, x)) for f, x in ((K_a, a), (K_a, b), (K_a, c), (K_b, b), (K_b, c)))
    angle = sympy.pi - at(t)
    I, first, second = sympy.eye(3), sympy.Matrix([1, 0, 0]), sympy.Matrix([0, 1, 0])
    found = [
        2 * at(K_a) * w + at(K_b) * u,
        2 * at(K_a) * I + 4 * K_aa * w * w.T + 2 * K_ab * (w * u.T + u * w.T) + K_bb * u * u.T,
        at(K_b) * I + 2 * K_ab * w * w.T + 4 * K_ac * w * u.T + K_bb * u * w.T + 2 * K_bc * u * u.T,
    ]
    turned = first * second.T + second * first.T
    stated = [
        sine * q / p * w + angle * u,
        sine * q / p * (I - first * first.T + second * second.T),
        angle * I + sine * (sign * cosine * (first * first.T - second * second.T) + sine * turned),
    ]
    differences = [x for left, right in zip(found, stated, strict=True) for x in left - right]
    wrong = [x for x in differences if sympy.simplify(x) != 0]
    return Verdict.decided(not wrong, f"{len(differences)} entries of {len(stated)} formulas, {len(wrong)} wrong")


def _is_root(x: Any) -> bool:
    return bool(x.is_Pow and x.exp.is_Rational and x.exp.q == 2)
