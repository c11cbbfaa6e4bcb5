"""The explicit bounds on the Hessian at the teacher: never violated, attained where they must be, errors named."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict, activation, gaussian, random_teacher
from onenn.landscape import hessian_at_teacher, hessian_at_teacher_ball
from onenn.landscape.bounds import (
    bound_holds,
    conditioning,
    conditioning_ball,
    sharper_strong_convexity_bound,
    sharper_strong_convexity_bound_ball,
    smoothness_bound,
    smoothness_bound_ball,
    smoothness_bound_by_units,
    smoothness_bound_by_units_ball,
    strong_convexity_bound,
    strong_convexity_bound_ball,
    with_unit_rows,
)
from onenn.rigorous import min_eigenvalue

FOUR = ["relu", "leaky_relu", "squared_relu", "erf"]
rng = np.random.default_rng(6)


def teachers(name, count, *, spread=1.0):
    for _ in range(count):
        k = int(rng.integers(1, 4))
        W = rng.standard_normal((k, int(rng.integers(k, 6)))) * np.exp(spread * rng.standard_normal((k, 1)))
        yield OneHiddenLayer(W, rng.choice([-1, 1], size=k) * rng.uniform(0.5, 2, size=k), name)


@pytest.mark.parametrize("name", FOUR)
def test_the_spectrum_lies_between_the_bounds(name):
    """thm-lsc-explicit and thm-lsc-upper on random teachers; at |w| = 20 the Hessian of erf has lost five digits."""
    for teacher in teachers(name, 60, spread=0.7):
        values = np.linalg.eigvalsh(hessian_at_teacher(teacher))
        slack = 1e-11 * values[-1]
        assert strong_convexity_bound(teacher) <= values[0] + slack
        assert values[-1] <= smoothness_bound_by_units(teacher) + slack <= smoothness_bound(teacher) + 2 * slack


@pytest.mark.parametrize("name", [*FOUR, "exp"])
def test_the_bound_is_decided_by_balls(name):
    """Positive definiteness of H - m I; for badly scaled rows m is far below the rounding of the doubles."""
    for W in ([[3, 1, 0], [-1, 2, 5]], [[1, 0, 0], [0, "1/50", 0], [1, 1, 1]]):
        assert bound_holds(OneHiddenLayer(W, [1, -2, 3][: len(W)], name)) == Verdict.PROVED


def test_neither_sign_nor_monotonicity_is_used():
    """relu(-z) has phi' <= 0, |z| slopes of both signs, exp is no |phi'| <= L |z|^p; tanh needs no closed dual."""
    W, v = [[1, 0, 2], [1, -1, 0]], [1, -2]
    for phi in (activation("relu").scaled(input=-1), activation("leaky_relu", slope=-1), activation("exp")):
        assert bound_holds(OneHiddenLayer(W, v, phi)) == Verdict.PROVED
    assert bound_holds(OneHiddenLayer([[1, 1], [2, -2]], v, "tanh")) == Verdict.PROVED


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "squared_relu"])
def test_the_bound_is_attained_at_orthonormal_teachers(name):
    """kappa = lambda = 1 and lambda_min = T1 for k = 3: any larger constant fails (cor-lsc-tight)."""
    teacher = OneHiddenLayer([[2, 2, 1], [-2, 1, 2], [1, -2, 2]], [1, 1, -1], name)
    assert bound_holds(teacher, factor="0.9999999999") == Verdict.PROVED
    assert bound_holds(teacher, factor="1.0000000001") == Verdict.REFUTED
    assert bound_holds(teacher) == Verdict.UNDECIDED


def test_the_quadratic_activation_has_bound_zero():
    """rho_2 = 0: the bound is true and says nothing."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "quadratic")
    assert strong_convexity_bound(teacher) == 0 == strong_convexity_bound_ball(teacher)
    assert bound_holds(teacher) == Verdict.REFUTED  # lambda_min is 0, not more


