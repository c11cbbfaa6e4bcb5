"""Wrong variants of the formulas, each caught by its check: an enclosure test that cannot fail tests nothing."""

import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from flint import arb, arb_mat
from rigorous_strategies import encloses

from onenn import rigorous
from onenn.rigorous import BALLS as C
from onenn.rigorous import (
    ball,
    context,
    decide,
    definite,
    eigenvalues,
    exact,
    gaussian_integral,
    integral,
    integrate,
    interval,
    is_positive_definite,
    matrix,
    precision,
    subdivide,
    symmetric_eigenvalues,
    tails,
)
from onenn.verdict import Verdict

# the functions of these names hide their modules
zeros, adaptivity = sys.modules["onenn.rigorous.krawczyk"], sys.modules["onenn.rigorous.adaptive"]
PROVED, REFUTED, UNDECIDED = Verdict.PROVED, Verdict.REFUTED, Verdict.UNDECIDED


@dataclass(frozen=True)
class Mutant:
    """`check` holds, and holds no longer when the attribute `name` of `owner` is replaced by `wrong`."""

    what: str
    owner: Any
    name: str
    wrong: Any
    check: Callable[[], bool]


# Verified integrals: E z^8 = 105 at a low precision, where the tail is far larger than the rounding.


def moment(value, scale=1) -> bool:
    with precision(200):
        return encloses(value, 105 * ball(scale))


def eighth_power() -> bool:
    return moment(gaussian_integral([lambda x: x**8], sigma=1, growth=(1, 8), bits=20))


def tail_is_bounded(L=1, s=1, q=0, m=1) -> bool:
    """Exactly: L^m s^(8 m) 2^(n/2) Gamma((n + 1)/2, T^2/2)/sqrt(pi) with n = 8 m + q, for L^m (s z)^(8 m) z^q."""
    n = 8 * m + q
    with precision(100):
        for T in (4, 6, 9):
            gamma = (arb(T) * T / 2).gamma_upper(arb(n + 1) / 2)
            exact = L**m * s ** (8 * m) * arb(2) ** (arb(n) / 2) * gamma / C.sqrt(C.pi)
            if not tails.Tail((L, 8), ball(s), q, m).beyond(arb(T)) > exact:
                return False
    return True


def bounded_tail() -> bool:
    return tail_is_bounded()


def bounded_tail_at_two() -> bool:
    return tail_is_bounded(s=2)


def bounded_weighted_tail() -> bool:
    return tail_is_bounded(q=3)


def bounded_squared_tail() -> bool:
    return tail_is_bounded(m=2)


def bounded_large_tail() -> bool:
    return tail_is_bounded(L=1000)


def eighth_weight() -> bool:
    return moment(gaussian_integral([lambda x: 1], sigma=1, growth=(1, 0), power=8, bits=20))


def squared_fourth_power() -> bool:
    return moment(gaussian_integral([lambda x: x**4], sigma=1, growth=(1, 4), squared=True, bits=20))


def exponential() -> bool:
    with precision(200):
        return encloses(gaussian_integral([C.exp], sigma=2, growth=(1, 0, 1), bits=20), ball(2).exp())


def step(sigma, bits=60):
    return gaussian_integral([lambda x: 0, lambda x: 1], ["1/3"], sigma=sigma, growth=(1, 0), bits=bits)


def step_probability(sigma):
    return (1 - C.erf(1 / (3 * ball(sigma) * ball(2).sqrt()))) / 2


def step_at_two() -> bool:
    return encloses(step(2), step_probability(2))


def step_at_wide_sigma() -> bool:
    return all(encloses(step(interval("1/2", 1)), step_probability(s)) for s in ("1/2", "3/4", "1"))


def bump_at_wide_sigma() -> bool:
    value = gaussian_integral([lambda x: C.exp(-x * x)], sigma=interval("0.9", "1.1"), growth=(1, 0))
    return all(encloses(value, 1 / C.sqrt(1 + 2 * ball(s) * ball(s))) for s in ("0.9", "1", "1.1"))


