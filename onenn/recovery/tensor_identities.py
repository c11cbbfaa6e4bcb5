"""The identities of the Hermite moments in exact arithmetic: entry by entry, by multiplying out and integrating.

M_j = E[f(x) He_j(x)] = sum_i v_i m_j(||w_i||) wbar_i^(x)j,   x ~ N(0, I_2).   Chapter: tensor-initialization.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, combinations_with_replacement, product
from math import factorial, prod
from typing import Any

from onenn.contexts import SYMBOLS
from onenn.verdict import Verdict

from .route import HERMITE, half_moment


def hermite_entry(indices: Sequence[int], x: Sequence[Any], *, pairings: int = 3) -> Any:
    """The entry of He_j(x) at the indices, j = len(indices) <= 4: sum over pairings of some slots by -delta.

    pairings=6 counts each of the three pairings of all four slots twice: the other reading of I (x) I symmetrised.

    >>> x, y = SYMBOLS.symbols("x y")
    >>> hermite_entry((0, 0, 1, 1), (x, y)).expand()
    x**2*y**2 - x**2 - y**2 + 1
    """
    slots = range(len(indices))
    delta = {pair: int(indices[pair[0]] == indices[pair[1]]) for pair in combinations(slots, 2)}
    total = prod(x[i] for i in indices)
    for pair, equal in delta.items():
        total -= equal * prod(x[indices[s]] for s in slots if s not in pair)
    if len(indices) == 4:
        three = ((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2))
        total += pairings // 3 * sum(delta[a] * delta[b] for a, b in three)
    return total


def gaussian_expectation(polynomial: Any, variables: Sequence[Any], *, signs: bool = False) -> Any:
    """E of a polynomial in independent standard normal variables: E x^n = (n - 1)!! for even n.

    signs=True: in independent signs instead, E x^n = 1 for even n: the same mean and variance.

    >>> x = SYMBOLS.Symbol("x")
    >>> gaussian_expectation(x**4 + x, [x]), gaussian_expectation(x**4 + x, [x], signs=True)
    (3, 1)
    """
    terms = SYMBOLS.Poly(SYMBOLS.expand(polynomial), *variables).terms()
    moment = (lambda n: 1 - n % 2) if signs else _normal_moment
    return sum(c * prod(moment(n) for n in powers) for powers, c in terms)


def polynomial_moments_agree(j: int, *, degree: int = 6, pairings: int = 3, signs: bool = False) -> Verdict:
    """Whether E[phi(w.x) He_j(x)] = m_j(|w|) wbar^(x)j for all w != 0 in R^2 and all polynomials phi of that degree.

    m_j(s) = E[phi(s z) He_j(z)] from its definition in one variable. signs=True: for x and z of independent signs in
    place of normal ones, on both sides.
    """
    a, b, x, y = SYMBOLS.symbols("a b x y", real=True)
    s = SYMBOLS.Symbol("s", positive=True)
    phi, z = _general_polynomial(degree)
    at = phi.subs(z, a * x + b * y)
    of_one_unit = phi.subs(z, s * x) * sum(c * x**i for i, c in enumerate(HERMITE[j]))
    # m_j has the parity of j, so m_j(s)/s^j is rational in s^2 = |w|^2
    m = SYMBOLS.expand(gaussian_expectation(of_one_unit, [x], signs=signs) / s**j).subs(s, SYMBOLS.sqrt(a**2 + b**2))
    return _all_zero(
        gaussian_expectation(at * hermite_entry(entry, (x, y), pairings=pairings), (x, y), signs=signs)
        - m * prod((a, b)[i] for i in entry)
        for entry in combinations_with_replacement(range(2), j)
    )


def rectified_moments_agree(j: int, q: int, *, pairings: int = 3) -> Verdict:
    """The same for phi(z) = p z_+^q + r z_-^q and w = s (3/5, 4/5), for all p, r and all s > 0.

    x is turned so that its first coordinate u is along w: E u_+^n is (n - 1)!!/2 or (n - 1)!!/sqrt(2 pi).
    """
    p, r, u, t = SYMBOLS.symbols("p r u t", real=True)
    s = SYMBOLS.Symbol("s", positive=True)
    c, e = SYMBOLS.Rational(3, 5), SYMBOLS.Rational(4, 5)
    x = (c * u - e * t, e * u + c * t)
    m = _rectified_expectation(sum(a * u**i for i, a in enumerate(HERMITE[j])), u, t, q)
    return _all_zero(
        s**q
        * (
            _rectified_expectation(hermite_entry(entry, x, pairings=pairings), u, t, q)
            - m * prod((c, e)[i] for i in entry)
        ).subs({"p": p, "r": r})
        for entry in combinations_with_replacement(range(2), j)
    )


def risk_is_sum_of_moment_distances(*, degree: int = 4, orders: int = 4, factorials: bool = True) -> Verdict:
    """Whether f_D(W) = (1/2) sum_{j <= orders} ||M_j(W) - M_j(W*)||^2/j! for all polynomials phi of that degree.

    W and W* have two rational units each in R^2, v = (1, -1) and (2, 1); risk and moments are multiplied out.
    """
    x, y = SYMBOLS.symbols("x y", real=True)
    phi, z = _general_polynomial(degree)
    units = [(1, (1, 2)), (-1, (3, -1)), (-2, (1, -1)), (-1, (2, 1))]
    difference = sum(v * phi.subs(z, a * x + b * y) for v, (a, b) in units)
    risk = gaussian_expectation(difference**2, (x, y)) / 2
    total = SYMBOLS.Integer(0)
    for j in range(orders + 1):
        slopes = [
            v * gaussian_expectation(SYMBOLS.diff(phi, z, j).subs(z, a * x + b * y), (x, y)) for v, (a, b) in units
        ]
        products = [[(a * c + b * e) ** j for _, (c, e) in units] for _, (a, b) in units]
        square = sum(f * g * products[i][l] for i, f in enumerate(slopes) for l, g in enumerate(slopes))
        total += square / (2 * (factorial(j) if factorials else 1))
    return _all_zero([risk - total])


def fit_is_invisible_to(j: int, *, degree: int = 2, symmetric: bool = True) -> Verdict:
    """Whether M_j of every polynomial of that degree in x_1, x_2 vanishes; for j = 2, whether it is 2 A instead.

    A is the symmetric matrix of the polynomial c + b.x + A : (x x^T - I) + (terms of higher degree); symmetric=False:
    the triangular one of the same polynomial.
    """
    x = SYMBOLS.symbols("x y", real=True)
    powers = [(m, n) for m in range(degree + 1) for n in range(degree + 1 - m)]
    c = {power: SYMBOLS.Symbol(f"c{power[0]}{power[1]}", real=True) for power in powers}
    q = sum(a * x[0] ** m * x[1] ** n for (m, n), a in c.items())
    A = {(0, 0): c[2, 0], (0, 1): c[1, 1] / (2 if symmetric else 1), (1, 1): c[0, 2]}
    return _all_zero(
        gaussian_expectation(q * hermite_entry(entry, x), x) - (2 * A[entry[0], entry[1]] if j == 2 else 0)
        for entry in combinations_with_replacement(range(2), j)
    )


def square_norm(j: int, k: int) -> Any:
    """E ||He_j(z)||^2 for z ~ N(0, I_k), all k^j entries multiplied out: j! times (k + j - 1 choose j).

    >>> square_norm(2, 3)
    12
    """
    z = SYMBOLS.symbols(f"z:{k}", real=True)
    return sum(gaussian_expectation(hermite_entry(entry, z) ** 2, z) for entry in product(range(k), repeat=j))


def noise_across_the_span_agrees(k: int, m: int, *, seen: int = 0) -> Verdict:
    """Whether E y^2 |u|^2 |z|^2 = m E y^2 |z|^2 for all y of degree 2 in z; z in R^k and u in R^m independent normals.

    seen: y depends on so many coordinates of u, too.   Source: prp-noise.
    """
    z, u = SYMBOLS.symbols(f"z:{k}", real=True), SYMBOLS.symbols(f"u:{m}", real=True)
    known = [1, *z, *u[:seen]]
    terms = [known[i] * known[j] for i, j in combinations_with_replacement(range(len(known)), 2)]
    y = sum(SYMBOLS.Symbol(f"c{i}", real=True) * term for i, term in enumerate(terms))
    square = y**2 * sum(x**2 for x in z)
    noise = gaussian_expectation(square * sum(x**2 for x in u), (*z, *u))
    return _all_zero([noise - m * gaussian_expectation(square, (*z, *u))])


def homogeneous_moments_agree(q: int) -> Verdict:
    """Whether, for phi(z) = p z_+^q + r |z_-|^q and all p and r, the moments at s = 1 are those of the proposition.

    m_1 = (p - r) h_{q+1}, m_2 = (p + r) q h_q, m_3 = (p - r) (q - 1) h_{q+1}, m_4 = (p + r) q (q - 2) h_q with
    h_n = E[z_+^n]; h by the Gamma function here, by double factorials there.   Source: prp-homogeneous-moments.
    """
    p, r, u, t = SYMBOLS.symbols("p r u t", real=True)
    h = [
        2 ** SYMBOLS.Rational(n - 2, 2) * SYMBOLS.gamma(SYMBOLS.Rational(n + 1, 2)) / SYMBOLS.sqrt(SYMBOLS.pi)
        for n in (q, q + 1)
    ]
    expected = ((p - r) * h[1], (p + r) * q * h[0], (p - r) * (q - 1) * h[1], (p + r) * q * (q - 2) * h[0])
    return _all_zero(
        _rectified_expectation(sum(a * u**i for i, a in enumerate(HERMITE[j])), u, t, q) - expected[j - 1]
        for j in range(1, 5)
    )


def _general_polynomial(degree: int) -> tuple[Any, Any]:
    z = SYMBOLS.Symbol("z", real=True)
    coefficients = SYMBOLS.symbols(f"c:{degree + 1}", real=True)
    return sum(c * z**n for n, c in enumerate(coefficients)), z


def _rectified_expectation(polynomial: Any, u: Any, t: Any, q: int) -> Any:
    """E[(p u_+^q + r u_-^q) polynomial(u, t)], an expression in p and r."""
    p, r = SYMBOLS.symbols("p r", real=True)
    terms = SYMBOLS.Poly(SYMBOLS.expand(polynomial), u, t).terms()
    return sum(c * (p + (-1) ** n * r) * half_moment(q + n) * _normal_moment(l) for (n, l), c in terms)


def _normal_moment(n: int) -> int:
    return prod(range(n - 1, 0, -2)) if n % 2 == 0 else 0


def _all_zero(differences: Iterator[Any] | list[Any]) -> Verdict:
    for place, difference in enumerate(differences):
        rest = SYMBOLS.simplify(SYMBOLS.expand(difference))
        if rest != 0:
            return Verdict.decided(False, f"entry {place + 1} differs by {rest}")
    return Verdict.decided(True, "every entry, multiplied out")
