"""The samples that the parts of a start need: the law that they are read off, on one problem."""

import numpy as np

from onenn import match, tensor_initialize
from onenn.experiments import dimension
from onenn.experiments.recovery import problem


def test_the_samples_are_those_of_the_law_at_both_sizes():
    """n (e(n)/level)^2 at n = 8 P and 32 P, geometric mean; the error of the start by a run of its own."""
    d, units = 10, dimension.UNITS
    sizes = [8 * units * (d + 1), 32 * units * (d + 1)]
    found = dimension.samples_by_dimension(activation="squared_relu", d=d, rng=np.random.default_rng(3))
    rng = np.random.default_rng(3)
    teacher, X, y = problem("squared_relu", d, units, sizes[-1], rng)
    errors = [
        match(tensor_initialize(X[:n], y[:n], units, "squared_relu", rng=rng), teacher).relative_error for n in sizes
    ]
    expected = np.exp(
        np.mean([np.log(n * (e / dimension.LEVELS["start"]) ** 2) for n, e in zip(sizes, errors, strict=True)])
    )
    assert abs(found["start"] / expected - 1) < 1e-9


def test_errors_of_the_parts_vanish_with_many_samples():
    """All three fall below their levels at 400 samples a weight."""
    rng = np.random.default_rng(5)
    teacher, X, y = problem("relu", 6, 3, 60_000, rng)
    errors = dimension._errors(teacher, X, y, rng)
    assert {part: errors[part] < level for part, level in dimension.LEVELS.items()} == dict.fromkeys(errors, True)
