"""Random inputs: the exact moments by other routes, every step of the proof on draws, and the promises kept."""

from fractions import Fraction
from itertools import combinations, product
from math import gamma, sqrt

import numpy as np
import pytest
from scipy.special import roots_jacobi
from source_mutants import mutated

from onenn.overparam import (
    deviation_bound,
    exact_inputs,
    fourth_moment,
    khatri_rao,
    khatri_rao_singular_value,
    norm,
    overlap_moment,
    overlaps_bound_holds,
    promised_harmonic_mean,
    promised_inputs,
    random_inputs,
    room,
    sphere_moment,
    unit_inputs,
    walk_average,
    walks_agree,
)
from onenn.overparam import overlaps as overlaps_module
from onenn.rigorous import ball
from onenn.verdict import Verdict


def overlaps(X):
    """H: the off-diagonal part of (X X^T)^(o 2) - 1/d."""
    H = (X @ X.T) ** 2 - 1 / X.shape[1]
    np.fill_diagonal(H, 0)
    return H


@pytest.mark.parametrize("d", [3, 4, 9, 40])
def test_moments_of_an_overlap_are_those_of_its_density(d):
    """t has the density (1 - t^2)^((d - 3)/2), up to a factor: Gauss-Jacobi quadrature, exact for polynomials."""
    t, w = roots_jacobi(30, (d - 3) / 2, (d - 3) / 2)
    for p in (1, 2, 4, 8):
        value = np.sum(w * (t * t - 1 / d) ** p) / np.sum(w)
        assert value == pytest.approx(float(overlap_moment(d, p)), rel=1e-10, abs=1e-14)
    a, s = 1 - Fraction(1, d), Fraction(2, d * (d + 2))
    assert overlap_moment(d, 2) == s * a == Fraction(2 * (d - 1), d * d * (d + 2))
    printed = Fraction(105, d * (d + 2) * (d + 4) * (d + 6)) - Fraction(60, d * d * (d + 2) * (d + 4))
    assert overlap_moment(d, 4) == printed + Fraction(18, d**3 * (d + 2)) - Fraction(3, d**4)


@pytest.mark.parametrize(("n", "d"), [(2, 3), (3, 2), (4, 2)])
def test_the_fourth_moment_is_the_sum_over_all_closed_walks(n, d):
    """Each walk of four steps averaged monomial by monomial; nothing is grouped and no symmetry is used."""
    walks = [w for w in product(range(n), repeat=4) if all(w[i] != w[i - 1] for i in range(4))]
    means = {}
    for w in walks:
        names = {v: i for i, v in enumerate(dict.fromkeys(w))}
        pattern = tuple(names[v] for v in w)
        if pattern not in means:
            means[pattern] = walk_average(pattern, d)
    total = sum(means[tuple({v: i for i, v in enumerate(dict.fromkeys(w))}[v] for v in w)] for w in walks)
    assert total == fourth_moment(n, d)


def test_the_fourth_moment_is_that_of_draws():
    """4000 draws, seed 0: within five standard errors; with d^2 for the dimension it would not be."""
    n, d, draws = 12, 4, 4000
    rng = np.random.default_rng(0)
    values = [np.linalg.norm(H @ H) ** 2 for H in (overlaps(unit_inputs(n, d, rng=rng)) for _ in range(draws))]
    error = 5 * np.std(values) / sqrt(draws)
    assert abs(np.mean(values) - float(fourth_moment(n, d))) < error
    assert abs(np.mean(values) - float(fourth_moment(n, d, dimension=d * d))) > error
    assert walks_agree(3) == Verdict.PROVED and walks_agree(3, dimension=9) == Verdict.REFUTED


def test_moments_of_the_sphere_are_those_of_normal_vectors_divided():
    """E g^a = E|g|^a E x^a: 105 = d(d+2)(d+4)(d+6) E x_1^8; odd moments vanish; the moments sum to E|x|^2 = 1."""
    assert sphere_moment([8], 5) * 5 * 7 * 9 * 11 == 105
    assert sphere_moment([2, 1, 2], 3) == 0
    assert 5 * sphere_moment([4], 5) + 20 * sphere_moment([2, 2], 5) == 1


