"""What a user may pass by mistake: never a silent wrong answer, and an error that names the argument."""

from fractions import Fraction

import numpy as np
import pytest

from onenn import OneHiddenLayer
from onenn.overparam import (
    certificate,
    certificate_ball,
    chernoff_failure,
    exact_run,
    expected_kernel,
    gauss_newton,
    hermite_bounds,
    jacobian,
    kappa,
    khatri_rao_singular_value,
    limit_eigenvalue,
    misfit_bound,
    normalized,
    output_scale,
    paired_units,
    partial_bound,
    printed_width,
    promised_rate,
    random_signs,
    relu_width,
    rounded_step_error,
    series_error,
    signed_halves,
    singular_values,
    smooth_width,
    stochastic_certificate,
    train,
    train_many,
    unit_inputs,
)
from onenn.overparam.data import inputs
from onenn.verdict import Verdict

X = unit_inputs(5, 6, rng=0)
Y = np.random.default_rng(1).standard_normal(5)
NET = signed_halves(8, 6, "softplus", scale=0.3, rng=2)


@pytest.mark.parametrize("make", [certificate, certificate_ball])
@pytest.mark.parametrize("form", ["half", "sharp"])
def test_rounding_is_no_positive_singular_value(make, form):
    """Five inputs in R^3 and a linear network have L = 0 and sigma_min(J) = 0, which floats find to be 4e-17; two equal
    inputs with labels as small as that; v = 0. None of these labels are met by any W: nothing may be promised."""
    linear = random_signs(4, 3, "linear", scale=1.0, rng=0)
    pair, twice = paired_units(8, 3, "softplus", scale=1.0, rng=0), np.ones((2, 3)) / 3**0.5
    cases = [(linear, unit_inputs(5, 3, rng=1), np.ones(5)), (pair, twice, [1e-35, 2e-35])]
    cases += [(OneHiddenLayer(NET.W, 0 * NET.v, name), X, Y) for name in ("softplus", "relu")]
    for net, x, y in cases:
        c = make(net, x, y, form=form)
        assert c.verdict == Verdict.UNDECIDED and "not known to be positive" in c.verdict.reason
    kept = make(linear, unit_inputs(3, 3, rng=1), np.ones(3), form=form)
    assert kept.verdict == Verdict.PROVED


def test_what_floats_prove_balls_prove_too():
    """Almost equal inputs, labels met to a few digits or to all of them, v over five orders: 300 draws, seed 7. What is
    left of |r_0| and of sigma_min may be rounding, and then nothing is promised."""
    rng, proved = np.random.default_rng(7), 0
    for name in ("softplus", "tanh", "erf", "gelu", "quadratic", "relu") * 50:
        n, d, k = int(rng.integers(1, 4)), int(rng.integers(1, 6)), int(rng.integers(1, 7))
        x = rng.standard_normal((n, d))
        x[-1] = x[0] * rng.choice([1, -1, 2]) + 10.0 ** rng.integers(-9, 0) * rng.standard_normal(d)
        net = OneHiddenLayer(rng.standard_normal((k, d)), 10.0 ** rng.integers(-2, 3) * rng.standard_normal(k), name)
        y = net.predict(x) + rng.standard_normal(n) * 10.0 ** rng.integers(-18, -8)
        form = str(rng.choice(["half", "sharp"]))
        if certificate(net, x, y, form=form).verdict == Verdict.PROVED:
            proved += 1
            assert certificate_ball(net, x, y, form=form, bits=160).verdict == Verdict.PROVED
    assert proved > 100


def test_kinks_with_labels_that_are_met_need_a_positive_singular_value_too():
    """R = 0 and no sign flips; with equal inputs J is singular all the same."""
    net = random_signs(8, 3, "relu", scale=1.0, rng=0)
    for x, answer in ((unit_inputs(2, 3, rng=1), "PROVED"), (np.array([[1, 2, 3], [2, 4, 6]]) / 7, "UNDECIDED")):
        assert certificate(net, x, net.predict(x)).verdict.value == answer


