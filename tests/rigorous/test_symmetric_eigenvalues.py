"""Eigenvalue bounds and definiteness of symmetric ball matrices: known spectra, clusters, radii, exact refutations."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat, fmpz_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from rigorous_strategies import encloses

from onenn.rigorous import BALLS as C
from onenn.rigorous import (
    ball,
    ball_matrix,
    eigenvalues,
    is_positive_definite,
    min_eigenvalue,
    precision,
    symmetric_eigenvalues,
)
from onenn.rigorous.matrix import Symmetric
from onenn.verdict import Verdict

entry = st.integers(-4, 4)


@st.composite
def integer_matrices(draw, largest=5):
    n = draw(st.integers(1, largest))
    A = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            A[i][j] = A[j][i] = draw(entry)
    return A


def exact_spectrum(A, bits=300):
    """The roots of the characteristic polynomial with their multiplicities, isolated by another algorithm."""
    with precision(bits):
        roots = [(x.real, k) for x, k in fmpz_mat(A).charpoly().complex_roots()]
    values = [x for x, k in roots for _ in range(k)]
    return sorted(values, key=lambda x: x.mid())


def path_laplacian(n):
    return [[(1 if i in (0, n - 1) else 2) if i == j else -(abs(i - j) == 1) for j in range(n)] for i in range(n)]


@settings(max_examples=50, deadline=None)
@given(integer_matrices(), st.integers(24, 300))
def test_the_eigenvalues_are_the_roots_of_the_characteristic_polynomial(A, bits):
    """Independent route: exact isolation of the roots, multiplicities included. Tight at every precision."""
    values = symmetric_eigenvalues(A, bits=bits)
    size = 1 + max(sum(abs(x) for x in row) for row in A)
    for value, exact in zip(values, exact_spectrum(A), strict=True):
        assert encloses(value, exact)
        assert value.rad() <= 40 * size * (ball(2) ** -bits + (ball(2) ** -53 if bits <= 53 else 0))


@pytest.mark.parametrize("bits", [53, 64, 128, 256])
@pytest.mark.parametrize("n", [2, 7, 30])
def test_the_spectrum_of_a_path_is_enclosed_tightly(n, bits):
    """The Laplacian of a path has the eigenvalues 2 - 2 cos(pi j/n), in increasing order."""
    values = symmetric_eigenvalues(path_laplacian(n), bits=bits)
    with precision(400):
        for j, value in enumerate(values):
            assert encloses(value, 2 - 2 * C.cos(C.pi * j / n))
            assert value.rad() < (ball("1e-12") if bits == 53 else n * ball(2) ** (6 - bits))


@pytest.mark.parametrize("bits", [53, 160])
def test_multiple_eigenvalues_are_no_harder_than_simple_ones(bits):
    """Identity, all-ones and zero matrices: no eigenvector is determined, every eigenvalue is."""
    n = 12
    cases = {
        "identity": ([[int(i == j) for j in range(n)] for i in range(n)], [1] * n),
        "ones": ([[1] * n] * n, [0] * (n - 1) + [n]),
        "zero": ([[0] * n] * n, [0] * n),
        "blocks": ([[int(i // 3 == j // 3) for j in range(n)] for i in range(n)], [0] * (n - n // 3) + [3] * (n // 3)),
    }
    for A, spectrum in cases.values():
        for value, exact in zip(symmetric_eigenvalues(A, bits=bits), spectrum, strict=True):
            assert encloses(value, ball(exact)) and value.rad() < ball("1e-12" if bits == 53 else "1e-44")


def reflected(D, n):
    """H D H for the rational reflection H = I - 2 u u^T/(u^T u), u = (1, ..., n): exact eigenvalues D."""
    u = range(1, n + 1)
    norm = sum(t * t for t in u)
    H = [[Fraction(int(i == j)) - Fraction(2 * a * b, norm) for j, b in enumerate(u)] for i, a in enumerate(u)]
    return [[sum(H[i][k] * D[k] * H[k][j] for k in range(n)) for j in range(n)] for i in range(n)]


@pytest.mark.parametrize("gap", ["1e-10", "1e-20", "1e-40"])
def test_clustered_eigenvalues_are_told_apart_at_high_precision(gap):
    """Gaps far below double precision: doubles find the cluster, rotations separate it."""
    D = [1 + k * Fraction(gap) for k in range(4)] + [Fraction(k) for k in range(2, 6)]
    A = reflected(D, 8)
    values = symmetric_eigenvalues(A, bits=256)
    for value, exact in zip(values, sorted(D), strict=True):
        with precision(400):
            assert encloses(value, ball(exact)) and value.rad() < ball("1e-70")
    assert all(x < y for x, y in itertools.pairwise(values))


def test_badly_scaled_matrices_keep_their_norm_accuracy():
    """Entries beyond the range of doubles are scaled by a power of two first."""
    for scale in ("1e-400", "1e400"):
        values = symmetric_eigenvalues([[f"2{scale[1:]}", scale], [scale, f"2{scale[1:]}"]])
        for value, exact in zip(values, (1, 3), strict=True):
            assert encloses(value / ball(scale), ball(exact)) and value.rel_accuracy_bits() > 40


def test_ill_conditioned_matrices_yield_their_smallest_eigenvalue_at_enough_bits():
    """The Hilbert matrix of order 12 has lambda_min near 1.05e-16: at 53 bits it is not told from 0."""
    H = [[Fraction(1, i + j + 1) for j in range(12)] for i in range(12)]
    assert min_eigenvalue(H, bits=53).contains(0)
    fine = min_eigenvalue(H, bits=200)
    assert fine > 0 and fine.rel_accuracy_bits() > 120
    with precision(300):  # independent route: the determinant is the product of the eigenvalues
        product = math.prod(symmetric_eigenvalues(H, bits=200), start=arb(1))
        assert encloses(product, ball_matrix(H).det())


@settings(max_examples=30, deadline=None)
@given(integer_matrices(4), st.data())
def test_every_symmetric_matrix_inside_a_ball_matrix_is_covered(A, data):
    """Contains, for corners and inner points of the ball. Tight: the row sums of the radii bound the radius."""
    n = len(A)
    R = [[Fraction(0)] * n for _ in range(n)]
    P = [[Fraction(0)] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            R[i][j] = R[j][i] = data.draw(st.fractions(0, 1, max_denominator=8))
            P[i][j] = P[j][i] = A[i][j] + R[i][j] * data.draw(st.sampled_from([-1, Fraction(1, 2), 1]))
    inside = symmetric_eigenvalues(P, bits=100)
    wide = symmetric_eigenvalues([[ball(A[i][j]) + arb(0, ball(R[i][j])) for j in range(n)] for i in range(n)])
    largest = max(sum(row) for row in R)
    for value, exact in zip(wide, inside, strict=True):
        assert encloses(value, exact)
        assert value.rad() <= ball(largest) * ball("1.001") + ball("1e-10")


def test_the_norm_of_the_radii_is_nearly_sharp():
    """R = all-ones has norm n, which A = M + R reaches; a star of n - 1 radii has norm sqrt(n - 1), not n - 1."""
    n = 6
    flat = [[arb(i == j, "0.01") for j in range(n)] for i in range(n)]
    assert all(x.rad() < ball("0.0601") for x in symmetric_eigenvalues(flat))
    star = [[arb(0, "0.01") if (i == 0) != (j == 0) else arb(i) * int(i == j) for j in range(10)] for i in range(10)]
    # ||R|| = 0.01 sqrt(9) by the Perron vector; the row sums alone give 0.09
    assert all(x.rad() < ball("0.0301") for x in symmetric_eigenvalues(star))


def test_any_approximate_eigenvectors_give_a_right_enclosure(monkeypatch):
    """Q is not trusted: with eigenvectors that are off by 1e-3, or not orthogonal, the bounds only widen."""
    A, rng = path_laplacian(6), np.random.default_rng(7)
    exact = symmetric_eigenvalues(A, bits=200)
    for size in (1e-3, 3e-2):
        Q = np.linalg.eigh(np.array(A, dtype=float))[1] + size * rng.normal(size=(6, 6))
        with monkeypatch.context() as patch:
            patch.setattr(eigenvalues, "approximate_eigenvectors", lambda S, bits, Q=Q: arb_mat(Q.tolist()))
            assert all(encloses(x, y) for x, y in zip(symmetric_eigenvalues(A), exact, strict=True))
    with monkeypatch.context() as patch:
        patch.setattr(eigenvalues, "approximate_eigenvectors", lambda S, bits: arb_mat([[1] * 6] * 6))
        assert not any(x.is_finite() for x in symmetric_eigenvalues(A))


def test_results_at_two_precisions_overlap():
    """Two enclosures of one spectrum."""
    A = [[Fraction(1, 1 + abs(i - j)) for j in range(9)] for i in range(9)]
    for bits in (30, 77, 140):
        pairs = zip(symmetric_eigenvalues(A, bits=bits), symmetric_eigenvalues(A, bits=bits + 31), strict=True)
        assert all(x.overlaps(y) for x, y in pairs)


def test_a_symmetric_matrix_may_come_as_two_enclosures_of_each_entry():
    """A_ij and A_ji enclose one number: their intersection counts; disjoint ones are refused."""
    A = arb_mat([[arb(1), arb(0, "0.1")], [arb("0.05", "0.1"), arb(1)]])
    assert Symmetric(A).rows[0][1].rad() < ball("0.08")
    with pytest.raises(ValueError, match=r"A\[1, 0\] = .* are disjoint; .* symmetrise"):
        symmetric_eigenvalues([[1, 2], [3, 1]])


def test_a_non_finite_entry_leaves_nothing_known():
    """No claim from no information."""
    A = [[1, arb.nan()], [arb.nan(), 1]]
    assert not any(x.is_finite() for x in symmetric_eigenvalues(A))
    assert not min_eigenvalue([[arb(0, "inf")]]).is_finite()
    assert is_positive_definite(A) == Verdict.UNDECIDED


@pytest.mark.parametrize("function", [symmetric_eigenvalues, is_positive_definite])
@pytest.mark.parametrize(
    ("A", "error", "message"),
    [
        ([], ValueError, "rows of lengths"),
        ([[1, 2]], ValueError, r"shape \(1, 2\)"),
        ([[1, 2], [3]], ValueError, "rows of lengths"),
        ([[0.5]], TypeError, "float 0.5"),
        (np.eye(2), TypeError, "float"),
    ],
    ids=str,
)
def test_what_is_no_symmetric_matrix_is_refused(function, A, error, message):
    """The error names A and what was expected."""
    with pytest.raises(error, match=message):
        function(A)


@settings(max_examples=60, deadline=None)
@given(integer_matrices())
def test_definiteness_agrees_with_the_smallest_eigenvalue(A):
    """Independent route: the exact spectrum. Integer matrices are always decided, singular ones included."""
    smallest = exact_spectrum(A)[0]
    verdict = is_positive_definite(A)
    assert verdict == Verdict.decided(bool(smallest > ball("1e-20")))
    assert verdict.reason


@settings(max_examples=30, deadline=None)
@given(integer_matrices(4), st.fractions(0, 3, max_denominator=8), st.data())
def test_definiteness_of_a_ball_matrix_holds_for_the_matrices_inside(A, radius, data):
    """PROVED and REFUTED speak about every symmetric matrix in the ball."""
    n = len(A)
    P = [[Fraction(x) for x in row] for row in A]
    for i in range(n):
        for j in range(i + 1):
            P[i][j] = P[j][i] = A[i][j] + radius * data.draw(st.sampled_from([-1, 0, 1]))
    verdict = is_positive_definite([[ball(x) + arb(0, ball(radius)) for x in row] for row in A])
    assert verdict == Verdict.UNDECIDED or verdict == is_positive_definite(P, bits=120)


@pytest.mark.parametrize("n", [10, 80])
def test_definiteness_is_decided_for_large_well_conditioned_matrices(n):
    """A A^T + I is positive definite; taking away a little more than its smallest eigenvalue makes it indefinite."""
    rng = np.random.default_rng(3)
    G = rng.normal(size=(n, n))
    A = np.rint((G @ G.T + np.eye(n)) * 2**20) / 2**20  # dyadic and symmetric
    exact = lambda M: [[Fraction(float(x)) for x in row] for row in M]  # noqa: E731
    assert is_positive_definite(exact(A)) == Verdict.PROVED
    shift = math.ceil((np.linalg.eigvalsh(A)[0] + 0.01) * 2**20) / 2**20
    assert is_positive_definite(exact(A - shift * np.eye(n))) == Verdict.REFUTED


def test_definiteness_of_nearly_singular_matrices_needs_bits():
    """Hilbert matrices defeat doubles; the pivots of L D L^T decide at enough bits."""
    H = [[Fraction(1, i + j + 1) for j in range(20)] for i in range(20)]
    assert is_positive_definite(H, bits=53) == Verdict.UNDECIDED
    assert is_positive_definite(H, bits=160) == Verdict.PROVED
    H[19][19] -= Fraction(1, 10**18)
    assert is_positive_definite(H, bits=160) == Verdict.REFUTED


@pytest.mark.parametrize(
    "A",
    [
        [[0]],
        [[1, 1], [1, 1]],
        [[1, 2], [2, 4]],
        [[3, 1, 2], [1, 3, -2], [2, -2, 4]],
        [[1, 2], [2, 1]],
        [[1, 0], [0, -1]],
    ],
    ids=str,
)
def test_singular_and_indefinite_matrices_are_refuted_exactly(A):
    """lambda_min = 0 is equality: no ball excludes it, a zero pivot or an exact rank does."""
    assert is_positive_definite(A) == Verdict.REFUTED


def test_a_singular_matrix_of_thirds_is_not_called_definite():
    """1/3 is not a binary fraction: singularity is out of reach of balls, and stays undecided."""
    third = Fraction(1, 3)
    assert is_positive_definite([[third, third], [third, third]]) == Verdict.UNDECIDED
