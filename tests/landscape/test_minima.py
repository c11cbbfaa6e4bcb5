"""Critical points proved in balls: the general route at full size, the five numbers of one odd unit, and each other."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from source_mutants import mutated

from onenn import OneHiddenLayer, Verdict, activation
from onenn.contexts import FLOATS
from onenn.landscape import (
    OneOddUnit,
    certify_critical_point,
    certify_odd_units,
    certify_one_odd_unit,
    commuting_matrix,
    descend_from_split,
    gradient,
    has_odd_units,
    hessian,
    levels_hold,
    newton_one_odd_unit,
    odd_unit_orbits,
    one_odd_unit_weights,
    place_orbits,
    relu_derivatives_hold,
    relu_descents,
    relu_risk_and_gradient,
    risk,
    search_minima,
    search_one_odd_unit,
    split_unit,
)
from onenn.landscape.minima import levels, one_odd_unit
from onenn.landscape.minima.one_odd_unit import ORBITS
from onenn.landscape.minima.symmetric import default_start

ACTIVATIONS = ("relu", "squared_relu", "erf", "leaky_relu")


def networks(p, k: int, phi: str) -> tuple[OneHiddenLayer, OneHiddenLayer]:
    """The student of five numbers and its teacher."""
    return OneHiddenLayer(one_odd_unit_weights(p, k), np.ones(k), phi), OneHiddenLayer(np.eye(k), np.ones(k), phi)


def numbers_near_the_point(seed: int) -> np.ndarray:
    """Five numbers in general position."""
    return np.array([1, -0.1, 0.3, -0.6, 0.2]) * np.random.default_rng(seed).uniform(0.8, 1.2, 5)


def spectrum(net, p, of=levels) -> np.ndarray:
    """All k^2 eigenvalues, from the blocks."""
    h = net.hessian(p)
    first, second = (
        np.linalg.eigvalsh(block(net, h).astype(float)) for block in (of.invariant_block, of.standard_block)
    )
    counts = of.multiplicities(net.k)
    both = zip((*of.two_numbers(h),), counts[2:], strict=True)
    return np.sort(np.concatenate([first, np.repeat(second, counts[1]), *(np.full(n, float(x)) for x, n in both)]))


@pytest.mark.parametrize("phi", ACTIVATIONS)
@pytest.mark.parametrize("k", [6, 7, 9])
def test_the_five_numbers_give_risk_gradient_and_spectrum_of_the_full_problem(k, phi):
    """The full k^2 x k^2 computation knows nothing of the symmetry; roundings are below 1e-13."""
    p = numbers_near_the_point(k)
    net, (student, teacher) = OneOddUnit(activation(phi), k, FLOATS), networks(p, k, phi)
    g = gradient(student, teacher)
    assert abs(net.risk(p) - risk(student, teacher)) < 1e-13
    assert np.abs(np.array(net.gradient(p)) - [g[x] for x in ORBITS]).max() < 1e-13
    assert np.abs(spectrum(net, p) - np.linalg.eigvalsh(hessian(student, teacher))).max() < 1e-12


def test_the_gradient_is_that_of_the_risk_by_differences():
    """d risk/dA sums the gradient over the m entries A, and so on; central differences are good to h^2 = 1e-10."""
    p, k, h = numbers_near_the_point(1), 8, 1e-5
    net = OneOddUnit(activation("relu"), k, FLOATS)
    sizes = (k - 1, (k - 1) * (k - 2), k - 1, 1, k - 1)
    for i, g in enumerate(net.gradient(p)):
        step = h * np.eye(5)[i]
        assert abs((net.risk(p + step) - net.risk(p - step)) / (2 * h) - sizes[i] * g) < 1e-8


MUTANTS = (
    (one_odd_unit, {"r * h(x, (3, 3))": "2 * r * h(x, (3, 3))"}),
    (one_odd_unit, {"s * h(x, (3, 4))": "s * h(x, (3, 1))"}),
    (one_odd_unit, {"[1] * (_SHOWN + 1) + [self.m - _SHOWN]": "[1] * (_SHOWN + 1) + [self.m - 4]"}),
    (one_odd_unit, {"[*signs, *(-s for s in signs)]": "[*signs, *(-1 for s in signs)]"}),
    (levels, {"q * h(x, (4, 1)) - h(x, (1, 2))": "q * h(x, (4, 1)) + h(x, (1, 2))"}),
    (levels, {"(1, 2 * (m - 2), 2 * m, 1, 1)": "(1, 2 * (m - 1), 2 * m, 1, 1)"}),
    (levels, {"- h(x, (2, 3)) - h(x, (3, 2))": "- h(x, (2, 3)) + h(x, (3, 2))"}),
    (levels, {"h(y, (1, 2)) - h(y, (2, 1)) +": "h(y, (1, 2)) + h(y, (2, 1)) +"}),
    (levels, {"m * (m - 3) // 2, (m - 1)": "m * (m - 3) // 2 + 1, (m - 1)"}),
)


@pytest.mark.parametrize("place", range(len(MUTANTS)))
def test_a_changed_formula_disagrees_with_the_full_problem(place):
    """One sign, count or entry of the reduction changed: the spectrum is no longer that of the full Hessian."""
    module, change = MUTANTS[place]
    wrong, p, k = mutated(module, change), numbers_near_the_point(2), 7
    net = (wrong if module is one_odd_unit else one_odd_unit).OneOddUnit(activation("relu"), k, FLOATS)
    found = spectrum(net, p, wrong if module is levels else levels)
    student, teacher = networks(p, k, "relu")
    full = np.linalg.eigvalsh(hessian(student, teacher))
    # numbers that are no eigenvalues of a symmetric matrix differ by far more than roundings
    assert len(found) != len(full) or np.abs(found - full).max() > 1e-6


def test_the_blocks_have_the_spectrum_of_any_matrix_with_the_symmetry():
    """In integers, by power sums; a matrix without the symmetry, or another block, has others."""
    k = 6
    H = commuting_matrix(k, k)
    assert levels_hold(H, k) == Verdict.PROVED
    assert levels_hold(H, k, lambda h, m: levels.standard_matrix(h, m + 1)) == Verdict.REFUTED
    H[3, 4] += 1
    H[4, 3] += 1
    assert levels_hold(H, k) == Verdict.REFUTED
    assert {frozenset(orbit) & set(ORBITS) for orbit in place_orbits(k)} == {frozenset({x}) for x in ORBITS}


@pytest.mark.slow
def test_the_derivatives_of_a_pair_hold_in_symbols():
    """A sign of the mixed derivative changed: two entries are wrong."""
    wrong = relu_derivatives_hold(sign=-1)
    assert wrong == Verdict.REFUTED
    assert "2 wrong" in wrong.reason


def test_the_certified_point_is_a_zero_of_the_gradient_in_mpmath():
    """Cho and Saul's kernel differentiated by hand at 60 digits, all k^2 entries, from the enclosed five numbers."""
    k, point = 6, certify_one_odd_unit(6)
    with mpmath.workdps(60):
        p = [mpmath.mpf(text) for text in list(point.certificate().values())[1:6]]
        A, B, C, D, E = p
        W = [[D] + [E] * (k - 1)] + [[C] + [A if i == j else B for i in range(1, k)] for j in range(1, k)]
        U, signs = W + [[mpmath.mpf(i == j) for i in range(k)] for j in range(k)], [1] * k + [-1] * k

        def slope(w, q):
            total = mpmath.mpf(0)
            for u, sign in zip(U, signs, strict=True):
                a, b, c = (mpmath.fdot(x, y) for x, y in ((w, w), (w, u), (u, u)))
                t = mpmath.acos(max(min(b / mpmath.sqrt(a * c), 1), -1))
                total += sign * (mpmath.sqrt(c / a) * mpmath.sin(t) * w[q] + (mpmath.pi - t) * u[q]) / (2 * mpmath.pi)
            return total

        assert max(abs(slope(w, q)) for w in W for q in range(k)) < mpmath.mpf(10) ** -21