def test_tensors_of_either_precision_with_and_without_a_gradient():
    """Least eigenvalues are computed in double precision, from the numbers as they are; no graph is kept."""
    import torch

    single = X.astype(np.float32)
    for x, same in (
        (torch.tensor(X), X),
        (torch.tensor(X, requires_grad=True), X),
        (torch.tensor(single), single.astype(float)),
        (single, single.astype(float)),
    ):
        y = torch.tensor(Y, requires_grad=True)
        assert not getattr(inputs(x)[0], "requires_grad", False)
        assert certificate(NET, x, y).ratio == pytest.approx(certificate(NET, same, Y).ratio, rel=1e-12)
        assert singular_values(NET, x).least == pytest.approx(singular_values(NET, same).least, rel=1e-12)
        assert kappa(x) == pytest.approx(kappa(same), rel=1e-12)
        assert khatri_rao_singular_value(x) == pytest.approx(khatri_rao_singular_value(same), rel=1e-12)
        unit = normalized(x)
        assert isinstance(unit, np.ndarray) and np.abs(np.linalg.norm(unit, axis=1) - 1).max() < 1e-15
        assert np.allclose(expected_kernel(unit, "tanh"), expected_kernel(X, "tanh"), rtol=0, atol=1e-6)
        run = train(NET, x, y, step=0.1, max_iterations=20)
        assert run.misfit[-1] == pytest.approx(train(NET, X, Y, step=0.1, max_iterations=20).misfit[-1], rel=1e-5)
    assert expected_kernel(torch.tensor(X), "relu").shape == (5, 5)
    with pytest.raises(ValueError, match=r"of length 1\.0000000|of length 0\.9999999"):
        expected_kernel(single, "relu")
    for short in (torch.tensor(X).half(), torch.tensor(X).bfloat16(), X.astype(np.float16)):
        with pytest.raises(ValueError, match="too short for eigenvalues; pass it as float32 or float64"):
            jacobian(NET, short)


@pytest.mark.parametrize("call", [certificate, train, exact_run, certificate_ball])
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (X, Y[:3], r"y has shape \(3,\) but X has 5 rows"),
        (X, Y[:, None], "y has (shape|an entry)"),
        (X, Y + 1j, "y (is complex|has an entry)"),
        (X + 1j, Y, "X (is complex|has an entry)"),
        (X, np.ma.array(Y, mask=[0, 0, 1, 0, 0]), "y has (masked|an entry)"),
        (np.ma.array(X, mask=X > 0.5), Y, "X has (masked|an entry)"),
        (X, ["a", "b", "c", "d", "e"], "y (is a list|has an entry)"),
        (X, [1, 2, np.nan, 4, 5], "y has .*nan"),
        (X, [1, 2, "inf", 4, 5], "y has .*inf"),
        ([[1] * 6] * 4 + [[1] * 5], Y, "X (is a list|has rows|has shape)"),
        (X[0], Y, "X has shape"),
    ],
)
def test_unfit_data_are_named(call, x, y, message):
    """In floats and in balls: no mask is forgotten, no imaginary part dropped."""
    with pytest.raises(ValueError, match=message):
        call(NET, x, y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: certificate(NET, X, Y, step="1/10"), "step is '1/10'"),
        (lambda: certificate(NET, X, Y, step=np.inf), "step is inf"),
        (lambda: certificate_ball(NET, X, Y, slack=-100), "slack is -100"),
        (lambda: exact_run(NET, X, Y, steps=0), "steps is 0"),
        (lambda: exact_run(NET, X, Y, grid="-1/4"), "grid is -1/4"),
        (lambda: rounded_step_error(NET, NET, X, Y[:3], step=1), "y has shape"),
        (lambda: rounded_step_error(NET, signed_halves(2, 6, "tanh", scale=1, rng=0), X, Y, step=1), "after is"),
        (lambda: stochastic_certificate(NET, X, Y[:2], failure="1/2"), "y has shape"),
        (lambda: train(NET, X, Y, step=[0.1, 0.2]), "step is"),
        (lambda: train(NET, X, Y, step=1j), "step is 1j"),
        (lambda: train(NET, X, Y, tolerance="a"), "tolerance is a"),
        (lambda: train_many([NET] * 3, X, Y, step=[0.1, 0.2]), "step is"),
        (lambda: output_scale("abc", 2), "y is a str"),
        (lambda: paired_units(4, 2, "relu", scale="1", rng=0), "scale is '1'"),
        (lambda: chernoff_failure(X, "relu", -5), "k is -5"),
        (lambda: smooth_width(X, "softplus", delta=-3), "delta is -3"),
        (lambda: printed_width(X, "softplus", delta=-3), "delta is -3"),
        (lambda: relu_width(X, delta=-3), "delta is -3"),
        (lambda: misfit_bound("tanh", -3), "delta is -3"),
        (lambda: promised_rate(X, "tanh", fraction=1.5), "fraction is 1.5"),
        (lambda: series_error("tanh", 3, 2.0), "rho is 2"),
        (lambda: partial_bound(X, "tanh", -1), "last is -1"),
        (lambda: hermite_bounds(X, "tanh", -1), "last is -1"),
        (lambda: limit_eigenvalue("tanh", -1), "degree is -1"),
    ],
)
def test_numbers_out_of_range_are_named(call, message):
    """Each would give a number without a meaning, or an error that names none of the arguments."""
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_network_is_named():
    """One network for several, none at all; a generator of networks is fine."""
    with pytest.raises(TypeError, match="nets is a single network"):
        train_many(NET, X, Y)
    for call in (train, certificate, certificate_ball, exact_run):
        with pytest.raises(TypeError, match="net is a NoneType"):
            call(None, X, Y)
    assert len(train_many((NET for _ in range(2)), X, Y, max_iterations=2)) == 2