@pytest.mark.parametrize("n", [4, 6])
def test_half_of_the_entries_carry_half_of_the_norm(n):
    """The first step of the proof of item 2, on a draw: ||H|| <= 2 mean over T of the norm of the part cut by T."""
    H = overlaps(unit_inputs(n, 5, rng=n))
    parts = []
    for T in combinations(range(n), n // 2):
        inside = np.isin(np.arange(n), T)
        parts.append(np.linalg.norm(H[inside][:, ~inside], 2))
    assert np.linalg.norm(H, 2) <= 2 * (n - 1) / n * np.mean(parts) * (1 + 1e-12)


def test_the_rows_of_a_half_are_sums_of_independent_overlaps():
    """|b_i|^2 given x_i is a sum of m independent copies of h^2: its first two moments over 20000 draws, seed 3."""
    m, d, draws = 6, 8, 20_000
    rng = np.random.default_rng(3)
    X = rng.standard_normal((draws, m + 1, d))
    X /= np.linalg.norm(X, axis=2, keepdims=True)
    squares = np.sum(((X[:, :m] @ X[:, m, :, None])[:, :, 0] ** 2 - 1 / d) ** 2, axis=1)
    mean, fourth = m * float(overlap_moment(d, 2)), float(overlap_moment(d, 4))
    variance = m * (fourth - float(overlap_moment(d, 2)) ** 2)
    assert abs(np.mean(squares) - mean) < 5 * sqrt(variance / draws)
    assert np.var(squares) == pytest.approx(variance, rel=0.1)
    S = np.sort(squares)
    left_out = np.mean(np.where(S > 2 * mean, S, 0))
    assert m * left_out <= float(random_inputs._overshoot(m, d))


@pytest.mark.parametrize(("n", "d"), [(6, 6), (20, 10), (30, 30), (60, 20)])
def test_the_bound_of_the_mean_deviation_is_one(n, d):
    """Beside the mean over 40 draws, which concentrates; and it is no more than three times that for n = d."""
    rng = np.random.default_rng(n)
    mean = np.mean([np.linalg.norm(overlaps(unit_inputs(n, d, rng=rng)), 2) for _ in range(40)])
    assert mean < deviation_bound(n, d) < 3 * mean


def test_the_second_item_takes_over_and_solves_its_inequality():
    """At d = 5000, n = 50000 the fourth moment says nothing; the bound satisfies the inequality with equality."""
    n, d = 50_000, 5000
    w, m, q = deviation_bound(n, d), n // 2, 1 - 1 / d
    assert w < 0.35 and float(fourth_moment(n, d)) > 1
    R = float(random_inputs._overshoot(m, d))
    right = 4 * m * float(overlap_moment(d, 2)) * (3.2 * (1 + w / q) + np.log(m)) + 4 * R
    assert w * w == pytest.approx(right, rel=1e-9)
    assert R <= 3330 / d**2


def test_moments_stay_below_those_of_normal_squares():
    """E h^p d^p <= E (g^2 - 1)^p, which is 60 and 1190672 for p = 4 and 8, and tends to it."""
    for d in (3, 10, 100, 1000):
        assert overlap_moment(d, 4) * d**4 < 60 and overlap_moment(d, 8) * d**8 < 1190672
    assert float(overlap_moment(10**6, 8) * 10**48) == pytest.approx(1190672, rel=1e-3)
    t, w = np.polynomial.hermite_e.hermegauss(20)
    for p, value in ((4, 60), (8, 1190672)):
        assert np.sum(w * (t * t - 1) ** p) / np.sum(w) == pytest.approx(value)


def test_mean_lengths_of_normal_vectors_have_the_product_d():
    """E|g_d| E|g_(d+1)| = d, so E|g_d| >= d/sqrt(d + 1)."""

    def length(d):
        return sqrt(2) * gamma((d + 1) / 2) / gamma(d / 2)

    for d in (1, 2, 7, 50):
        assert length(d) * length(d + 1) == pytest.approx(d, rel=1e-12)
        assert d / sqrt(d + 1) <= length(d) <= sqrt(d)


def test_the_least_singular_value_moves_by_at_most_the_root_of_two():
    """|x (x) x - x' (x) x'| <= sqrt 2 |x - x'|, and the rate is attained for near inputs."""
    rng = np.random.default_rng(1)
    X, Y = unit_inputs(5, 4, rng=rng), unit_inputs(5, 4, rng=rng)
    near = X + 1e-6 * Y
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    for Z in (Y, near):
        change = np.linalg.norm(khatri_rao(X, X) - khatri_rao(Z, Z))
        assert change <= sqrt(2) * np.linalg.norm(X - Z) * (1 + 1e-9)
        assert abs(khatri_rao_singular_value(X) - khatri_rao_singular_value(Z)) <= change + 1e-12
    assert change / np.linalg.norm(X - near) == pytest.approx(sqrt(2), rel=1e-5)


def test_promises_about_random_inputs_are_kept():
    """Failure probability 1e-3 each, 24 draws; some promise is not empty, and none is broken."""
    for n, d in ((3, 60), (10, 100), (40, 200)):
        least, largest = promised_inputs(n, d, failure=1e-3)
        assert 0 < least < 1
        for seed in range(8):
            X = unit_inputs(n, d, rng=seed)
            assert khatri_rao_singular_value(X) >= least and norm(X) <= largest
    assert promised_inputs(200, 20, failure=1e-3)[0] == 0


def test_the_inverse_has_the_distances_on_its_diagonal():
    """1/(G^-1)_ii is the squared distance of Z_i from the others; its mean is q (1 - (n - 1)/N), by symmetry."""
    n, d = 9, 5
    X = unit_inputs(n, d, rng=2)
    Z = (X[:, :, None] * X[:, None, :] - np.eye(d) / d).reshape(n, -1)
    inverse = np.linalg.inv(Z @ Z.T)
    for i in range(n):
        others = np.delete(Z, i, axis=0)
        near = np.linalg.lstsq(others.T, Z[i], rcond=None)[0] @ others
        assert 1 / inverse[i, i] == pytest.approx(np.sum((Z[i] - near) ** 2), rel=1e-9)
    rng, distances = np.random.default_rng(4), []
    for _ in range(3000):
        X = unit_inputs(n, d, rng=rng)
        G = (X @ X.T) ** 2 - 1 / d
        distances.append(1 / np.linalg.inv(G)[0, 0])
    N = d * (d + 1) / 2 - 1
    error = 5 * np.std(distances) / sqrt(3000)
    assert abs(np.mean(distances) - (1 - 1 / d) * (1 - (n - 1) / N)) < error


def test_the_harmonic_mean_is_promised_up_to_the_wall_and_not_beyond():
    """Kept on draws; at a quarter of the wall of a large d it is not empty; two opposite inputs break it."""
    for n, d in ((20, 150), (60, 300)):
        w = promised_harmonic_mean(n, d, failure=1e-3)
        assert 0.5 < w < 1
        for seed in range(5):
            X = unit_inputs(n, d, rng=seed)
            values = np.linalg.eigvalsh((X @ X.T) ** 2)
            assert n / np.sum(1 / values) >= w and values[0] >= w / n
    assert promised_harmonic_mean(125_000, 1000, failure=1e-3) > 0.3
    assert promised_harmonic_mean(211, 20, failure=0.5) == 0
    X[0] = -X[1]
    assert np.linalg.eigvalsh((X @ X.T) ** 2)[0] < w / n


def test_the_deterministic_bound_holds_for_unit_inputs_only():
    """q - ||H|| < sigma_min^2, in balls; not for two short inputs."""
    X = exact_inputs(4, 6, rng=0)
    assert overlaps_bound_holds(X) == Verdict.PROVED
    assert overlaps_bound_holds([[t / 2 for t in x] for x in X[:2]]) == Verdict.REFUTED


WRONG = {
    "one star too many": {"2 * (n - 2) * (s * a) ** 2": "3 * (n - 2) * (s * a) ** 2"},
    "the cycle with s^3": {"cycle = s**4": "cycle = s**3"},
    "no last kind of walk": {"(s * a) ** 2 + overlap_moment(d, 4))": "(s * a) ** 2)"},
}


@pytest.mark.parametrize("slip", WRONG)
def test_wrong_fourth_moments_are_noticed(slip):
    """Against the sum over all walks for n = 4, d = 2."""
    wrong = mutated(overlaps_module, WRONG[slip])
    assert wrong.fourth_moment(4, 2) != fourth_moment(4, 2)


@pytest.mark.parametrize("d", [20, 1000, 10**5])
def test_the_room_is_that_of_the_inequality(d):
    """4 m s a <= 4 (n + 1)/d^2, e/a = 1/(3 a), R = 2 (3 V^2 + F/m)/(s a)^3 with V <= 60/d^4,
    F <= 1190672/d^8, m >= d/2 and s a >= 2 (1 - 3/(d + 2))/d^2, in doubles."""
    for constant in (60, 90):
        n = d**2 / (constant * np.log(d)) + 1
        a = 1 - 1 / d
        R = 2 * (3 * (60 / d**4) ** 2 + 1190672 / d**8 / (d / 2)) / (2 * (1 - 3 / (d + 2)) / d**2) ** 3
        right = 4 * n / d**2 * (3.2 * (1 + 1 / (3 * a)) + np.log(n / 2)) + 4 * R
        assert float(room(ball(d), constant)) == pytest.approx(1 / 9 - right, rel=1e-9)


def test_the_constant_of_the_corollary_has_little_room():
    """90 will do at d = 1000 and beyond, 60 will not."""
    for d in (1000, 10**5, 10**12):
        assert room(ball(d), 90) > 0 and not room(ball(d), 60) > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: deviation_bound(5, 2), "d is 2; expected at least 3"),
        (lambda: promised_inputs(5, 4, failure=0), "failure is 0"),
        (lambda: fourth_moment(0, 3), "n is 0"),
    ],
)
def test_unfit_arguments_are_named(call, message):
    """With what was expected."""
    with pytest.raises(ValueError, match=message):
        call()