@pytest.mark.slow
@pytest.mark.parametrize("k", [6, 20, 1000])
def test_there_is_a_spurious_minimum_with_one_odd_unit(k):
    """Its k^2 eigenvalues are all positive and its risk too, whatever k."""
    point = certify_one_odd_unit(k)
    assert point.is_spurious_minimum == Verdict.PROVED
    assert point.inertia == (0, 0, k * k)
    assert all(x.rad() < 1e-16 for x in (*point.numbers, point.loss, point.min_eigenvalue))
    assert "local minimum with one odd unit" in repr(point)


def test_five_numbers_and_thirty_six_unknowns_prove_the_same_point():
    """Two Krawczyk operators, in R^5 and in R^36, and two ways to the spectrum."""
    point = certify_one_odd_unit(6)
    full = certify_critical_point(*networks([float(x) for x in point.numbers], 6, "relu"))
    assert full.is_spurious_minimum == Verdict.PROVED
    assert full.loss.overlaps(point.loss)
    assert full.min_eigenvalue.overlaps(point.min_eigenvalue)
    assert all(full.box[x].overlaps(p) for x, p in zip(ORBITS, point.numbers, strict=True))
    assert full.min_eigenvalue.rad() < 1e-9
    assert repr(full).startswith("local minimum of k = 6 relu units")


