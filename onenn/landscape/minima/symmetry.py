"""What the permutations of 1, ..., m alone say of gradient and Hessian, in exact arithmetic and in balls.

They leave five orbits of the k^2 places of W, k = m + 1; and the power sums tr H^p of any matrix H that commutes with
them are those of its four blocks, which for p = 1, ..., k^2 determine the eigenvalues.   Chapter: spurious-minima.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

import numpy as np

from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, ball, precision
from onenn.verdict import Verdict

from ..balls import gradient_ball, hessian_ball
from .levels import multiplicities, standard_matrix, two_numbers
from .one_odd_unit import ORBITS, Entry, OneOddUnit, invariant_matrix


def place_orbits(k: int) -> list[set[Entry]]:
    """The orbits of the places (unit, coordinate), both numbered from 0, under permutations of 1, ..., k - 1.

    >>> sorted(map(len, place_orbits(6)))
    [1, 5, 5, 5, 20]
    """
    swaps = [{i: i + 1, i + 1: i} for i in range(1, k - 1)]
    left, orbits = set(product(range(k), repeat=2)), []
    while left:
        orbit, fresh = set(), {min(left)}
        while fresh:
            orbit |= fresh
            fresh = {(swap.get(i, i), swap.get(j, j)) for i, j in fresh for swap in swaps} - orbit
        orbits.append(orbit)
        left -= orbit
    return orbits


def commuting_matrix(k: int, rng: np.random.Generator | int) -> np.ndarray:
    """A symmetric integer matrix on the places that commutes with these permutations, otherwise drawn: (k^2, k^2).

    >>> H = commuting_matrix(6, 0)
    >>> H.shape, bool((H == H.T).all())
    ((36, 36), True)
    """
    rng, drawn = np.random.default_rng(rng), {}
    places = list(product(range(k), repeat=2))
    H = np.empty((k * k, k * k), dtype=object)
    for (r, x), (s, y) in product(enumerate(places), repeat=2):
        name = min(_name(x + y), _name(y + x))
        H[r, s] = drawn.setdefault(name, int(rng.integers(-9, 10)))
    return H


def _name(indices: tuple[int, ...]) -> tuple[int, ...]:
    """The same for two lists of indices exactly when a permutation of 1, 2, ... takes one to the other."""
    seen = {0: 0}
    return tuple(seen.setdefault(i, len(seen)) for i in indices)


def levels_hold(H: np.ndarray, k: int, blocks: Callable = standard_matrix) -> Verdict:
    """The eigenvalues of an exact H (k^2, k^2) are those of the blocks with their multiplicities.

    blocks: what gives the second block; another function is a wrong variant.  Source: prp-minima-levels.

    >>> levels_hold(commuting_matrix(6, 1), 6) == Verdict.PROVED
    True
    """
    m, (once, often, symmetric, antisymmetric) = k - 1, multiplicities(k)

    def h(x: Entry, y: Entry) -> Fraction:
        return Fraction(H[x[0] * k + x[1], y[0] * k + y[1]])

    first, second = np.array(invariant_matrix(h, m)), blocks(h, m)
    numbers = two_numbers(h)
    sums = zip(_power_sums(H), _power_sums(first, k * k), _power_sums(second, k * k), strict=True)
    for p, (whole, one, other) in enumerate(sums, start=1):
        rest = symmetric * numbers[0] ** p + antisymmetric * numbers[1] ** p
        if whole != once * one + often * other + rest:
            return Verdict.REFUTED.because(
                f"tr H^{p} is {whole}, and of the blocks {once * one + often * other + rest}"
            )
    return Verdict.PROVED.because(f"tr H^p agrees for p = 1, ..., {k * k}, exactly")


def _power_sums(M: np.ndarray, count: int | None = None) -> list:
    power, sums = M, []
    for _ in range(len(M) if count is None else count):
        sums.append(np.trace(power))
        power = power @ M
    return sums


def reduction_holds(numbers: Sequence[Fraction], student: OneHiddenLayer, *, bits: int = 128) -> Verdict:
    """Gradient and Hessian at the student are what five rational numbers (A, B, C, D, E) say, to 25 digits.

    The k^2 slopes are the five of `OneOddUnit` on their orbits, and the rows of the Hessian at ORBITS have the sums of
    its `jacobian`; PROVED when all differences are below 1e-25 in balls, REFUTED when one is certainly not 0.
    Source: prp-minima-symmetric.

    >>> point = [Fraction(x) for x in ("1", "-1/10", "3/10", "-6/10", "2/10")]
    >>> W = [[point[3], *[point[4]] * 5]]
    >>> W += [[point[2], *(point[0] if i == j else point[1] for i in range(5))] for j in range(5)]
    >>> reduction_holds(point, OneHiddenLayer(W, [1] * 6, "relu")) == Verdict.PROVED
    True
    """
    k = student.k
    teacher = OneHiddenLayer([[int(i == j) for j in range(k)] for i in range(k)], [1] * k, student.phi)
    orbits = [next(orbit for orbit in place_orbits(k) if x in orbit) for x in ORBITS]
    with precision(bits):
        net, p = OneOddUnit(student.phi, k, BALLS), [ball(x) for x in numbers]
        g, H = gradient_ball(student, teacher, bits=bits), hessian_ball(student, teacher, bits=bits)
        differences = [g[x] - s for s, orbit in zip(net.gradient(p), orbits, strict=True) for x in orbit]
        for x, row in zip(ORBITS, net.jacobian(net.hessian(p)), strict=True):
            places = (sum((H[x[0] * k + x[1], i * k + j] for i, j in orbit), ball(0)) for orbit in orbits)
            differences += [found - entry for found, entry in zip(places, row, strict=True)]
        if any(not x.contains(0) for x in differences):
            return Verdict.REFUTED.because("an entry differs")
        largest = max(x.abs_upper() for x in differences)
        small = Verdict.PROVED if largest < ball("1e-25") else Verdict.UNDECIDED
        return small.because(f"{len(differences)} entries agree to {largest.str(2, radius=False)}")
