"""The spectrum at orthonormal teachers: against numerical eigenvalues, power sums, counts; mutants are caught."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from onenn import OneHiddenLayer, Verdict
from onenn.activations import names
from onenn.contexts import FLOATS
from onenn.landscape import hessian_at_teacher, rotate_units, spectrum
from onenn.landscape.identity import SlopeMoments, slope_moments
from onenn.landscape.spectrum import (
    orthonormal_parts,
    orthonormal_spectrum,
    orthonormal_spectrum_ball,
    spectrum_agrees,
)
from onenn.rigorous import ball

rng = np.random.default_rng(5)
SHAPES = [(k, d) for k in range(1, 9) for d in range(k, k + 4)]


def listed(levels):
    return np.sort(np.concatenate([[float(level.value)] * level.multiplicity for level in levels]))


@pytest.mark.parametrize("name", ["relu", "squared_relu", "erf", "exp", "quadratic"])
def test_the_formula_is_the_numerical_spectrum(name):
    """k = 1 ... 8 and d = k ... k + 3, at randomly turned rows of length 0.7 and random signs."""
    for k, d in SHAPES:
        Q, _ = np.linalg.qr(rng.standard_normal((d, d)))
        H = hessian_at_teacher(OneHiddenLayer(0.7 * Q[:k], rng.choice([-1.0, 1.0], size=k), name))
        expected = np.linalg.eigvalsh(H)
        assert np.allclose(
            listed(orthonormal_spectrum(name, k, d, sigma=0.7)), expected, rtol=0, atol=3e-14 * expected[-1]
        )


@pytest.mark.parametrize("name", names())
def test_every_activation_has_this_spectrum(name):
    """Only the independence of the w_i . x is used, so tanh and softplus are no harder than relu."""
    for k, d in ((1, 2), (2, 3), (3, 3), (5, 6)):
        expected = np.linalg.eigvalsh(hessian_at_teacher(OneHiddenLayer(1.3 * np.eye(k, d), np.ones(k), name)))
        levels = orthonormal_spectrum(name, k, d, sigma=1.3)
        assert np.allclose(listed(levels), expected, rtol=0, atol=1e-13 * max(expected[-1], 1))


def test_the_multiplicities_add_up():
    """The dimension of the space of k x d matrices, for every k and d."""
    moments = slope_moments("gelu")
    for k in range(1, 30):
        for d in (k, k + 1, k + 7):
            assert sum(p.multiplicity * len(p.block) for p in orthonormal_parts(FLOATS, moments, k, d)) == k * d


@pytest.mark.parametrize("name", ["tanh", "squared_relu", "exp"])
def test_the_enclosed_spectra_agree(name):
    """Balls of the Hessian's eigenvalues and of the formula, at a rational orthonormal teacher with mixed signs."""
    teacher = OneHiddenLayer([[2, 2, 1, 0], [-2, 1, 2, 0], [1, -2, 2, 0]], [1, -1, 1], name)
    assert spectrum_agrees(teacher) == Verdict.PROVED


@pytest.mark.parametrize("name", ["exp", "gelu"])
def test_eigenvalues_beyond_doubles_and_close_ones_are_enclosed(name):
    """At sigma = 150 those of exp exceed 10^19000, and gelu has T1 and T2 almost equal, a small gap in block B."""
    rows = 50 * np.array([[2, 2, 1, 0], [-2, 1, 2, 0], [1, -2, 2, 0]])
    assert spectrum_agrees(OneHiddenLayer(rows, [1, -1, 1], name)) == Verdict.PROVED
    values = [level.value for level in orthonormal_spectrum_ball(name, 3, 4, sigma=150)]
    assert not any(x > y for x, y in pairwise(values))


def test_the_enclosed_comparison_can_fail():
    """The formula of one activation against the Hessian of another with nearly the same slopes."""
    teacher = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "relu")
    disguised = OneHiddenLayer([[1, 0], [0, 1]], [1, 1], "leaky_relu")
    other = orthonormal_spectrum_ball("relu", 2, 2)
    assert [
        a.value.overlaps(b.value) for a, b in zip(other, orthonormal_spectrum_ball("leaky_relu", 2, 2), strict=True)
    ] == [False] * 4
    assert spectrum_agrees(teacher) == spectrum_agrees(disguised) == Verdict.PROVED


