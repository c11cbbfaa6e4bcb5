"""One ReLU unit away from its teacher: the Hessian of the risk is not the mean of the almost-everywhere Hessian.

f(u) = E (relu(u.x) - relu(w.x))^2 / 2,   t the angle between u and w,   e the unit vector of the part of w across u:

Hess f(u) = I/2 - |w| sin t/(2 pi |u|) (I - u u^T/|u|^2 + e e^T),    mean of the a.e. Hessian: E 1{u.x > 0} x x^T = I/2.
Chapter: around-the-teacher.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from onenn import activation
from onenn.contexts import FLOATS, SYMBOLS
from onenn.rigorous import BALLS, Ball, ball, less, precision
from onenn.verdict import Verdict

Vector = list[Any]


def one_relu_eigenvalues(angle: Any, ratio: Any = 1, *, C: Any = FLOATS) -> tuple[Any, Any, Any]:
    """The eigenvalues of Hess f along u, along e, and across both (d - 2 times); ratio = |w|/|u|.

    1/2,   1/2 - ratio sin t/pi,   1/2 - ratio sin t/(2 pi).
    *Domain*: 0 <= angle <= pi; d = 1 has only the first, d = 2 the first two.  C: the context of the numbers.
    Source: thm-lsc-relu-away.

    >>> [round(float(x), 5) for x in one_relu_eigenvalues(1.0)]
    [0.5, 0.23215, 0.36608]
    """
    half = C.rational(Fraction(1, 2))
    loss = ratio * C.sin(angle) / (2 * C.pi)
    return half, half - 2 * loss, half - loss


def one_relu_hessian(u: Vector, w: Vector, *, C: Any = FLOATS) -> np.ndarray:
    """Hess f(u), an object array (d, d) of numbers of C; u and w lists of numbers of C.

    *Domain*: u != 0, w no multiple of u (there sin t = 0, and the Hessian is I/2).  *Law*: symmetric.
    Source: thm-lsc-relu-away.

    >>> one_relu_hessian([0.0, 1.0], [np.pi, 0.0]).astype(float).round(12).tolist()
    [[-0.5, 0.0], [0.0, 0.5]]
    """
    d = len(u)
    dot = lambda x, y: sum((a * b for a, b in zip(x, y, strict=True)), start=0)  # noqa: E731
    square = dot(u, u)
    across = [b - dot(u, w) / square * a for a, b in zip(u, w, strict=True)]  # its length is |w| sin t
    length = C.sqrt(dot(across, across))
    scale = 1 / (2 * C.pi * C.sqrt(square))
    H = np.empty((d, d), dtype=object)
    for i in range(d):
        for j in range(d):
            identity = int(i == j)
            jump = length * (identity - u[i] * u[j] / square) + across[i] * across[j] / length
            H[i, j] = C.rational(Fraction(identity, 2)) - scale * jump
    return H


def one_relu_risk(u: Vector, w: Vector, *, C: Any = FLOATS) -> Any:
    """f(u) from the closed dual of the ReLU; u and w as in `one_relu_hessian`.

    >>> float(one_relu_risk([1.0, 0.0], [1.0, 0.0]))
    0.0
    """
    dual = activation("relu").closed_forms.dual
    assert dual is not None
    a, b, c = (sum((s * t for s, t in zip(x, y, strict=True)), start=0) for x, y in ((u, u), (u, w), (w, w)))
    return (a / 2 + c / 2 - 2 * dual(C, a, b, c)) / 2


def second_difference_agrees(
    angle: str | int | Fraction, direction: tuple[int, ...], *, jump: bool = True, bits: int = 256
) -> Verdict:
    """|(f(u + ta) - 2 f(u) + f(u - ta))/t^2 - a^T Hess f a| < 1e-15 with t = 2^-64, for all Hessians on the segment.

    A second difference is a mean of second derivatives over the segment u + [-t, t] a, so both sides are enclosed, and
    the risk is the closed dual. u = (cos angle, sin angle, 0, ...), w = (1, 0, ...).
    `jump` False: I/2, the almost-everywhere Hessian, in place of Hess f, for a control.

    >>> [second_difference_agrees("0.5", (0, 1), jump=j).value for j in (True, False)]
    ['PROVED', 'REFUTED']
    """
    with precision(bits):
        d, t = len(direction), ball(Fraction(1, 2**64))
        u = [BALLS.cos(ball(angle)), BALLS.sin(ball(angle)), *[ball(0)] * (d - 2)]
        w = [ball(int(i == 0)) for i in range(d)]
        f = [one_relu_risk(_moved(u, s * t, direction), w, C=BALLS) for s in (-1, 0, 1)]
        a = np.array(direction, dtype=object)
        H = one_relu_hessian(_moved(u, (-t).union(t), direction), w, C=BALLS)
        second = a @ H @ a if jump else ball(Fraction(int(a @ a), 2))
        return less(abs((f[0] - 2 * f[1] + f[2]) / (t * t) - second), "1e-15")


def _moved(u: Vector, step: Ball, direction: tuple[int, ...]) -> Vector:
    return [x + step * s for x, s in zip(u, direction, strict=True)]


def one_relu_hessian_is_derived() -> Verdict:
    """Exact: the second derivatives of the closed risk are `one_relu_hessian`, at u = (x, y, 0) with symbols x, y > 0.

    w = (1, 0, 0). Rotations bring every pair with sin t > 0 into this position up to scale; further directions across
    the plane of u and w are as the third.

    >>> one_relu_hessian_is_derived() == Verdict.PROVED
    True
    """
    import sympy

    x, z = sympy.symbols("x z", real=True)
    y = sympy.Symbol("y", positive=True)
    u = (x, y, z)
    across = sympy.sqrt(y * y + z * z)  # |u| sin t; pi - t = pi/2 + atan(x/across)
    product = (across + (sympy.pi / 2 + sympy.atan(x / across)) * x) / (2 * sympy.pi)
    risk = (x * x + y * y + z * z + 1) / 4 - product
    H = one_relu_hessian([x, y, sympy.Integer(0)], [sympy.Integer(n) for n in (1, 0, 0)], C=SYMBOLS)
    pairs = [(i, j) for i in range(3) for j in range(i + 1)]
    defects = [sympy.simplify(sympy.diff(risk, u[i], u[j]).subs(z, 0) - H[i, j]) for i, j in pairs]
    return Verdict.decided(not any(defects), "six entries in the symbols x and y")