@pytest.mark.parametrize("name", FOUR)
def test_balls_contain_the_doubles(name):
    """The same formulas from the exact numbers of the network, with a relative accuracy of 1e-30."""
    teacher = random_teacher(3, 4, name, condition=5, rng=2)
    pairs = [
        (strong_convexity_bound_ball, strong_convexity_bound),
        (smoothness_bound_ball, smoothness_bound),
        (smoothness_bound_by_units_ball, smoothness_bound_by_units),
    ]
    for enclosed, rounded in pairs:
        x = enclosed(teacher)
        assert float(x) == pytest.approx(rounded(teacher), rel=1e-12)
        assert x.rel_accuracy_bits() > 100


def test_the_conditioning_is_that_of_the_singular_values():
    """condition = 2 gives singular values 1, 5/4, 3/2, 7/4, 2, so lambda = 105/16."""
    c = conditioning(random_teacher(5, 8, "relu", rng=1))
    assert c.kappa == pytest.approx(2, rel=1e-12) and c.lam == pytest.approx(105 / 16, rel=1e-12)
    assert 1 <= c.lam <= c.kappa**4


def test_the_enclosed_conditioning_is_sharp_at_any_condition():
    """Two rows at the angle 10^-30: doubles see rank 1, balls a condition number of 2 10^30."""
    narrow = OneHiddenLayer([[1, 0], [1, Fraction(1, 10**30)]], [1, 1], "relu")
    with pytest.raises(ValueError, match="rank 1 but k = 2"):
        conditioning(narrow)
    c = conditioning_ball(narrow)
    assert float(c.kappa) == pytest.approx(2e30) and c.kappa.rel_accuracy_bits() > 100


@pytest.mark.parametrize("name", ["relu", "squared_relu", "leaky_relu"])
def test_unit_rows_leave_the_hessian_alone(name):
    """phi'(c z) = c^(q-1) phi'(z): the rescaled network has the same tangent functions, exactly."""
    teacher = OneHiddenLayer([[30, 10, 0], [0, "1/7", 2]], [1, -2], name)
    unit = with_unit_rows(teacher)
    assert np.allclose(np.linalg.norm(unit.W, axis=1), 1, rtol=1e-15)
    H, same = hessian_at_teacher_ball(teacher), hessian_at_teacher_ball(unit)
    assert all(x.overlaps(y) for x, y in zip(H.flat, same.flat, strict=True))
    assert bound_holds(unit) == Verdict.PROVED


def test_neither_of_the_two_bounds_is_always_better():
    """Long and short orthogonal rows favour unit rows; a short row between long, nearly parallel ones does not."""
    for name, largest in (("relu", 0.24), ("squared_relu", 0.02)):
        ratio = []
        for W in ([[1, 0, 0], [0, 100, 0], [0, 0, 1]], [[0, -1, 0], [-3, 2, 0], [-3, 2, 1]]):
            teacher = OneHiddenLayer(W, [1, 1, 1], name)
            ratio.append(strong_convexity_bound(with_unit_rows(teacher)) / strong_convexity_bound(teacher))
        assert ratio[0] > 100 and ratio[1] < largest


@pytest.mark.parametrize("name", FOUR)
def test_the_sharper_bound_is_the_larger_of_the_two(name):
    """It stays below lambda_min; which of the two it is depends on the teacher, and erf has only one."""
    for W in ([[1, 0, 0], [0, 100, 0], [0, 0, 1]], [[0, -1, 0], [-3, 2, 0], [-3, 2, 1]]):
        teacher = OneHiddenLayer(W, [1, -2, 1], name)
        both = [strong_convexity_bound(t) for t in ([teacher] if name == "erf" else [teacher, with_unit_rows(teacher)])]
        sharper = sharper_strong_convexity_bound_ball(teacher)
        assert float(sharper) == pytest.approx(max(both), rel=1e-12) == sharper_strong_convexity_bound(teacher)
        assert not sharper > min_eigenvalue(hessian_at_teacher_ball(teacher))  # equal at orthonormal unit rows