def test_wrong_multiplicities_and_blocks_are_told_apart():
    """Mutants: another coefficient of alpha_1^2, the vector g without its signs or with k in place of k - 2."""
    k, moments = 4, slope_moments("squared_relu")
    H = hessian_at_teacher(OneHiddenLayer(np.eye(k), np.ones(k), "squared_relu"))
    expected = np.linalg.eigvalsh(H)
    a0, a1, a2 = moments.alpha

    def distance(lifted=2.0, middle=(k - 2) / 2, last=k / 2, corner=float(k)):
        g = np.array([a2, np.sqrt(middle) * a0, -np.sqrt(last) * a0])
        B = np.diag([moments.T2, moments.T1 + lifted * a1 * a1, moments.T1]) + np.outer(g, g)
        m = np.sqrt(k - 1) * a0 * a2
        A = [[moments.T2 + a2 * a2 + corner * a1 * a1, m], [m, moments.T1 + lifted * a1 * a1 + (k - 1) * a0 * a0]]
        values = [moments.T1] * 3 + [moments.T1 + lifted * a1 * a1] * 2
        values += [*np.linalg.eigvalsh(A), *np.tile(np.linalg.eigvalsh(B), k - 1)]
        return np.abs(np.sort(values) - expected).max()

    assert distance() < 1e-13
    for mutant in ({"lifted": 1.0}, {"middle": k / 2}, {"last": (k - 2) / 2}, {"corner": 1.0}):
        assert distance(**mutant) > 1e-2


def test_bad_input_is_named():
    """More rows than inputs; rows that are not orthonormal; weights other than +-1; no closed forms."""
    with pytest.raises(ValueError, match="k is 3 and d is 2"):
        orthonormal_spectrum("relu", 3, 2)
    with pytest.raises(ValueError, match="not orthogonal"):
        spectrum_agrees(OneHiddenLayer([[1, 0], [1, 1]], [1, 1], "relu"))
    with pytest.raises(ValueError, match=r"v = \[1.0, 2.0\]"):
        spectrum_agrees(OneHiddenLayer([[1, 0], [0, 1]], [1, 2], "relu"))
    with pytest.raises(ValueError, match="sigma"):
        orthonormal_spectrum("relu", 2, 2, sigma=-1.0)


def test_only_five_numbers_matter():
    """Two sets of moments that agree give one spectrum: the parts hold no activation."""
    moments = slope_moments("tanh", 0.8)
    copy = SlopeMoments(alpha=moments.alpha, T1=moments.T1, T2=moments.T2)
    assert orthonormal_parts(FLOATS, moments, 3, 4) == orthonormal_parts(FLOATS, copy, 3, 4)
    turned = rotate_units(OneHiddenLayer([[3, 0], [0, 3]], [1, 1], "tanh"), 0, 1, "1/7")
    assert spectrum_agrees(turned) == Verdict.PROVED


def test_a_wrong_level_is_refuted_and_a_wide_one_decides_nothing(monkeypatch):
    """The formula with its least, then its largest eigenvalue off by 2^-60; and with a ball of that width."""
    teacher = OneHiddenLayer([[1, 0, 0], [0, 1, 0]], [1, -1], "softplus")
    right, tiny = spectrum.orthonormal_spectrum_ball, ball(Fraction(1, 2**60))
    for place in (0, -1):
        for error, answer in ((tiny, "REFUTED"), (-tiny, "REFUTED"), ((-tiny).union(tiny), "UNDECIDED")):

            def wrong(*arguments, place=place, error=error, **options):
                levels = list(right(*arguments, **options))
                levels[place] = replace(levels[place], value=levels[place].value + error)
                return tuple(levels)

            monkeypatch.setattr(spectrum, "orthonormal_spectrum_ball", wrong)
            assert spectrum_agrees(teacher).value == answer
