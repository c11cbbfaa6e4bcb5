"""The tails of a Gaussian integral, bounded in closed form from |f(x)| <= L (1 + |x|^p) e^(r|x|).

int_T^oo z^n e^(cz) phi(z) dz = e^(c^2/2) sum_k binom(n, k) c^(n-k) J_k(T - c),     J_k(a) = int_a^oo u^k phi(u) du,
J_0(a) <= phi(a)/a,     J_1(a) = phi(a),     J_k(a) = a^(k-1) phi(a) + (k-1) J_(k-2)(a)      (phi the normal density).
"""

from __future__ import annotations

import math
from typing import Any

from flint import arb

from .context import ball


class Tail:
    """Bounds on |f(sigma z)|^m |z|^power phi(z) for growth = (L, p) or (L, p, r) and every sigma <= s.

    Raises: ValueError when growth is not such a tuple with L, r >= 0 and an int p >= 0; TypeError on floats.
    """

    def __init__(self, growth: tuple[Any, ...], s: arb, power: int, m: int) -> None:
        if len(growth) not in (2, 3):
            raise ValueError(f"growth is {growth}; expected (L, p) or (L, p, r) with |f(x)| <= L (1 + |x|^p) e^(r|x|)")
        self.L, self.p = ball(growth[0], "L"), growth[1]
        r = ball(growth[2], "r") if len(growth) == 3 else arb(0)
        if (
            not isinstance(self.p, int)
            or self.p < 0
            or not (self.L >= 0 and r >= 0 and self.L.is_finite() and r.is_finite())
        ):
            raise ValueError(f"growth is {growth}; expected L >= 0, an int p >= 0 and r >= 0")
        self.s, self.power, self.m, self.r = s, power, m, r
        self.c = (m * r * s).upper()

    def pointwise(self, x: arb, z: arb) -> arb:
        """An upper bound on |f(x)|^m |z|^power for x and z in these balls."""
        largest = x.abs_upper()
        f = self.L * (1 + _power(largest, self.p)) * (self.r * largest).exp()
        return (_power(f, self.m) * _power(z.abs_upper(), self.power)).upper()

    def beyond(self, T: arb) -> arb:
        """An upper bound on the two tails beyond +-T, for T > m r s."""
        a, c, m, p = T - self.c, self.c, self.m, self.p
        weight = ((c * c - a * a) / 2).exp() / (2 * arb.pi()).sqrt()
        J = [weight / a, weight]
        for k in range(2, m * p + self.power + 1):
            J.append(_power(a, k - 1) * weight + (k - 1) * J[k - 2])
        total = arb(0)
        for j in range(m + 1):  # (1 + x^p)^m term by term
            n = j * p + self.power
            moment = sum((math.comb(n, k) * _power(c, n - k) * J[k] for k in range(n + 1)), arb(0))
            total += math.comb(m, j) * _power(self.s, j * p) * moment
        return (2 * _power(self.L, m) * total).upper()

    def cut(self, bits: int) -> arb:
        """A whole number T beyond which at most 2^-bits is left."""
        c = float(self.c)
        T = arb(math.ceil(c + math.sqrt(2 * math.log(2) * bits + c * c) + 1))
        goal = arb(2) ** (-bits)
        while not self.beyond(T) < goal:
            T = T + 1 + (T / 8).floor()
        return T


def _power(x: arb, n: int) -> arb:
    return math.prod([x] * n, start=arb(1))