def test_rows_of_any_length_that_a_double_can_hold():
    """Squares of 1e200 and 1e-200 are no doubles, lengths are; for relu they do not matter."""
    for x in ("1e200", "1e-200"):
        teacher = OneHiddenLayer([[x, 0], [0, 1]], [1, 1], "relu")
        assert sharper_strong_convexity_bound(teacher) == pytest.approx(1 / 4 - 1 / (2 * np.pi), rel=1e-13)
        assert smoothness_bound_by_units(teacher) == float(smoothness_bound_by_units_ball(teacher)) == 1
    with pytest.raises(OverflowError, match="no double; rescale W"):
        with_unit_rows(OneHiddenLayer([["1e-400", 0], [0, 1]], [1, 1], "relu"))


def test_equality_needs_three_weights_of_least_size():
    """prp-lsc-sharp: three orthonormal units with |v_i| = v_min carry the rotation that costs T1; two do not."""
    units = [[int(i == j) for j in range(4)] for i in range(4)]
    three, two = (OneHiddenLayer(units, v, "squared_relu") for v in ([1, -1, 1, 5], [1, -1, 5, 5]))
    assert bound_holds(three, factor="1 + 1e-20") == Verdict.REFUTED
    assert bound_holds(three, factor="1 - 1e-20") == bound_holds(two, factor="1.001") == Verdict.PROVED


def test_the_refined_upper_bound_is_attained_by_one_unit():
    """One unit has the eigenvalues v^2 beta_2 along w and v^2 beta_0 across it."""
    teacher = OneHiddenLayer([[3, 4]], [2], "erf")
    largest = np.linalg.eigvalsh(hessian_at_teacher(teacher))[-1]
    assert smoothness_bound_by_units(teacher) == pytest.approx(largest, rel=1e-10)
    line = OneHiddenLayer([[5]], [2], "erf")
    assert smoothness_bound_by_units(line) == pytest.approx(4 * gaussian.beta("erf", 2, 5.0), rel=1e-14)


def test_a_wrong_exponent_would_be_caught():
    """Mutants of v_min^2 rho_2/(kappa^2 lambda): with three terms, kappa^1, without lambda, or with v_max they fail.

    A lower bound can only be too large; rho with three terms is too small, and negative for |z|.
    """
    t = OneHiddenLayer([[1.0, 0.0], [1.0, 0.3]], [1.0, 1.0], "relu")
    c, m, least = conditioning(t), strong_convexity_bound(t), np.linalg.eigvalsh(hessian_at_teacher(t))[0]
    assert m < least < m * c.kappa * c.lam
    orthonormal = OneHiddenLayer(np.eye(3), [1.0, 1.0, 2.0], "relu")
    assert np.linalg.eigvalsh(hessian_at_teacher(orthonormal))[0] < 4 * strong_convexity_bound(orthonormal)
    absolute = OneHiddenLayer([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, 1, 1], activation("leaky_relu", slope=-1))
    assert gaussian.rho(absolute.phi, 1.0) < 0 < min_eigenvalue(hessian_at_teacher_ball(absolute))


def test_bad_input_is_named():
    """k > d, dependent rows, a zero row, no L1, no homogeneity."""
    wide = OneHiddenLayer([[1], [2]], [1, 1], "relu")
    for f in (conditioning, conditioning_ball, strong_convexity_bound, strong_convexity_bound_ball):
        with pytest.raises(ValueError, match="k = 2 units and d = 1"):
            f(wide)
    parallel = OneHiddenLayer([[1, 2], [2, 4]], [1, 1], "relu")
    for f in (strong_convexity_bound, strong_convexity_bound_ball):
        with pytest.raises(ValueError, match="rank 1 but k = 2"):
            f(parallel)
    for f in (smoothness_bound, smoothness_bound_ball):
        with pytest.raises(ValueError, match="use smoothness_bound_by_units"):
            f(OneHiddenLayer([[1]], [1], "exp"))
    for f in (smoothness_bound_by_units, smoothness_bound_by_units_ball):
        with pytest.raises(ValueError, match="row 1 of W is zero"):
            f(OneHiddenLayer([[1, 0], [0, 0]], [1, 1], "erf"))
    with pytest.raises(ValueError, match="homogeneous"):
        with_unit_rows(OneHiddenLayer([[1]], [1], "tanh"))
    with pytest.raises(ValueError, match="row 1 of W is zero"):
        with_unit_rows(OneHiddenLayer([[1, 0], [0, 0]], [1, 1], "relu"))