def test_the_teacher_is_a_minimum_and_not_spurious():
    """Its box holds one critical point, which is the teacher itself, in whatever order: the risk is exactly 0."""
    W = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    teacher = OneHiddenLayer(W, [1, 1, 1], "relu")
    near = OneHiddenLayer(np.eye(3)[[1, 2, 0]] + 0.01, [1, 1, 1], "relu")
    point = certify_critical_point(near, teacher)
    assert point.is_local_minimum == Verdict.PROVED
    assert point.is_spurious_minimum == Verdict.REFUTED
    assert point.loss.is_zero()


SADDLE = (-0.58773, 0.39115, -0.0138, 1.0684, 0.01677)
"""Of k = 6 units with one odd one, found from random starts."""


def test_a_saddle_is_refuted_as_a_minimum():
    """A zero of the same five equations with six negative eigenvalues, by both routes."""
    point = certify_one_odd_unit(6, start=SADDLE)
    assert (point.kind, point.inertia) == ("saddle", (6, 0, 30))
    assert point.is_local_minimum == point.is_spurious_minimum == Verdict.REFUTED
    full = certify_critical_point(*networks([float(x) for x in point.numbers], 6, "relu"))
    assert (full.kind, full.inertia) == ("saddle", (6, 0, 30))
    assert full.is_spurious_minimum == Verdict.REFUTED


def test_five_units_have_a_saddle_where_more_have_a_minimum():
    """The control of the theorem: Newton's method from the same start, k = 5, ends at a point with lambda_min < 0."""
    start = one_odd_unit_weights(default_start(5).tolist(), 5)
    teacher = OneHiddenLayer(np.eye(5), np.ones(5), "relu")
    point = certify_critical_point(OneHiddenLayer(start, np.ones(5), "relu"), teacher, steps=40)
    assert point.kind == "saddle"


def test_a_wide_box_is_undecided_and_a_wrong_one_refuted():
    """Over a wide box the slopes vary too much for a contraction; a small box away from the point holds no zero."""
    start = newton_one_odd_unit(7, "relu", [0.997, -0.035, 0.262, -0.633, 0.186])
    assert certify_one_odd_unit(7, start=start, radius="1/10").verdict == Verdict.UNDECIDED
    moved = certify_one_odd_unit(7, start=start + np.array([1e-3, 0, 0, 0, 0]), steps=0)
    assert moved.verdict == Verdict.REFUTED
    assert moved.kind == "undecided"
    with pytest.raises(ValueError, match="no certificate"):
        moved.certificate()