def root() -> bool:
    return encloses(integral(C.sqrt, 1, 4, bits=80), ball("14/3"))


def tail_with(**changes):
    """The constructor of Tail with some of its arguments replaced."""
    build = tails.Tail.__init__

    def __init__(self, growth, s, power, m):
        build(self, changes.get("growth", lambda g: g)(growth), changes.get("s", s), changes.get("power", power), m)
        self.m = changes.get("m", m)

    return __init__


def short_recursion(self, T):
    weight = (-T * T / 2).exp() / (2 * arb.pi()).sqrt()
    return 2 * (weight / T + T ** (self.p - 1) * weight)


def careless(self, z, required):
    analytic_init(self, z, False)


def reversed_cover(pieces, points, tail):
    bound, panels, gaps = cover(pieces, points, tail)
    return bound, [(len(pieces) - 1 - i, low, high) for i, low, high in panels], gaps


beyond, cover, in_gap = tails.Tail.beyond, integrate._cover, integrate._in_gap
weighted, analytic_init = integrate._weighted, integrate.Analytic.__init__
INTEGRALS = [
    Mutant("the tail is forgotten", tails.Tail, "beyond", lambda self, T: arb(0), eighth_power),
    Mutant("one tail for two", tails.Tail, "beyond", lambda self, T: beyond(self, T) / 2, bounded_tail),
    Mutant("partial integration breaks off", tails.Tail, "beyond", short_recursion, bounded_tail),
    Mutant("the tail at sigma = 1", tails.Tail, "__init__", tail_with(s=arb(1)), bounded_tail_at_two),
    Mutant("the tail without the weight", tails.Tail, "__init__", tail_with(power=0), bounded_weighted_tail),
    Mutant("the tail of f for that of f^2", tails.Tail, "__init__", tail_with(m=1), bounded_squared_tail),
    Mutant("the tail without L", tails.Tail, "__init__", tail_with(growth=lambda g: (1, g[1])), bounded_large_tail),
    Mutant("the tail without e^(r|x|)", tails.Tail, "__init__", tail_with(growth=lambda g: g[:2]), exponential),
    Mutant("kinks in units of x", integrate, "_cover", lambda f, k, t: cover(f, [t.s * x for x in k], t), step_at_two),
    Mutant("the pieces in reverse", integrate, "_cover", reversed_cover, step_at_two),
    Mutant("gaps at kinks left out", integrate, "_in_gap", lambda f, gap, s, t: arb(0), step_at_wide_sigma),
    Mutant(
        "only the left piece in a gap",
        integrate,
        "_in_gap",
        lambda f, gap, s, t: in_gap(f, (gap[0][:1], gap[1]), s, t),
        step_at_wide_sigma,
    ),
    Mutant("a wide sigma by its centre", integrate, "ball", lambda x, _="x": ball(x).mid(), bump_at_wide_sigma),
    Mutant("branch cuts overlooked", integrate.Analytic, "__init__", careless, root),
    Mutant(
        "the square forgotten", integrate, "_weighted", lambda f, s, q, m: weighted(f, s, q, 1), squared_fourth_power
    ),
    Mutant("the weight forgotten", integrate, "_weighted", lambda f, s, q, m: weighted(f, s, 0, m), eighth_weight),
]


# Eigenvalues: the path on three points has the spectrum 0, 1, 3; eigenvectors are spoilt, since any must do.

PATH = [[1, -1, 0], [-1, 2, -1], [0, -1, 1]]


def spectrum_holds(A, spectrum) -> bool:
    values = symmetric_eigenvalues(A)
    return len(values) == len(spectrum) and all(encloses(x, ball(y)) for x, y in zip(values, spectrum, strict=True))


def with_vectors(Q, A, spectrum) -> bool:
    with patch.object(eigenvalues, "approximate_eigenvectors", lambda S, bits: arb_mat(np.asarray(Q, float).tolist())):
        return spectrum_holds(A, spectrum)