def test_damaged_checkpoints_are_refused_and_budgets_do_not_shrink(tmp_path):
    """Cut off anywhere; a folder that is missing is named before the run and not after; a smaller budget than the
    checkpoint's would return a run longer than asked for, and leaves the checkpoint as it is."""
    file, options = tmp_path / "run", {"max_iterations": 20, "record_every": 5, "tolerance": 0}
    whole = train(NET, X, Y, checkpoint=file, **options)
    kept = file.read_bytes()
    for end in (0, 10, len(kept) // 2, len(kept) - 1):
        file.write_bytes(kept[:end])
        with pytest.raises(ValueError, match="no checkpoint of a run, or damaged"):
            train(NET, X, Y, checkpoint=file, **options)
    for meta in ("{}", "[1]"):
        with file.open("wb") as opened:
            np.savez(opened, meta=np.array(meta))
        with pytest.raises(ValueError, match="no checkpoint of a run, or damaged"):
            train(NET, X, Y, checkpoint=file, **options)
    file.write_bytes(kept)
    with pytest.raises(ValueError, match=r"max_iterations is 7, and checkpoint .* is after 20"):
        train(NET, X, Y, checkpoint=file, **(options | {"max_iterations": 7}))
    assert np.array_equal(train(NET, X, Y, checkpoint=file, **options).misfit, whole.misfit)
    with pytest.raises(ValueError, match="in a folder that does not exist"):
        train(NET, X, Y, checkpoint=tmp_path / "no" / "run", **options)


def test_widths_and_kappa_of_equal_inputs_are_infinite():
    """lambda(X) and sigma_min(X * X) are 0, and floats find 1e-16: a width of 1e35 would have no meaning."""
    x = unit_inputs(6, 8, rng=3)
    assert max(kappa(x), smooth_width(x, "softplus"), printed_width(x, "softplus"), relu_width(x)) < np.inf
    for twice in (np.vstack([x, x[0]]), np.array([[0.6, 0.8, 0.0], [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]])):
        assert kappa(twice) == smooth_width(twice, "softplus") == printed_width(twice, "softplus") == np.inf
        assert relu_width(twice) == smooth_width(twice, "tanh") == np.inf


def test_what_overflows_has_not_converged():
    """Outputs of 1e200 have an infinite misfit from the start; Jacobians that overflow are named."""
    huge = OneHiddenLayer(1e200 * NET.W, NET.v, "linear")
    assert train(huge, X, Y, step=0.1, max_iterations=5).reason == "diverged"
    steep = [OneHiddenLayer(1e4 * NET.W, NET.v, "exp"), OneHiddenLayer(1e200 * NET.W, NET.v, "quadratic")]
    with np.errstate(over="ignore", invalid="ignore"):
        for net in steep:
            with pytest.raises(ValueError, match="Jacobian overflows at X"):
                train(net, X, Y)
        with pytest.raises(ValueError, match="Jacobian overflows at X"):
            certificate(OneHiddenLayer(NET.W, 1e200 * NET.v, "softplus"), X, Y)


def test_networks_that_cannot_move():
    """v = 0 has no Gauss-Newton step, and ends at once; a linear network has no condition on its path."""
    run = gauss_newton(OneHiddenLayer(NET.W, 0 * NET.v, "tanh"), X, Y)
    assert run.reason == "budget" and run.iterations == 0
    c = stochastic_certificate(OneHiddenLayer(np.eye(6), np.ones(6), "linear"), X, Y, failure="1/2")
    assert c.verdict == Verdict.PROVED and c.ratio == np.inf


def test_exact_data_may_be_numbers_of_any_kind():
    """Doubles of NumPy in lists, ints, Fractions and strings: the same certificate."""
    plain = certificate_ball(OneHiddenLayer([[1, 2]], [1], "tanh"), [[1, "1/2"]], [Fraction(1, 4)])
    mixed = certificate_ball(OneHiddenLayer([[1, 2]], [1], "tanh"), [[np.float32(1), np.float64(0.5)]], ["0.25"])
    assert plain.misfit.overlaps(mixed.misfit) and float(plain.misfit.rad()) < 1e-15
