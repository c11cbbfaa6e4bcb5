"""What the benches of recovery share: teachers, rates with Wilson intervals, and a table printed to the terminal."""

import warnings

import numpy as np

from onenn import match, random_teacher
from onenn.proportion import wilson
from onenn.recovery import RecoveryWarning, normal_form


def problem(name, d, k, n, seed):
    """A teacher with condition 2 and n samples of it, from a stream of their own."""
    rng = np.random.default_rng([seed, d, k])
    teacher = random_teacher(k, d, name, condition=2.0, rng=rng)
    X = rng.standard_normal((n, d))
    return teacher, X, teacher.predict(X)


def error(student, teacher):
    return match(normal_form(student), normal_form(teacher)).relative_error


def rate(solve, name, shape, c, trials):
    """(successes, Wilson interval) of solve(X, y, k, phi, seed) -> network at n = c k (d + 1)."""
    d, k = shape
    n = int(np.ceil(c * k * (d + 1)))
    won = 0
    for seed in range(trials):
        teacher, X, y = problem(name, d, k, n, seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RecoveryWarning)
            warnings.simplefilter("ignore", UserWarning)
            won += error(solve(X, y, k, name, seed), teacher) < 1e-3
    return won, wilson(won, trials)


def report(capsys, *rows):
    """Rows of a table, past pytest's capture."""
    with capsys.disabled():
        print()
        for row in rows:
            print("  " + "  ".join(f"{cell!s:>14}" for cell in row))
