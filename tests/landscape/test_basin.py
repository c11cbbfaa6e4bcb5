"""The certified basin: no random student inside is a counterexample, the radius is large, and controls fail."""

import math
from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation
from onenn.landscape import basin, box_around, hessian, hessian_ball, strong_convexity_radius
from onenn.landscape.basin import certified_radius, is_positive_definite_around
from onenn.landscape.minorant import minorant
from onenn.rigorous import ball, is_positive_definite, precision

THIRD = Fraction(1, 3)
OTHERS = {
    "unequal lengths": OneHiddenLayer([[2, 0], [0, Fraction(1, 2)]], [1, 1], "erf"),
    "k < d, mixed signs": OneHiddenLayer([[1, THIRD, 0], [0, 1, -THIRD]], [2, -1], "relu"),
    "oblique": OneHiddenLayer([[1, 0], [1, 1]], [1, Fraction(3, 2)], "squared_relu"),
    "leaky": OneHiddenLayer([[1, 0], [THIRD, 1]], [1, -2], activation("leaky_relu", slope=THIRD)),
    "exp": OneHiddenLayer([[THIRD, 0], [0, THIRD]], [1, 1], "exp"),
    "one unit": OneHiddenLayer([[1, 1, 1]], [2], "relu"),
    "obtuse": OneHiddenLayer([[1, 0], [-1, 1]], [1, 1], "relu"),
}


def orthonormal(name, k=2):
    """k orthonormal units with v = 1."""
    return OneHiddenLayer(np.eye(k, dtype=int), [1] * k, name)


def least_eigenvalues(teacher, radius, count, seed=0):
    """lambda_min(H) at random students at most that far, most of them near the sphere."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        A = rng.standard_normal(teacher.W.shape)
        A *= float(radius) * rng.random() ** 0.1 / np.linalg.norm(A)
        yield np.linalg.eigvalsh(hessian(OneHiddenLayer(teacher.W + A, teacher.v, teacher.phi), teacher))[0]


@pytest.mark.parametrize(("name", "radius"), [("erf", "0.1"), ("squared_relu", "0.095"), ("relu", "0.12")])
def test_three_times_the_formula_and_more(name, radius):
    """k = 2, orthonormal: proved in one expansion of degree 4; the formula's radius is at most a third of it."""
    teacher = orthonormal(name)
    assert is_positive_definite_around(teacher, radius) == Verdict.PROVED
    assert float(radius) > 3.5 * strong_convexity_radius(teacher)
    assert min(least_eigenvalues(teacher, radius, 150)) > 0


@pytest.mark.parametrize("name", ["erf", "squared_relu", "relu"])
def test_three_units(name):
    """k = d = 3 at degree 2, and 1/2 is refuted by a student."""
    teacher = orthonormal(name, 3)
    assert is_positive_definite_around(teacher, "0.045", degree=2) == Verdict.PROVED
    assert min(least_eigenvalues(teacher, "0.045", 40)) > 0
    assert is_positive_definite_around(teacher, "0.45", degree=1) == Verdict.REFUTED


@pytest.mark.parametrize("name", OTHERS)
def test_other_teachers_shapes_and_weights(name):
    """What bisection proves, random students confirm; it is never beyond a student with a lower eigenvalue <= 0."""
    teacher = OTHERS[name]
    largest = Fraction(1, 32 if name == "oblique" else 4)
    found = certified_radius(teacher, largest=largest, tries=5, degree=3)
    assert 0 < found.radius < found.failed and found.failed - found.radius == largest / 2**5
    assert min(least_eigenvalues(teacher, found.radius, 50, seed=1)) > 0


@pytest.mark.parametrize("name", ["erf", "exp"])
@pytest.mark.parametrize("degree", [1, 3])
def test_the_bound_is_that_of_the_formula(name, degree):
    """lambda_min(C X_0 C^T) = 1 less sum_m r^m |S_m|^(1/2), S_m = sum alpha!/m! (C X_alpha C^T)^2, in doubles from the
    same expansion with loops of its own; r so small that the remainder is below what is compared."""
    teacher = OneHiddenLayer([[1, Fraction(1, 4)], [0, Fraction(1, 2)]], [1, -2], name)
    radius = Fraction(1, 10**6) if degree == 1 else Fraction(1, 500)
    with precision(64):
        M, found = minorant(teacher, ball(radius), degree), basin._least_around(teacher, radius, degree)
    X = [np.array([[float(x.mid()) for x in row] for row in matrix]) for matrix in M.coefficients]
    C, lost = np.linalg.inv(np.linalg.cholesky(X[0])), 0.0
    for m in range(1, degree + 1):
        S = np.zeros_like(X[0])
        for word, matrix in zip(M.monomials.words, X, strict=True):
            if len(word) == m:
                weight = math.prod(math.factorial(word.count(i)) for i in set(word)) / math.factorial(m)
                S += weight * np.linalg.matrix_power(C @ matrix @ C.T, 2)
        lost += float(radius) ** m * np.sqrt(np.linalg.eigvalsh(S)[-1])
    assert 1 - float(found) == pytest.approx(lost, rel=1e-3) and 1 - float(found) >= lost * (1 - 1e-9)


