"""Critical points with one odd unit, proved in balls for any k: five unknowns, and the whole spectrum of the Hessian.

Newton's method in doubles and Krawczyk's operator on the five numbers; then the risk and the blocks of the Hessian in
balls. All eigenvalues > 0 and a risk > 0 is a spurious minimum.   Chapter: spurious-minima.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from onenn.activations import Activation, activation
from onenn.contexts import FLOATS
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, krawczyk, precision, symmetric_eigenvalues
from onenn.verdict import Verdict

from .levels import curvature_blocks, invariant_block, multiplicities, standard_block, two_numbers
from .one_odd_unit import OneOddUnit, one_odd_unit_weights
from .proved import ProvedPoint, Spectrum

DIGITS = 24
"""Decimals of the five numbers in a certificate."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class OneOddUnitPoint(ProvedPoint):
    """What `certify_one_odd_unit` proved.

    verdict: exactly one critical point of this form with numbers in `domain`. numbers: balls for (A, B, C, D, E) there.
    levels: all k^2 eigenvalues. splits: for the odd unit and for another one, the eigenvalues of E[r phi''(w.x) x x^T],
    which decide what a split unit does.
    """

    k: int
    phi: Activation
    domain: tuple[Ball, ...]
    numbers: tuple[Ball, ...]
    splits: tuple[Spectrum, Spectrum]

    @property
    def opens(self) -> tuple[Verdict, ...]:
        """Does the odd unit, and does another one, open a direction of negative curvature when split in two?"""
        return self.opens_of(self.splits)

    @property
    def student(self) -> OneHiddenLayer:
        """The double nearest to the point."""
        W = one_odd_unit_weights([float(x.mid()) for x in self.numbers], self.k)
        return OneHiddenLayer(W, np.ones(self.k), self.phi)

    def certificate(self) -> dict[str, str | int]:
        """k, the five numbers, risk and least eigenvalue as decimals, rounded down.

        A decimal x with n places stands for "in [x, x + 10^-n]", so each has exactly one right value.
        Raises: ValueError when the balls are too wide for that, or nothing was proved.
        """
        if self.verdict != Verdict.PROVED:
            raise ValueError(f"nothing was proved ({self.verdict.value}), so there is no certificate")
        entries = {name: rounded_down(x, DIGITS) for name, x in zip("ABCDE", self.numbers, strict=True)}
        return {
            "k": self.k,
            **entries,
            "risk": rounded_down(self.loss, 15),
            "least_eigenvalue": rounded_down(self.min_eigenvalue, 10),
        }

    def __repr__(self) -> str:
        levels = ", ".join(f"{value.str(6, radius=False)} x {n}" for value, n in self.levels)
        return "\n".join(
            [
                f"{self.kind} with one odd unit, k = d = {self.k}, {self.phi.name}: {self.verdict.value}",
                "  " + "  ".join(f"{n} {x.str(9, radius=False)}" for n, x in zip("ABCDE", self.numbers, strict=True)),
                f"  risk {self.loss.str(15)}",
                f"  eigenvalues {levels}",
            ]
        )


