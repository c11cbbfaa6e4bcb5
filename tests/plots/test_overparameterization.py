"""The pictures of the chapters on overparameterization: what they say is what was computed."""

import re

import numpy as np
import pytest
import xarray

from onenn.overparam import (
    certificate,
    fitted,
    later_results,
    output_scale,
    promised_rate,
    signed_halves,
    spectral_bound,
    train,
    train_many,
    unit_inputs,
)
from onenn.plots import moderate_overparameterization as one
from onenn.plots import overparameterization_relu_sgd as two

pytestmark = pytest.mark.slow


def small():
    X, y = unit_inputs(4, 12, rng=0), np.array([0.5, -0.2, 0.1, 0.3])
    start = signed_halves(200, 12, "softplus", scale=4 * output_scale(y, 200), rng=1)
    promise = certificate(start, X, y, form="sharp")
    return X, y, start, promise, train(start, X, y, step=promise.step)


def test_the_corridor_and_the_rates_are_those_of_the_run():
    """The numbers in the words are those of the certificate, and of the theorem for no more than its largest step."""
    X, _, _, promise, run = small()
    assert promise.verdict.value == "PROVED"
    words = one.corridor(run, promise).alt
    assert f"{promise.misfit:.2f}" in words and f"{promise.radius:.1f}" in words and str(len(run.at)) in words
    words, unit = one.rates(run, promise, X).alt, np.log(run.predicted_rate(X))
    assert 2 * run.step * spectral_bound(run.start, X) ** 2 > 1
    assert f"{run.relative_misfit:.0e}" in words and f"{np.log(promise.rate) / unit:.2f} of that slope" in words
    assert f"{np.log(promised_rate(X, 'softplus')) / unit:.3f} of it" in words


def test_widths_are_in_the_order_of_the_theory():
    """Printed > lambda > half > sharp > what fits, and the last fits with one unit pair fewer not."""
    numbers = [float(x) for x in re.findall(r"\d[\d.e+]*(?=[,.] )", one.widths([(10, 20)]).alt.split("d = 20, ")[1])]
    assert len(numbers) == 5 and numbers == sorted(numbers, reverse=True)
    rng = np.random.default_rng(0)
    X = unit_inputs(12, 4, rng=rng)
    assert one.least_fitting_width(X, np.ones(12), "softplus", rng=rng, budget=500) >= 2
    with pytest.raises(ValueError, match="no width up to 256"):
        one.least_fitting_width(np.repeat(X[:1], 2, axis=0), np.array([1.0, -1.0]), "softplus", rng=rng, budget=20)


def table(k, n):
    """Success exactly when n <= 5 k, in three trials."""
    shape = (2, 2, len(k), len(n), 3)
    success = np.broadcast_to((np.array(n)[None, :] <= 5 * np.array(k)[:, None])[None, None, :, :, None], shape)
    axes = {"activation": ["softplus", "relu"], "method": ["gd", "gauss_newton"], "k": k, "n": n, "seed": [0, 1, 2]}
    return xarray.Dataset({"value": (list(axes), success.astype(float))}, coords=axes)


def test_the_table_of_random_inputs_puts_what_is_measured_within_what_is_promised():
    """sigma^2 above, the norm and kappa below; beyond the reach of the theorem nothing is promised."""
    rows = one.random_inputs([(10, 40), (200, 20)], failure=0.01).rows
    for row in rows:
        (least, found, _), (most, size, _), (bound, kappa, _) = ([float(x) for x in c.split(" | ")] for c in row[1:])
        assert least <= found and size <= most and kappa <= bound
    assert rows[0][0] == "10, 40" and float(rows[0][1].split(" | ")[0]) > 0.2
    assert rows[1][1].startswith("0 | ") and rows[1][3].startswith("inf | ")


def test_thresholds_are_those_of_the_table():
    """A sharp end at n = 5 k is n/(10 k) = 1/2, up to half a cell."""
    result = table([2, 4], list(range(5, 60, 5)))
    words = repr(two.thresholds(result))
    assert words.count("0.62 ± 0.00") == words.count("0.56 ± 0.00") == 4
    assert "ReLU" in two.transition(result).alt


def test_the_other_pictures_are_drawn_from_what_they_show():
    """Counts in the words are those of the trials and of the flips."""
    z = np.sort(np.random.default_rng(0).standard_normal(50) ** 2)
    assert f"The {int(np.sum(np.cumsum(z) <= 1))} units" in two.signs(50, moved=1.0).alt
    words = two.live_transition(2, trials=1).alt
    rng = np.random.default_rng(0)
    first = [fitted(round(r * 20), 2, 10, "softplus", "gd", trials=1, rng=rng) for r in (0.3, 0.6, 0.8, 0.9, 1.0, 1.15)]
    assert f"softplus by gradient descent {', '.join(map(str, first))}" in words
    X, y, start, *_ = small()
    runs = train_many([start] * 3, X, y, "sgd", rng=0, max_iterations=80, record_every=20, tolerance=0)
    assert "3 stochastic runs" in two.stochastic(runs, X).alt
    assert "λ(X)" in repr(two.kernel_limits(["relu"], 12, 6, 20)) and "order" in repr(two.orders(X, trials=1))


def test_the_table_of_later_results_says_which_are_bounds_and_which_are_orders():
    """The signs stand where the records have them, and every result is named."""
    X = unit_inputs(4, 12, rng=0)
    records = later_results(X, rng=0)
    words = repr(two.later(X))
    assert f"{two.SIGNS['at most']}{records[2].predicted}" in words and words.count("~ ") == 3
    assert all(two.AUTHORS[r.source] in words for r in records)