def test_a_split_unit_has_the_curvature_that_the_point_says():
    """The full Hessian at the student with unit 0 or 1 split in halves, along (z, -z)/sqrt 2: 2 z^T C z."""
    k = 6
    point = certify_one_odd_unit(k)
    student, teacher = networks([float(x) for x in point.numbers], k, "relu")
    for unit, spread in zip((0, 1), point.splits, strict=True):
        W = np.concatenate([student.W, student.W[unit : unit + 1] / 2])
        W[unit] /= 2
        split = OneHiddenLayer(W, np.ones(k + 1), "relu")
        H = hessian(split, teacher)
        basis = np.zeros(((k + 1) * k, k))
        basis[unit * k : (unit + 1) * k], basis[k * k :] = np.eye(k), -np.eye(k)
        expected = np.sort(np.repeat([2 * float(x) for x, _ in spread], [n for _, n in spread]))
        assert np.abs(np.linalg.eigvalsh(basis.T @ H @ basis / 2) - expected).max() < 1e-12
        assert np.sum(np.linalg.eigvalsh(H) < -1e-9) == sum(n for x, n in spread if x < 0)
    assert [verdict.value for verdict in point.opens] == ["PROVED", "PROVED"]


@pytest.mark.parametrize(("k", "n", "extra", "kind"), [(8, 2, 0, "local minimum"), (7, 2, 0, "saddle")])
def test_several_odd_units_make_a_minimum_when_there_are_enough_others(k, n, extra, kind):
    """All k^2 unknowns; the pattern of the box is that of the orbits, and each unit opens a way down when split."""
    point, orbits = certify_odd_units(k, n, extra=extra), odd_unit_orbits(k, n, extra=extra)
    assert point is not None
    assert point.kind == kind
    for orbit in range(orbits.max() + 1):
        entries = point.box[orbits == orbit]
        assert all(x.overlaps(entries[0]) for x in entries)
    assert [verdict.value for verdict in point.opens] == ["PROVED"] * k
    if n == 1:
        assert point.loss.overlaps(certify_one_odd_unit(k).loss)


def test_one_odd_unit_is_the_first_of_the_family():
    """The general orbits and the five numbers are the same students: one loss, one curvature of a split unit."""
    family, point = certify_odd_units(6, 1), certify_one_odd_unit(6)
    assert family is not None
    assert family.loss.overlaps(point.loss)
    for unit, spectrum_of_unit in ((0, point.splits[0]), (5, point.splits[1])):
        expected = sorted(float(x) for x, n in spectrum_of_unit for _ in range(n))
        assert np.abs(np.array([float(x) for x, _ in family.splits[unit]]) - expected).max() < 1e-12


def test_one_unit_more_has_a_minimum_where_the_odd_unit_is_in_two_parts():
    """Seven of k = 6: a saddle; eight of k = 7: a minimum, with less risk than that of seven units."""
    assert getattr(certify_odd_units(6, 1, extra=1), "kind", None) == "saddle"
    point = certify_odd_units(7, 1, extra=1)
    assert point is not None
    assert point.is_spurious_minimum == Verdict.PROVED
    assert point.loss < certify_one_odd_unit(7).loss
    assert has_odd_units(point, 1) == Verdict.PROVED


def test_a_split_unit_leaves_the_function_and_descent_goes_down():
    """Without a step the halves add up to the unit and the risk is the same; every end has less risk."""
    W = certify_one_odd_unit(6).student.W
    halves = split_unit(W, 2, step=0.0)
    assert np.abs(halves[2] + halves[-1] - W[2]).max() < 1e-15
    before, after = (relu_risk_and_gradient(V[None])[0][0] for V in (W, halves))
    assert abs(before - after) < 1e-7  # the angle of parallel units comes from its cosine
    ends = descend_from_split(W)
    assert (ends.risk < before - 1e-4).all()
    assert (ends.recovered, ends.trapped) == (5, 1)