def certify_one_odd_unit(
    k: int,
    phi: Activation | str = "relu",
    *,
    start: Sequence[float] | np.ndarray | None = None,
    radius: str | Fraction = "1e-6",
    bits: int = 160,
    steps: int = 60,
) -> OneOddUnitPoint:
    """The critical point (A, B, C, D, E) near `start`, k = d >= 6, the teacher's units e_i with v = 1, proved in balls.

    start: by default numbers that lead to the spurious minimum of ReLU; moved by at most `steps` steps of Newton's
    method. radius: the box relative to each number. The work does not depend on k.
    *Domain*: activations with a closed form `pair`.
    Raises: ValueError for k < 6, another length of start, or when Newton's method leaves the finite numbers.
    Source: thm-minima-all.

    >>> point = certify_one_odd_unit(10)
    >>> point.kind, point.is_spurious_minimum.value, point.loss.str(5, radius=False), point.inertia
    ('local minimum', 'PROVED', '0.018702', (0, 0, 100))
    """
    phi = activation(phi)
    found = newton_one_odd_unit(k, phi, default_start(k) if start is None else start, steps=steps)
    sides = [Fraction(radius) * max(Fraction(abs(x)), Fraction(1, 10**9)) for x in found]
    with precision(bits):
        net = OneOddUnit(phi, k, BALLS)
        zero = krawczyk(
            net.gradient,
            lambda X: net.jacobian(net.hessian(X)),
            found.tolist(),
            sides,
            bits=bits,
            steps=4,  # each gains five digits or more, the last ones thirteen
            inverse=_inverse(k, phi, found),
        )
        h = net.hessian(zero.box)
        once, often, symmetric, antisymmetric = multiplicities(k)
        levels = [(x, once) for x in symmetric_eigenvalues(invariant_block(net, h).tolist())]
        levels += [(x, often) for x in symmetric_eigenvalues(standard_block(net, h).tolist())]
        levels += zip(two_numbers(h), (symmetric, antisymmetric), strict=True)
        splits = [_spectrum(curvature_blocks(net, zero.box, unit)) for unit in (0, 1)]
        return OneOddUnitPoint(
            k=k,
            phi=phi,
            verdict=zero.verdict,
            domain=tuple(zero.domain),
            numbers=tuple(zero.box),
            loss=net.risk(zero.box),
            levels=tuple(levels),
            splits=(splits[0], splits[1]),
        )


def _inverse(k: int, phi: Activation, p: np.ndarray) -> np.ndarray | None:
    net = OneOddUnit(phi, k, FLOATS)
    J = np.array(net.jacobian(net.hessian(p)))
    return np.linalg.inv(J) if np.linalg.cond(J) < 1e14 else None


def _spectrum(blocks: list[tuple[np.ndarray, int]]) -> Spectrum:
    return tuple((x, n) for block, n in blocks for x in symmetric_eigenvalues(block.tolist()))


def default_start(k: int) -> np.ndarray:
    """(A, B, C, D, E) near the spurious minimum of ReLU: fitted to k = 6, ..., 30, good for every k tried."""
    return np.array([1.0, -1.6 / k**2, 1.9 / k, -0.9 + 1.2 / k, 1.26 / k])


def newton_one_odd_unit(
    k: int, phi: Activation | str, start: Sequence[float] | np.ndarray, *, steps: int = 60
) -> np.ndarray:
    """Newton's method on the five numbers, in doubles, until a step is below 1e-9, and the next one would be roundings.

    Raises: ValueError as `certify_one_odd_unit`.
    """
    net, p = OneOddUnit(activation(phi), k, FLOATS), np.array(start, dtype=float)
    if p.shape != (5,):
        raise ValueError(f"start has the shape {p.shape}; expected the five numbers A, B, C, D, E")
    for _ in range(steps):
        g, J = np.array(net.gradient(p)), np.array(net.jacobian(net.hessian(p)))
        if not (np.isfinite(g).all() and np.isfinite(J).all()):
            raise ValueError(f"Newton's method left the finite numbers at {p.tolist()}; try another start")
        step = np.linalg.lstsq(J, g, rcond=None)[0]
        p = p - step
        if np.abs(step).max() < 1e-9:
            break
    return p


def rounded_down(x: Ball, places: int) -> str:
    """The largest decimal with so many places below x.  Raises: ValueError when the ball does not decide it."""
    with precision(256):
        scaled = x * 10**places
        low, high = (int(end.floor().unique_fmpz()) for end in (scaled.lower(), scaled.upper()))
    if low != high:
        raise ValueError(f"the ball {x} does not decide {places} decimals; raise bits")
    sign, digits = "-" if low < 0 else "", str(abs(low)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"
