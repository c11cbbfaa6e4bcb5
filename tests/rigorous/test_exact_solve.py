"""Exact linear systems: the solution is checked by substitution, which needs no solver."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from onenn.rigorous import solve


def test_the_solution_satisfies_every_equation_exactly():
    """Substitution in rational arithmetic: A z - b is 0, not small."""
    rng = np.random.default_rng(5)
    A = rng.integers(-9, 10, (12, 12))
    b = [Fraction(int(t), 7) for t in rng.integers(-9, 10, 12)]
    z = solve(A.tolist(), b)
    assert all(sum(int(a) * t for a, t in zip(row, z, strict=True)) == c for row, c in zip(A, b, strict=True))


@pytest.mark.parametrize(
    ("rows", "right", "error", "text"),
    [
        ([[1, 2], [2, 4]], [1, 1], ValueError, "singular"),
        ([[1, 2]], [1], ValueError, "square"),
        ([[1, 0], [0, 1]], [1], ValueError, "square"),
        ([[0.5]], [1], TypeError, "Fraction"),
    ],
)
def test_what_has_no_exact_solution_is_an_error(rows, right, error, text):
    """Dependent equations, rectangular systems and floats are named."""
    with pytest.raises(error, match=text):
        solve(rows, right)
