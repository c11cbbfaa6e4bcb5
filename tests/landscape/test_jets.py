"""Jets with a remainder: Taylor coefficients, bounds that hold on the whole ball, and mutants of the bounds."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import sympy

from onenn.landscape import jets
from onenn.landscape.jets import JETS, Jet, Root, variables
from onenn.landscape.monomials import Monomials, monomials
from onenn.rigorous import BALLS, ball, precision

RADIUS = Fraction(1, 8)
POINT = (Fraction(3, 2), Fraction(-1, 2), Fraction(2, 3))

FUNCTIONS = {
    "product": lambda C, x, y, z: (x + 2) * y * z * z - x * y,
    "quotient": lambda C, x, y, z: (y - z) / (x * x + z),
    "one over": lambda C, x, y, z: 2 / x - y,
    "sqrt": lambda C, x, y, z: C.sqrt(x * x + y * z + 1) * z,
    "exp": lambda C, x, y, z: C.exp(x * y - z),
    "atan": lambda C, x, y, z: C.atan(x * y + z),
    "angle": lambda C, x, y, z: C.atan2(x, y * z - 1) * x,  # in the second quadrant
}


class Symbolic:
    """The same functions of SymPy."""

    sqrt, exp, atan, atan2 = sympy.sqrt, sympy.exp, sympy.atan, sympy.atan2


def value(jet, A):
    """p(A) + [-rest, rest]."""
    total = ball(0)
    for word, c in zip(jet.monomials.words, jet.coefficients, strict=True):
        total = total + c * np.prod([ball(1), *(A[i] for i in word)])
    return total, jet.rest


def points(rng, n, count, radius):
    """Points of the ball, half of them on its sphere, as exact balls just inside."""
    for i in range(count):
        a = rng.standard_normal(n)
        a *= float(radius) * 0.999999 * (1 if i % 2 else rng.random()) / np.linalg.norm(a)
        yield [ball(Fraction(float(x))) for x in a]


def escapes(f, degree, rng, count=40):
    """How often f at a point of the ball is certainly not in the jet."""
    jet = f(JETS, *variables([ball(x) for x in POINT], ball(RADIUS), degree))
    outside = 0
    for A in points(rng, 3, count, RADIUS):
        p, rest = value(jet, A)
        exact = f(BALLS, *(ball(x) + a for x, a in zip(POINT, A, strict=True)))
        outside += bool(abs(exact - p) > rest)
    return outside


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_function_stays_within_the_bound_on_the_ball(name, degree):
    """Each function in balls at 40 points, against the polynomial and its bound."""
    assert escapes(FUNCTIONS[name], degree, np.random.default_rng(degree)) == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_coefficients_are_those_of_taylor(name):
    """SymPy's partial derivatives at the centre, divided by alpha!, to 15 digits, up to degree 2."""
    symbols = sympy.symbols("x y z")
    f = FUNCTIONS[name](Symbolic, *symbols)
    jet = FUNCTIONS[name](JETS, *variables([ball(x) for x in POINT], ball(RADIUS), 2))
    at = dict(zip(symbols, map(sympy.Rational, POINT), strict=True))
    for word, c in zip(jet.monomials.words, jet.coefficients, strict=True):
        derivative = f
        for i in word:
            derivative = sympy.diff(derivative, symbols[i])
        factor = 2 if len(set(word)) == 1 and len(word) == 2 else 1
        assert float(c) == pytest.approx(float(derivative.subs(at).evalf(20)) / factor, rel=1e-13, abs=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_bound_is_of_the_next_order(name):
    """Half the radius, degree 3: the bound falls by 2^4 and what higher orders add."""
    rests = []
    for radius in (Fraction(1, 32), Fraction(1, 64)):
        jet = FUNCTIONS[name](JETS, *variables([ball(x) for x in POINT], ball(radius), 3))
        rests.append(float(jet.rest))
    assert 0 < rests[1] and 14 < rests[0] / rests[1] < 32


def halved_product(self, other):
    """The product of two jets with half of what is cut."""
    result = ORIGINAL(self, other)
    if isinstance(other, Jet) and isinstance(result, Jet):
        return result.like(result.coefficients, result.rest / 2)
    return result


def uncut_product(self, other):
    """The product of two jets with nothing for what is cut."""
    result = ORIGINAL(self, other)
    return result.like(result.coefficients, ball(0)) if isinstance(result, Jet) else result


ORIGINAL = Jet.__mul__


def test_a_bound_that_is_halved_is_exceeded(monkeypatch):
    """x x at degree 1 has the remainder A_0^2, and the bound r^2, which it reaches on the sphere."""
    f = lambda C, x, y, z: x * x  # noqa: E731
    rng, axis = np.random.default_rng(0), [ball(RADIUS), ball(0), ball(0)]
    jet = f(JETS, *variables([ball(x) for x in POINT], ball(RADIUS), 1))
    p, rest = value(jet, axis)
    assert not abs((ball(POINT[0]) + ball(RADIUS)) ** 2 - p) > rest and escapes(f, 1, rng) == 0
    monkeypatch.setattr(Jet, "__mul__", halved_product)
    assert escapes(f, 1, rng) > 0


@pytest.mark.parametrize("term", ["cut", "series", "sign", "norm"])
def test_mutants_of_the_arithmetic_are_caught(monkeypatch, term):
    """No cut terms; no tail of the series; alternate signs dropped; Bombieri's weights squared."""
    if term == "cut":
        monkeypatch.setattr(Jet, "__mul__", uncut_product)
        f = FUNCTIONS["product"]
    elif term == "series":
        monkeypatch.setattr(jets, "_power", lambda x, n: ball(0))
        f = lambda C, x, y, z: C.exp(x)  # noqa: E731
    elif term == "sign":
        series = Jet.series
        monkeypatch.setattr(Jet, "series", lambda x, c: series(x, lambda m: abs(c(m))))
        f = FUNCTIONS["quotient"]
    else:
        monkeypatch.setattr(Monomials, "weights", property(lambda self: np.array([0] * len(self.words)) * ball(1)))
        f = FUNCTIONS["sqrt"]
    assert escapes(f, 1, np.random.default_rng(1)) > 0


def test_the_norm_of_a_form_is_attained_by_powers():
    """|(u.A)^m| <= |u|^m r^m with equality at A = r u/|u|: Bombieri's norm of a power of a linear form."""
    u = (2, -1, 3)
    for degree in (2, 3, 4):
        x = variables([ball(0)] * 3, ball(RADIUS), degree)
        form = sum((c * t for c, t in zip(u, x, strict=True)), start=0 * x[0])
        power = form
        for _ in range(degree - 1):
            power = power * form
        expected = (ball(14) * ball(RADIUS) * ball(RADIUS)) ** degree
        assert (power.sizes[degree] * power.sizes[degree]).overlaps(expected)


def test_products_of_monomials_are_all_there():
    """Against multiplication of polynomials by SymPy, degree 3 in 3 variables."""
    table = monomials(3, 3)
    left, right, starts = table.table
    ends = [*starts[1:], len(left)]
    for target, (start, end) in enumerate(zip(starts, ends, strict=True)):
        pairs = set(zip(left[start:end], right[start:end], strict=True))
        expected = {
            (i, j)
            for (i, x), (j, y) in product(enumerate(table.words), repeat=2)
            if tuple(sorted(x + y)) == table.words[target]
        }
        assert pairs == expected
    assert float(sum(table.weights[10:])) == pytest.approx(3 * 1 + 6 / 3 + 1 / 6)


def exact(x):
    """An exact ball as the Fraction it is."""
    assert x.rad() == 0
    mantissa, exponent = x.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@pytest.mark.parametrize("bits", [8, 13, 20])
def test_bounds_are_rounded_outwards(bits):
    """At few bits, where midpoints of 1/3, 1/7, ... fall on both sides: every bound is a number, and not below what it
    bounds: |A_0| <= r, |p(0)|, A_0^2 <= r^2 at degree 1, a rest times a factor, the tail of 1/(1 - A_0)."""
    cases = [(Fraction(1, n), Fraction(2, n + 2)) for n in (3, 5, 7, 9, 11, 13, 17, 19)]
    # nothing but the last product or sum is rounded; nothing but the factor
    cases += [(Fraction(2 ** (bits - 1) + n, 2 ** (bits + 1)), Fraction(1)) for n in range(3, 40, 4)]
    cases += [(Fraction(1, 4), Fraction(1, n)) for n in (3, 5, 7, 11, 13)]
    for r, c in cases:
        with precision(bits):
            x, y = variables([ball(c), ball(0)], ball(r), 1)
            square, shifted = y * y, -ball(c) * (y * y)
            tail = JETS.reciprocal(1 - y)
            bounds = [
                (x.sizes[0], c),
                (x.sizes[1], r),
                (x.spread, r),
                (square.rest, r * r),
                (shifted.rest, c * r * r),
                ((square + square).rest, 2 * r * r),
                (tail.rest, r * r / (1 - r)),
                (square.constant(1).rest, Fraction(0)),
            ]
            bounds.append(((y + square).spread, r + exact(square.rest)))
        for bound, least in bounds:
            assert least <= exact(bound) <= least * (1 + Fraction(40, 2**bits))


@pytest.mark.parametrize("bits", [8, 13, 20])
def test_the_tail_of_a_series_is_rounded_outwards(bits):
    """1/(1 - f), f = A_0 + rest, at degree 1: what is left is at most the rest and T^2/(1 - T), T = r + rest, of which
    the sum is rounded."""
    for n, part in product(range(1, 40, 2), (1, 3, 5, 7)):
        r, rest = Fraction(2 ** (bits - 1) + n, 2 ** (bits + 1)), Fraction(part, 2 ** (bits + 4))
        with precision(bits):
            _, y = variables([ball(0), ball(0)], ball(r), 1)
            tail = y.like(y.coefficients, ball(rest)).series(lambda m: Fraction(1)).rest
        T = r + rest
        assert rest + T * T / (1 - T) <= exact(tail)


def test_operators_go_through_arrays_entry_by_entry():
    """A jet on either side of an object array, as the formulas of matrices need it."""
    x, y = variables([ball("0.5"), ball(2)], ball(RADIUS), 1)
    pair = np.array([y, x], dtype=object)
    for f in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b):
        for found, expected in ((f(x, pair), [f(x, y), f(x, x)]), (f(pair, x), [f(y, x), f(x, x)])):
            assert found.shape == (2,)
            for a, b in zip(found, expected, strict=True):
                assert [float(c) for c in a.coefficients] == [float(c) for c in b.coefficients]
                assert float(a.rest) == float(b.rest)


def test_what_cannot_be_bounded_says_nothing():
    """A denominator, a radicand or an angle that may reach its singular point: the bound is not finite, > is False."""
    x, y = variables([ball("0.1"), ball("0.05")], ball(RADIUS), 2)
    for f in (1 / x, JETS.sqrt(x), JETS.atan2(y, x)):
        assert not f.rest.is_finite() and not f > -100 and not f < 100
    assert (x + 1 > 0) and not (x > 0) and (x < 1)


def test_a_root_that_is_only_squared_may_vanish():
    """Root holds the radicand, and factors are squared into it."""
    x, _ = variables([ball(0), ball(1)], ball(RADIUS), 2)
    assert [float(c) for c in JETS.square(3 * Root(x * x)).coefficients] == [0, 0, 0, 9, 0, 0]