def rough_vectors() -> bool:
    rotation = [[np.cos(0.1), -np.sin(0.1), 0], [np.sin(0.1), np.cos(0.1), 0], [0, 0, 1]]
    return with_vectors(np.linalg.eigh(np.array(PATH))[1] @ np.array(rotation), PATH, (0, 1, 3))


def stretched_vectors() -> bool:
    return with_vectors(1.05 * np.linalg.eigh(np.array(PATH))[1], PATH, (0, 1, 3))


def unordered_vectors() -> bool:
    return with_vectors(np.eye(3), [[3, 0, 0], [0, 1, 0], [0, 0, 2]], (1, 2, 3))


def flat_radii() -> bool:
    A = [[arb(i == j, "0.01") for j in range(6)] for i in range(6)]
    return encloses(symmetric_eigenvalues(A)[-1], ball("1.06")) and encloses(symmetric_eigenvalues(A)[0], ball("0.94"))


def wide_matrix() -> bool:
    A = [[arb(int(i == j), "0.6") for j in range(2)] for i in range(2)]  # holds [[0.4, 0.6], [0.6, 0.4]]
    return is_positive_definite(A) == UNDECIDED


def singular_matrix() -> bool:
    return is_positive_definite([[3, 1, 2], [1, 3, -2], [2, -2, 4]]) == REFUTED


def centred(A):
    S = matrix.Symmetric(A)
    S.balls, S.rows, S.R = S.M, S.M.tolist(), None
    return S


norm = eigenvalues.row_sum_norm
MATRICES = [
    Mutant(
        "the residual forgotten",
        eigenvalues,
        "row_sum_norm",
        lambda A, diagonal=True: norm(A) if diagonal else arb(0),
        rough_vectors,
    ),
    Mutant(
        "the residual without absolute values",
        eigenvalues,
        "row_sum_norm",
        lambda A, diagonal=True: norm(A) if diagonal else abs(sum(A.tolist()[0][1:], arb(0))) / 10,
        rough_vectors,
    ),
    Mutant(
        "orthogonality taken for granted",
        eigenvalues,
        "row_sum_norm",
        lambda A, diagonal=True: arb(0) if diagonal else norm(A, diagonal=False),
        stretched_vectors,
    ),
    Mutant("the diagonal unsorted", eigenvalues, "sorted", list, unordered_vectors),
    Mutant("the radii forgotten", matrix.Symmetric, "radius_norm", lambda S: arb(0), flat_radii),
    Mutant("the largest radius for the norm", matrix.Symmetric, "radius_norm", lambda S: S.R[0][0], flat_radii),
    Mutant("definite by its diagonal", definite, "sum", lambda *_: arb(0), wide_matrix),
    Mutant("definite at its centre", definite, "Symmetric", centred, wide_matrix),
    Mutant("equality left to balls", definite, "_by_rank", lambda S: None, singular_matrix),
]


# Zeros: one that is there twice, one that is off the centre, and a function known only up to 1/2.


def two_zeros() -> bool:
    f, jacobian = lambda X: [X[0] * X[0] - 1], lambda X: [[2 * X[0]]]
    return zeros.krawczyk(f, jacobian, [1], "5/2").verdict == UNDECIDED


def interior() -> bool:
    return zeros._inside([arb(0, "0.9")], [arb(0, 1)]) and not zeros._inside([arb(0, 1)], [arb(0, 1)])


def off_centre() -> bool:
    try:
        zero = zeros.krawczyk(lambda X: [X[0] * X[0] - 2], lambda X: [[2 * X[0]]], ["1.5"], "0.2")
    except ValueError:  # two enclosures of the zero were disjoint
        return False
    return zero.verdict == PROVED and encloses(zero.box[0], ball(2).sqrt())


def a_blurred_function() -> bool:
    return zeros.krawczyk(lambda X: [X[0] + arb(0, "0.5")], lambda X: [[1]], [0], "0.1").verdict == UNDECIDED