def test_a_unit_of_the_teacher_opens_nothing_and_descent_may_end_there():
    """Two odd units of six, one unit more: no minimum but the teacher; and orbits outside their domain are named."""
    assert certify_odd_units(6, 2, extra=1) is None
    with pytest.raises(ValueError, match="extra is 2"):
        odd_unit_orbits(6, 2, extra=2)
    with pytest.raises(ValueError, match="n is 7"):
        odd_unit_orbits(6, 7)


@pytest.mark.slow
def test_a_search_within_trust_regions_finds_the_certified_minimum_of_leaky_relu():
    """Each start is counted once; what it finds is what the five numbers give, and for erf nothing but the teacher."""
    found, point = search_minima(7, "leaky_relu", starts=3, rng=7), certify_one_odd_unit(7, "leaky_relu")
    assert found.recovered + len(found.minima) + found.lost == 3
    assert len(found.minima) > 0
    assert np.abs(found.losses - float(point.loss)).max() < 1e-9
    assert search_minima(4, "erf", starts=2, rng=0).recovered == 2
    with pytest.raises(ValueError, match="scale is 0"):
        search_minima(3, "erf", starts=1, rng=0, scale=0)


def test_errors_name_what_was_expected():
    """Fewer than six units, a start of another length, no radius, no closed form."""
    with pytest.raises(ValueError, match="k is 5"):
        certify_one_odd_unit(5)
    with pytest.raises(ValueError, match="five numbers"):
        certify_one_odd_unit(6, start=[1.0])
    with pytest.raises(ValueError, match="radii is empty"):
        certify_critical_point(*networks([1, 0, 0, 1, 0], 6, "relu"), radii=())
    with pytest.raises(ValueError, match="tanh has no closed form"):
        certify_one_odd_unit(6, "tanh")


def test_many_descents_at_once_have_the_risk_and_gradient_of_each():
    """The batched formula against the general one, with more units than inputs."""
    W = np.random.default_rng(0).normal(size=(2, 5, 4))
    teacher = OneHiddenLayer(np.eye(4), np.ones(4), "relu")
    for student, value, g in zip(W, *relu_risk_and_gradient(W), strict=True):
        network = OneHiddenLayer(student, np.ones(5), "relu")
        assert abs(value - risk(network, teacher)) < 1e-13
        assert np.abs(g - gradient(network, teacher)).max() < 1e-13


def test_descents_end_at_the_teacher_or_at_a_certified_minimum():
    """k = 8: about one in ten is trapped, all at one risk, that of the certified point; none at k = 4."""
    ends, point = relu_descents(8, 40, rng=1, steps=1000), certify_one_odd_unit(8)
    assert ends.unfinished == 0
    assert ends.recovered + ends.trapped == 40
    trapped = ends.risk[ends.at_minima]
    assert set(ends.odd[ends.at_minima]) == {1}
    assert not ends.odd[~ends.at_minima].any()
    assert 0 < len(trapped) < 20
    assert np.abs(trapped - float(point.loss)).max() < 1e-7
    assert relu_descents(4, 40, rng=1, steps=400).recovered == 40
    with pytest.raises(ValueError, match="runs is 0"):
        relu_descents(4, 0, rng=1)


@pytest.mark.slow
def test_a_search_finds_teacher_and_minimum_and_counts_negative_eigenvalues():
    """Every start is counted once; the negative eigenvalues are those of the full Hessian."""
    found, lost = search_one_odd_unit(6, "relu", starts=12, rng=0)
    assert sum(point.starts for point in found) + lost == 12
    assert abs(found[0].loss) < 1e-14
    assert any(abs(point.loss - 0.0250805810) < 1e-9 and not point.negative for point in found)
    for point in found[:4]:
        values = np.linalg.eigvalsh(hessian(*networks(point.numbers, 6, "relu")))
        assert np.sum(values < -1e-9) == point.negative
