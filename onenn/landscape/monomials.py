"""The monomials A^alpha in n variables up to a degree: how they multiply, and their weights alpha!/m!, m = |alpha|.

sum over |alpha| = m of (m!/alpha!) A^(2 alpha) = |A|^(2m), the multinomial theorem.   Chapter: around-the-teacher.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import combinations_with_replacement
from math import factorial, prod
from typing import Any

import numpy as np

from onenn.rigorous import ball
from onenn.verdict import Verdict


def array_of(entries: Any) -> np.ndarray:
    """The entries as a one-dimensional object array, whatever they are."""
    entries = list(entries)
    result = np.empty(len(entries), dtype=object)
    result[:] = entries
    return result


@dataclass(frozen=True)
class Monomials:
    """The monomials in n variables up to a degree, by degree; how they multiply, and their weights alpha!/m!."""

    n: int
    degree: int

    @cached_property
    def words(self) -> list[tuple[int, ...]]:
        """A monomial as the sorted word of its variables: A_0^2 A_3 is (0, 0, 3)."""
        return [x for m in range(self.degree + 1) for x in combinations_with_replacement(range(self.n), m)]

    @cached_property
    def place(self) -> dict[tuple[int, ...], int]:
        """The place of every word."""
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def starts(self) -> list[int]:
        """Where each degree begins in `words`."""
        return [next(i for i, word in enumerate(self.words) if len(word) == m) for m in range(self.degree + 1)]

    @cached_property
    def table(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places (i, j) of all pairs whose product is kept, sorted by the product, and where each product begins."""
        words, place = self.words, self.place
        pairs = sorted(
            (place[tuple(sorted(x + y))], i, j)
            for i, x in enumerate(words)
            for j, y in enumerate(words)
            if len(x) + len(y) <= self.degree
        )
        target, left, right = (np.array(column) for column in zip(*pairs, strict=True))
        return left, right, np.searchsorted(target, np.arange(len(words)))

    @cached_property
    def weights(self) -> np.ndarray:
        """alpha!/m! as balls."""
        return array_of(ball(weight(word)) for word in self.words)


def weight(word: tuple[int, ...]) -> Fraction:
    """alpha!/m! of the monomial of degree m = |alpha|.

    >>> weight((0, 0, 3))
    Fraction(1, 3)
    """
    return Fraction(prod(factorial(word.count(i)) for i in set(word)), factorial(len(word)))


monomials = lru_cache(maxsize=32)(Monomials)


def multinomial_theorem(n: int, degree: int, *, weighted: bool = True) -> Verdict:
    """Exact: sum over |alpha| = degree of (degree!/alpha!) A^(2 alpha) is |A|^(2 degree), n variables, by symbols.

    weighted False: all weights 1, for a control.  Source: lem-bombieri.

    >>> [multinomial_theorem(2, 3, weighted=w).value for w in (True, False)]
    ['PROVED', 'REFUTED']
    """
    import sympy

    A = sympy.symbols(f"a:{n}")
    words = combinations_with_replacement(range(n), degree)
    total: Any = -(sum(a**2 for a in A) ** degree)
    for word in words:
        total += sympy.Rational(1 / weight(word) if weighted else 1) * sympy.prod(A[i] ** 2 for i in word)
    return Verdict.decided(sympy.expand(total) == 0)