operator = zeros._operator
ZEROS = [
    Mutant(
        "the Jacobian at the centre",
        zeros,
        "_operator",
        lambda f, J, X, inverse: operator(f, lambda Y: J([y.mid() for y in Y]), X, inverse),
        two_zeros,
    ),
    Mutant(
        "closed inclusion",
        zeros,
        "_inside",
        lambda K, X: all(x.contains(k) for k, x in zip(K, X, strict=True)),
        interior,
    ),
    Mutant("always inside", zeros, "_inside", lambda K, X: True, two_zeros),
    Mutant(
        "m + Y f(m)",
        zeros,
        "_operator",
        lambda f, J, X, inverse: operator(lambda Y: [-y for y in f(Y)], J, X, inverse),
        off_centre,
    ),
    Mutant(
        "f(m) by its centre",
        zeros,
        "_operator",
        lambda f, J, X, inverse: operator(lambda Y: [y.mid() for y in f(Y)], J, X, inverse),
        a_blurred_function,
    ),
]


# Subdivision: a dip of width 2e-3 at 1/3, a function that changes sign on the right, a function beside its interval.


def narrow_dip() -> bool:
    f = lambda x: context.square(x - ball("1/3")) - ball("1e-6")  # noqa: E731
    return subdivide.positive_on(f, 0, 1, bits=80) == REFUTED


def sign_change_on_the_right() -> bool:
    return subdivide.positive_on(lambda x: ball("3/4") - x, 0, 1) == REFUTED


def maximum_at_the_end() -> bool:
    return encloses(subdivide.maximum_on(lambda x: x * (1 - x), 0, "0.3", "0.01"), ball("0.21"))


def outside_the_interval() -> bool:
    with precision(30):
        a = ball("0.1")
    with precision(100):
        threshold = (3 * a.lower() + a.mid()) / 4  # x - threshold is negative only where the cover exceeds [0.1, 1]
        return subdivide.positive_on(lambda x: x - threshold, a, 1, max_pieces=400) != REFUTED


class Lazy(deque):
    def extend(self, pieces):
        super().extend(pieces[:1])


def centre_value(f, X, derivative):
    return f(X.mid())


SUBDIVISION = [
    Mutant("values at midpoints", subdivide, "_value", centre_value, narrow_dip),
    Mutant("maximum of midpoints", subdivide, "_value", centre_value, maximum_at_the_end),
    Mutant("the right halves left out", subdivide, "deque", Lazy, sign_change_on_the_right),
    Mutant("witnesses outside the interval", subdivide._Domain, "has", lambda self, x: True, outside_the_interval),
]


# Numbers and decisions.


def small_remainder() -> bool:
    return C.exp_remainder(Fraction(1, 10**30)).rel_accuracy_bits() >= 45


def value_at_zero_inside() -> bool:
    return all(encloses(f(interval(-1, 2)), f(arb(0))) for f in (C.sech, C.exp_remainder, C.tanh, C.logistic))


def root_reaches_zero() -> bool:
    return C.sqrt_nonnegative(arb(0, "1e-20")).contains(0)


def tight_square() -> bool:
    return context.square(interval(-1, 1)).lower() > ball("-1e-6")


def exact_decimal() -> bool:
    with precision(200):
        return context.ball("0.1").overlaps(arb(1) / 10)


def strict_signs() -> bool:
    return decide.is_positive(0) == REFUTED and decide.is_positive(arb(1, 2)) == UNDECIDED


def strict_order() -> bool:
    return decide.less(1, 1) == REFUTED and decide.less(arb(1, 2), 2) == UNDECIDED


def infinity_undecided() -> bool:
    return decide.is_positive(arb.pos_inf()) == decide.less(0, arb.pos_inf()) == UNDECIDED


def honest_cap() -> bool:
    return not adaptivity.adaptive(lambda: arb(1, 1), cap=128).is_finite()


def raised_precision() -> bool:
    value = adaptivity.adaptive(lambda: (ball(10) ** 30 + ball("1/3")) - ball(10) ** 30)
    return value.rel_accuracy_bits() >= 53


def exact_rank() -> bool:
    return exact.rank([[1, 1], [1, 1 + Fraction(1, 10**40)]]) == 2 and exact.rank([[1, 1], [1, 1]]) == 1


