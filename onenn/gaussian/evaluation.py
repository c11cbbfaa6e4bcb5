"""An activation at one sigma, or over all sigma of a ball: closed forms, or verified quadrature and Taylor models.

For phi = a base(b .):  alpha_q(s) = a b sign(b)^q alpha_q^base(|b| s),  beta_q and T_i alike with (a b)^2.
Chapter: activation-properties.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from onenn.activations import Activation
from onenn.activations.constants import absolute, power, product, sign
from onenn.rigorous import BALLS, Ball, ball, working_precision

from .intervals import Models
from .quadrature import Slope, missing, slope

Sigma = int | str | Fraction | Ball
"""A positive number: an int, a decimal, an expression such as "sqrt(2)", a Fraction; or a ball, for an interval."""

_PARTS_PER_OCTAVE = 16
_MAX_PARTS = 512


class NotSupplied(Exception):
    """The activation lacks what an enclosure needs; the text says what to supply."""


_SLOPES: dict[int, tuple[Activation, Slope, Models]] = {}


def _slope_of(phi: Activation) -> tuple[Slope, Models]:
    """The slope of an unscaled activation and its Taylor models, kept with the object: a name may be given again."""
    if id(phi) not in _SLOPES:
        g = slope(phi)
        if g is None:
            raise NotSupplied(f"no enclosure for {phi.name}: pass {' and '.join(missing(phi))} to register_activation")
        _SLOPES[id(phi)] = phi, g, Models(g)
    return _SLOPES[id(phi)][1:]


class AtSigma:
    """alpha(q), beta(q), T(i) at `sigma`, each a ball at the working precision of the moment.

    Raises: NotSupplied.
    """

    def __init__(self, phi: Activation, sigma: Sigma) -> None:
        self.base, self.sigma = phi.base or phi, sigma
        self.slope, self.stretch = product(phi.output, phi.input), absolute(phi.input)
        self.sign = sign(phi.input)

    def s(self) -> Ball:
        """The sigma of the base activation."""
        return ball(self.sigma) * ball(self.stretch)

    def alpha(self, q: int) -> Ball:
        """alpha_q."""
        return self.sign**q * ball(self.slope) * self.moment("alpha", q)

    def beta(self, q: int) -> Ball:
        """beta_q."""
        return self.sign**q * ball(power(self.slope, 2)) * self.moment("beta", q)

    def T(self, i: int) -> Ball:
        """T_i."""
        return ball(power(self.slope, 2)) * self.moment("T", i)

    def moment(self, kind: str, index: int) -> Ball:
        """alpha, beta or T of the base activation."""
        form = getattr(self.base.closed_forms, {"T": "residual"}.get(kind, kind))
        value = None if form is None else self.closed(form, index)
        return self.enclosed(kind, index) if value is None else value

    def closed(self, form: Callable[..., Ball | None], index: int) -> Ball | None:
        """The closed form; None where there is none for this index."""
        return form(BALLS, index, self.s())

    def enclosed(self, kind: str, index: int) -> Ball:
        """What the closed forms do not give."""
        raise NotImplementedError

    def difference(self, i: int) -> Ball:
        """T_i from the moments."""
        A, B = functools.partial(self.moment, "alpha"), functools.partial(self.moment, "beta")
        if i == 3:
            return A(0) * A(2) - A(1) * A(1)
        return B(2 * i - 2) - A(2 * i - 2) * A(2 * i - 2) - A(1) * A(1)


class AtPoint(AtSigma):
    """At one number sigma."""

    def __init__(self, phi: Activation, sigma: Sigma) -> None:
        super().__init__(phi, sigma)
        self._moments = functools.cache(lambda bits, count: _slope_of(self.base)[0].moments(self.s(), count, bits))

    def enclosed(self, kind: str, index: int) -> Ball:
        """From verified quadrature at the working precision."""
        if kind == "T":
            return self.difference(index)
        g = _slope_of(self.base)[0]
        first, second = self._moments(working_precision(), max(index, 2) + 1)
        return g.alpha(index, first[index]) if kind == "alpha" else g.beta(index, first[index], second[index])


class OverInterval(AtSigma):
    """Over all sigma of a ball with a radius."""

    def closed(self, form: Callable[..., Ball | None], index: int) -> Ball | None:
        """The hull over short parts: a closed form on a long interval loses much to its repeated variables."""
        hull = None
        for part in _parts(self.s()):
            value = form(BALLS, index, part)
            if value is None:
                return None
            hull = value if hull is None else hull.union(value)
        return hull

    def enclosed(self, kind: str, index: int) -> Ball:
        """From Taylor models; T of an activation with nothing but closed moments as their plain difference."""
        if kind == "T" and missing(self.base):
            return self.difference(index)
        return _slope_of(self.base)[1].over(kind, index, self.s())


def _parts(s: Ball) -> Iterator[Ball]:
    """The ball s > 0 in parts of equal ratio, 16 to the octave."""
    low, high = s.lower(), s.upper()
    count = min(math.ceil(_PARTS_PER_OCTAVE * math.log2(float(high / low) + 2.0**-60)), _MAX_PARTS)
    if count <= 1:
        yield s
        return
    ratio = (high / low).log() / count
    cuts = [low, *(low * (k * ratio).exp() for k in range(1, count)), high]
    for k in range(count):
        yield cuts[k].union(cuts[k + 1])