NEGATIVE = [[1, 0], ["3/5", "4/5"], ["-3/5", "4/5"]]
POSITIVE = [[1, 0], ["15/17", "8/17"], ["35/37", "12/37"]]


@pytest.mark.parametrize(("points", "sign"), [(NEGATIVE, -1), (POSITIVE, 1)])
def test_the_enclosed_overlaps_are_those_of_floats(points, sign):
    """1 - 1/d - ||H|| and sigma_min^2(X * X), told by the reason; ||H|| is at the lower end of H, then at the upper."""
    X = np.array([[float(Fraction(t)) for t in x] for x in points])
    K = (X @ X.T) ** 2
    H = K - 1 / 2
    np.fill_diagonal(H, 0)
    ends = np.linalg.eigvalsh(H)[[0, -1]]
    assert sign * (ends[1] + ends[0]) > 0.05
    answer = overlaps_bound_holds(points)
    numbers = (part.split(" ")[0] for part in str(answer.reason).split("[")[1:])
    left, right = (0.0 if x == "+/-" else float(x) for x in numbers)  # a ball around 0 has no digits
    assert left == pytest.approx(1 / 2 - np.abs(ends).max(), abs=1e-12)
    assert right == pytest.approx(np.linalg.eigvalsh(K)[0], abs=1e-12) and answer == Verdict.PROVED
