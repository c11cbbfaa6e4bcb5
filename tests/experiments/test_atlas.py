"""The atlas: starts, descents, outcomes, regions and thresholds; each outcome known where it can be known by hand."""

import math

import numpy as np
import pytest

from onenn import OneHiddenLayer, match, random_teacher
from onenn.experiments import atlas, sweep
from onenn.experiments.chart import regions, runs, thresholds
from onenn.experiments.chart.regions import OUTCOMES, REGIONS, Cell, cells, region_of
from onenn.landscape import risk
from onenn.verdict import Verdict


@pytest.fixture(autouse=True)
def one_thread():
    """As in a sweep; two threads on matrices this small wait for each other."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def problem(seed=0, k=3, d=5, n=80):
    """A teacher, inputs, values."""
    rng = np.random.default_rng(seed)
    teacher, X = random_teacher(k, d, "relu", rng=rng), rng.standard_normal((n, d))
    return teacher, X, teacher.predict(X)


@pytest.mark.parametrize("train_v", [True, False])
def test_the_descent_follows_the_gradient_of_its_loss(train_v):
    """One step of L-BFGS goes along -grad: by central differences of the misfit at the start."""
    _, X, y = problem()
    rng = np.random.default_rng(1)
    start = OneHiddenLayer(rng.normal(size=(4, 5)), rng.normal(size=4), "relu")
    end = runs.descend(start, X, y, train_v=train_v, iterations=1)
    moved = np.concatenate([(end.network.W - start.W).ravel(), end.network.v - start.v])

    def loss(x):
        return float(np.mean((OneHiddenLayer(x[:20].reshape(4, 5), x[20:], "relu").predict(X) - y) ** 2))

    x = np.concatenate([start.W.ravel(), start.v])
    slopes = np.array([(loss(x + 1e-6 * e) - loss(x - 1e-6 * e)) / 2e-6 for e in np.eye(24)])
    slopes[20:] *= train_v
    assert abs(moved @ slopes) == pytest.approx(np.linalg.norm(moved) * np.linalg.norm(slopes), rel=1e-6)
    assert moved @ slopes < 0


def test_the_misfit_is_that_of_the_network():
    """Relative to the length of y, whatever the blocks of samples are."""
    _, X, y = problem(n=300)
    start = runs.start("random", X, y, 2, "relu", rng=np.random.default_rng(2))
    end = runs.descend(start, X, y, train_v=True, iterations=15)
    assert end.misfit == pytest.approx(np.linalg.norm(end.network.predict(X) - y) / np.linalg.norm(y), rel=1e-10)
    assert end.iterations <= 15 and 0 < end.misfit < 1


def test_blocks_of_samples_change_nothing(monkeypatch):
    """The sum over blocks is the sum."""
    _, X, y = problem(n=90)
    start = runs.start("wide", X, y, 6, "relu", rng=np.random.default_rng(3))
    ends = []
    for cache in (2**14, 60):
        monkeypatch.setattr(runs, "_CACHE", cache)
        ends.append(runs.descend(start, X, y, train_v=False, iterations=5).network.W)
    np.testing.assert_allclose(*ends, rtol=1e-9)


def test_each_start_is_what_it_says():
    """The tensor start is near the teacher; the wide one has the spread of y; v stays where it is not trained."""
    teacher, X, y = problem(n=4000)
    rng = np.random.default_rng(4)
    assert match(runs.start("tensor", X, y, 3, "relu", rng=rng), teacher).relative_error < 0.3
    wide = runs.start("wide", X, y, 400, "relu", rng=rng)
    assert np.std(wide.W) == pytest.approx(5**-0.5, rel=0.05)
    assert np.sum(wide.v**2) == pytest.approx(np.mean(y * y), rel=1e-12)
    end = runs.descend(wide, X[:50], y[:50], train_v=False, iterations=3).network
    assert np.array_equal(end.v, wide.v) and not np.array_equal(end.W, wide.W)
    with pytest.raises(ValueError, match="expected one of tensor"):
        runs.start("cold", X, y, 3, "relu", rng=rng)


def test_units_are_found_up_to_what_the_function_does_not_know():
    """Order, splitting, zero units, pairs that cancel, units that are reflected together: error 0, risk 0."""
    teacher, _, _ = problem(k=3, d=4)
    rng = np.random.default_rng(5)
    W, v, extra = teacher.W, teacher.v, rng.normal(size=4)
    same = [
        (W[[2, 0, 1]], v[[2, 0, 1]]),
        (np.vstack([W[:2], 0.3 * W[2], 0.7 * W[2]]), np.append(v, v[2])),
        (np.vstack([W, extra, extra, np.zeros(4)]), np.concatenate([v, [2, -2, 1]])),
        # max(z, 0) = max(-z, 0) + z, and z = max(z, 0) - max(-z, 0)
        (np.vstack([-W[:1], W[1:], W[:1], -W[:1]]), np.concatenate([v, [v[0], -v[0]]])),
    ]
    for rows, weights in same:
        student = OneHiddenLayer(rows, weights, "relu")
        assert risk(student, teacher) < 1e-14
        assert runs.unit_error(student, teacher) < 1e-14


def test_units_that_are_not_the_teachers_cost_their_length():
    """A unit too many, a unit on the wrong side, a unit with the wrong sign: the error is by hand."""
    teacher = OneHiddenLayer([[3.0, 0.0], [0.0, 4.0]], [1.0, 1.0], "relu")

    def error(rows, weights):
        return runs.unit_error(OneHiddenLayer(rows, weights, "relu"), teacher)

    assert error([[3, 0], [0, 4], [1, 1]], [1, 1, 1]) == pytest.approx(math.sqrt(2 + 2) / 5)  # itself, and in the sum
    assert error([[-3, 0], [0, 4]], [1, 1]) == pytest.approx(6 / 5)  # right on its line, wrong in the sum
    assert error([[3, 0], [0, 4]], [1, -1]) == pytest.approx(math.sqrt(64 + 64) / 5)
    with pytest.raises(ValueError, match="homogeneous degree of 1"):
        runs.unit_error(*[OneHiddenLayer([[1.0]], [1.0], "tanh")] * 2)


def test_the_excess_risk_is_a_share():
    """1 for the answer zero, 0 for the teacher, (1 - c)^2 for c times it."""
    teacher, _, _ = problem()
    for c in (0.0, 0.5, 1.0, 3.0):
        student = OneHiddenLayer(c * teacher.W, teacher.v, "relu")
        assert runs.excess_risk(student, teacher) == pytest.approx((1 - c) ** 2, abs=1e-14)


@pytest.fixture(scope="module")
def small():
    """Three widths, two sizes, three starts, two seeds."""
    grid = {"ratio": [0.8, 5], "k": [4, 5, 20], "method": list(runs.METHODS)}
    return sweep(atlas.visit, grid, seeds=2, paired=["method", "k"], executor=1)


@pytest.mark.slow
def test_a_run_knows_its_place(small):
    """No tensor start beyond k = d; the floor is positive below k* alone, and the same for each start."""
    missing = small.risk.isnull().all("seed")
    assert bool(missing.sel({"k": 20, "method": "tensor"}).all()) and int(missing.sum()) == 2
    assert float(small.floor.sel(k=4).min()) > 0 and float(small.floor.sel(k=5).max()) == 0
    floors = [small.floor.sel({"k": 4, "method": method}) for method in ("tensor", "wide")]
    assert bool((floors[0] == floors[1]).all())


@pytest.mark.slow
def test_the_theorems_hold_on_the_small_atlas(small):
    """Fewer samples than weights: nothing is recovered; fewer units: nothing below the floor, nothing interpolated."""
    confronted = regions.against_theorems(small)
    assert [t.label for t in confronted] == ["thm-atlas-blind", "thm-atlas-floor", "thm-atlas-count"]
    assert all(t.holds == Verdict.PROVED for t in confronted)
    assert [t.runs + t.others for t in confronted] == [32, 32, 32]
    assert confronted[1].runs == 12  # k = 4: two sizes, three starts, two seeds


@pytest.mark.slow
def test_an_exception_refutes_and_an_empty_count_is_no_evidence(small):
    """The mutants: a run below its floor, and a theorem about runs that nowhere do what it excludes."""
    low = small.copy(deep=True)
    low["risk"][{"ratio": 0, "k": 0, "method": 0, "seed": 0}] = 1e-9
    assert regions.against_theorems(low)[1].holds == Verdict.REFUTED
    never = small.assign(units=small.units * 0 + 1)
    assert regions.against_theorems(never)[0].holds == Verdict.REFUTED


@pytest.mark.slow
def test_recovered_runs_are_learned_and_interpolated(small):
    """The outcomes are nested, from the strongest on."""
    outcomes = regions.reached(small)
    for name in ("learned", "interpolated"):
        assert bool((outcomes["recovered"] <= outcomes[name]).where(small.risk.notnull(), True).all())


@pytest.mark.slow
def test_a_cell_counts_its_runs(small):
    """Counts, trials and medians by hand."""
    cell = next(c for c in cells(small) if (c.method, c.k, c.ratio) == ("tensor", 5, 5))
    own = small.sel({"method": "tensor", "k": 5, "ratio": 5})
    assert cell.trials == 2 and cell.counts["recovered"] == int((own.units <= 1e-3).sum())
    assert cell.risk == float(np.median(own.risk))


def with_counts(recovered, learned, interpolated, trials=20):
    counts = dict(zip(OUTCOMES, (recovered, learned, interpolated), strict=True))
    return Cell(method="wide", k=8, ratio=5, trials=trials, counts=counts, risk=0.1)


def test_the_best_outcome_is_the_strongest_that_is_decided():
    """15 of 20 decide; 14 do not, and leave the cell open if something weaker is decided."""
    assert (with_counts(15, 20, 20).best, with_counts(15, 20, 20).open) == ("recovered", False)
    assert (with_counts(14, 20, 20).best, with_counts(14, 20, 20).open) == ("learned", True)
    assert (with_counts(0, 0, 20).best, with_counts(0, 0, 20).open) == ("interpolated", False)
    assert (with_counts(0, 5, 5).best, with_counts(0, 5, 6).open) == ("nothing", True)


def test_every_cell_lies_in_one_region():
    """The six regions divide the chart, also where n = k d or n = k* d."""
    for k in range(1, 120):
        for n in (*range(1, 130), 200, 1000, 1001):
            assert sum(region.holds(k, n) for region in REGIONS) == 1
    assert {region_of(k, ratio).name for k in atlas.WIDTHS for ratio in atlas.RATIOS} == set("ABCDEF")


def test_samples_of_one_law_agree_and_others_do_not():
    """Fisher's test: equal counts have p = 1; 0 of 20 against 20 of 20 does not."""
    one, other = with_counts(20, 20, 20), with_counts(0, 0, 0)
    assert regions.least_agreement([one], [one]) == (1.0, 3)
    assert regions.least_agreement([one], [other])[0] < 1e-9