@pytest.mark.parametrize("name", ["erf", "exp"])
def test_the_bound_is_below_every_matrix_that_the_remainder_allows(name):
    """Degree 1, where the remainder counts: the entries of X_0 moved by their bounds against the least eigenvector."""
    teacher, radius = OneHiddenLayer([[1, Fraction(1, 4)], [0, Fraction(1, 2)]], [1, -2], name), Fraction(1, 2000)
    with precision(64):
        M, found = minorant(teacher, ball(radius), 1), basin._least_around(teacher, radius, 1)
    X = [np.array([[float(x.mid()) for x in row] for row in matrix]) for matrix in (*M.coefficients, M.bounds)]
    C = np.linalg.inv(np.linalg.cholesky(X[0]))
    lost = float(radius) * np.sqrt(np.linalg.eigvalsh(sum((C @ x @ C.T) @ (C @ x @ C.T) for x in X[1:-1]))[-1])
    side = np.sign(C.T @ np.linalg.eigh(C @ X[-1] @ C.T)[1][:, -1])
    least = np.linalg.eigvalsh(C @ (X[0] - X[-1] * np.outer(side, side)) @ C.T)[0]
    assert least < 1 - 1e-6 and float(found) <= least - lost


def test_a_radius_past_a_singular_student_is_refuted_and_a_coarse_expansion_decides_nothing():
    """0.2227 is singular for erf; at degree 1 the remainder is too wide for 0.1, and that is no proof."""
    assert is_positive_definite_around(orthonormal("erf"), "0.24") == Verdict.REFUTED
    assert is_positive_definite_around(orthonormal("erf"), "0.1", degree=1) == Verdict.UNDECIDED
    assert is_positive_definite_around(orthonormal("erf"), "0.18") == Verdict.UNDECIDED


def test_a_bound_of_zero_is_no_proof(monkeypatch):
    """lambda_min >= 0 does not exclude a kernel, nor does a bound that is not finite or holds 0."""
    for bound in (ball(0), ball(0) / ball(0), ball("1/10").union(ball("-1/10"))):
        monkeypatch.setattr(basin, "_least_around", lambda *_, bound=bound: bound)
        assert is_positive_definite_around(orthonormal("erf"), "1/100") == Verdict.UNDECIDED
        assert certified_radius(orthonormal("erf"), largest="1/10", tries=2).radius == 0


def test_a_singular_teacher_has_no_basin():
    """Quadratic phi: a rotation of the units leaves the risk at 0; v = 0: nothing depends on that unit."""
    assert is_positive_definite_around(orthonormal("quadratic"), "1/100") != Verdict.PROVED
    assert is_positive_definite_around(OneHiddenLayer([[1, 0], [0, 1]], [1, 0], "erf"), "1/100") != Verdict.PROVED
    assert certified_radius(orthonormal("quadratic"), largest="1/100", tries=3).radius == 0


def test_plain_evaluation_over_one_box_proves_less():
    """hessian_ball over the box around the ball fails at a quarter of the radius that the expansion proves."""
    teacher = orthonormal("erf")
    H = hessian_ball(teacher, teacher, box=box_around(teacher, "1/100"))
    assert is_positive_definite(H.tolist()) != Verdict.PROVED
    assert is_positive_definite_around(teacher, "1/25") == Verdict.PROVED


@pytest.mark.parametrize("mutant", ["no first order", "no remainder", "no higher order"])
def test_a_bound_with_a_term_left_out_proves_what_is_false(monkeypatch, mutant):
    """Each dropped term moves the radius that is 'proved' past the singular students."""
    teacher, radius = orthonormal("squared_relu"), "0.138"
    assert is_positive_definite_around(teacher, radius) == Verdict.REFUTED
    if mutant == "no remainder":
        original = basin.minorant
        monkeypatch.setattr(basin, "minorant", lambda *case: original(*case[:2], 1))
        monkeypatch.setattr("onenn.landscape.minorant.Expansion.constant", property(lambda M: M.coefficients[0]))
        monkeypatch.setattr(basin, "_joint_norm", lambda matrices, weights: basin.ball(0))
        degree = 1
    elif mutant == "no first order":
        norm = basin._joint_norm
        monkeypatch.setattr(basin, "_joint_norm", lambda X, w: norm(X, w) if len(X) > 4 else basin.ball(0))
        degree, radius = 4, "0.138"
    else:
        monkeypatch.setattr(basin, "_joint_norm", lambda X, w: basin.ball(0))
        degree, radius = 4, "0.138"
    assert is_positive_definite_around(teacher, radius, degree=degree) == Verdict.PROVED


def test_bad_input_is_named():
    """No closed form of pairs, a row that could vanish, no radius, no degree; floats are told apart."""
    with pytest.raises(ValueError, match="phi is tanh"):
        is_positive_definite_around(orthonormal("tanh"), "1/10")
    with pytest.raises(ValueError, match="a row could vanish"):
        is_positive_definite_around(orthonormal("relu"), 1)
    with pytest.raises(ValueError, match="radius is 0"):
        is_positive_definite_around(orthonormal("relu"), 0)
    with pytest.raises(ValueError, match="degree is 0"):
        is_positive_definite_around(orthonormal("relu"), "1/10", degree=0)
    with pytest.raises(ValueError, match="a row could vanish"):
        certified_radius(orthonormal("relu"), largest=2)