def exact_zero() -> bool:
    import sympy

    zero = sympy.sqrt(5 + 2 * sympy.sqrt(6)) - sympy.sqrt(2) - sympy.sqrt(3)  # in doubles one of +-zero is positive
    return exact.strictly_positive(zero) == exact.strictly_positive(-zero) == REFUTED


remainder, endpoints = context._exp_remainder, context._endpoints
NUMBERS = [
    Mutant("e^u - 1 - u as it stands", context, "_exp_remainder", lambda u: u.exp() - 1 - u, small_remainder),
    Mutant("sech by its end values", context.Balls, "sech", context._named("sech", endpoints), value_at_zero_inside),
    Mutant(
        "the remainder by its end values",
        context.Balls,
        "exp_remainder",
        context._lifted(lambda u: endpoints(remainder, u), remainder),
        value_at_zero_inside,
    ),
    Mutant(
        "tanh at the centre",
        context.Balls,
        "tanh",
        context._named("tanh", lambda f, x: f(x.mid())),
        value_at_zero_inside,
    ),
    Mutant("logistic at the left end", context, "_endpoints", lambda f, x: f(x.lower()), value_at_zero_inside),
    Mutant("the root of the upper end", context, "_sqrt_of_nonnegative", lambda x: x.upper().sqrt(), root_reaches_zero),
    Mutant("x^2 as x x", context, "square", lambda x: x * x, tight_square),
    Mutant("decimals through doubles", context, "ball", lambda x: arb(float(x)), exact_decimal),
    Mutant("the sign of the centre", decide, "is_positive", lambda x: Verdict.decided(ball(x).mid() > 0), strict_signs),
    Mutant("x >= 0", decide, "is_positive", lambda x: PROVED if ball(x) >= 0 else UNDECIDED, strict_signs),
    Mutant(
        "the order of the centres",
        decide,
        "less",
        lambda x, y: Verdict.decided(ball(x).mid() < ball(y).mid()),
        strict_order,
    ),
    Mutant("infinity taken at its word", decide, "_unknown", lambda *x: None, infinity_undecided),
    Mutant("the last try beyond the cap", adaptivity, "adaptive", lambda f, **_: f(), honest_cap),
    Mutant("one try", adaptivity, "adaptive", lambda f, **_: f(), raised_precision),
    Mutant("rank of doubles", exact, "rank", lambda A: int(np.linalg.matrix_rank(np.array(A, float))), exact_rank),
    Mutant("full rank always", exact, "rank", len, exact_rank),
    Mutant(
        "the sign of a double", exact, "strictly_positive", lambda x: PROVED if float(x) >= 0 else REFUTED, exact_zero
    ),
]

MUTANTS = [*INTEGRALS, *MATRICES, *ZEROS, *SUBDIVISION, *NUMBERS]


@pytest.mark.parametrize(
    "check", sorted({m.check for m in MUTANTS}, key=lambda f: f.__name__), ids=lambda f: f.__name__
)
def test_the_check_holds_for_the_formula_as_it_is(check):
    """A check that fails anyway would catch every mutant."""
    assert check()


@pytest.mark.parametrize("mutant", MUTANTS, ids=[m.what for m in MUTANTS])
def test_the_wrong_variant_is_caught(mutant):
    """The check must tell the formula from its wrong variant."""
    with patch.object(mutant.owner, mutant.name, mutant.wrong, create=mutant.name in ("sorted", "sum")):
        assert not mutant.check()


def test_the_list_of_wrong_variants_reaches_every_kind_of_enclosure():
    """Integrals, tails, eigenvalues, definiteness, zeros, subdivision, numbers, decisions, exact arithmetic."""
    owners = {getattr(m.owner, "__module__", None) or m.owner.__name__ for m in MUTANTS}
    proofs = {"tails", "integrate", "eigenvalues", "matrix", "definite", "krawczyk", "subdivide", "context", "decide"}
    assert {f"{rigorous.__name__}.{name}" for name in proofs | {"adaptive", "exact"}} <= owners