def test_full_rank_is_found_at_its_first_sample():
    """Against the ranks of all leading parts."""
    teacher, X, _ = problem(k=2, d=4, n=60)
    J = (teacher.predict(X), ((X @ teacher.W.T > 0) * teacher.v)[:, :, None] * X[:, None])[1].reshape(60, 8)
    ranks = [np.linalg.matrix_rank(J[:n]) for n in range(1, 61)]
    assert thresholds.samples_for_identification(teacher, X) == 1 + ranks.index(8)
    with pytest.raises(ValueError, match="rank below k d = 8"):
        thresholds.samples_for_identification(teacher, X[:7])


def test_random_units_suffice_from_the_width_on_and_not_before():
    """The promise of the theorem, at the last width without it and at the first with it."""
    from onenn.diversity import random_weights_bound
    from onenn.overparam import least_eigenvalue, unit_inputs

    X = unit_inputs(28, 10, rng=6)
    k = round(5 * thresholds.units_for_independence(X))
    least = least_eigenvalue(X, "relu")
    failure = [random_weights_bound(X, m, least=least).failure_probability for m in (k - 1, k)]
    assert failure[0] > 0.5 >= failure[1]


def test_thresholds_off_the_chart_are_off_it():
    """Every one is larger than the end of its axis, and says by how much."""
    found = thresholds.off_chart((0.5,))
    assert [t.label for t in found] == ["thm-lsc-samples", "thm-dr-repaired", "thm-relu", "thm-smooth, softplus"]
    assert all(t.factor > 1 for t in found)
    assert found[0].value == pytest.approx(max(atlas.RATIOS) * found[0].factor)
    assert found[1].value == pytest.approx(20 * found[1].factor)


def test_the_lines_are_those_of_the_theorems():
    """n = k* d, k d = n at both ends, in the units of the axes."""
    lines = thresholds.lines()
    assert lines["information"].ratios[0] * atlas.PARAMETERS == pytest.approx(atlas.UNITS * atlas.DIMENSION)
    for ratio, width in zip(lines["counting"].ratios, lines["counting"].widths, strict=True):
        assert ratio * atlas.PARAMETERS == pytest.approx(width * atlas.UNITS * atlas.DIMENSION)


def test_the_stored_grid_is_the_one_that_is_described():
    """All widths and sizes, three starts, at least twenty seeds; the trial is a part of it."""
    experiment = atlas.EXPERIMENTS[0]
    assert set(experiment.small["k"]) <= set(atlas.WIDTHS) and set(experiment.small["ratio"]) <= set(atlas.RATIOS)
    assert experiment.size() == len(atlas.WIDTHS) * len(atlas.RATIOS) * 3 * 20


def test_an_end_that_is_not_the_teacher_is_a_certified_minimum():
    """Seed 3: one sign less; a strict local minimum of the population risk, far above its zero."""
    from onenn.experiments.chart.traps import ending
    from onenn.landscape import certify_critical_point

    end = ending(3)
    assert not end.found and end.excess > 0.01 and end.positive[0] != end.positive[1]
    assert certify_critical_point(end.student, end.teacher).is_spurious_minimum == Verdict.PROVED
