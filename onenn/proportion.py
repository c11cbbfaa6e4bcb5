"""How sure a share of successes is: the interval of Wilson, as SciPy computes it.

(p + z^2/2m +- z sqrt(p (1 - p)/m + z^2/4m^2))/(1 + z^2/m) for a share p of m trials, z = 1.96.
"""

from __future__ import annotations


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval for the probability of a success; within [0, 1], and not empty at 0 or all successes.

    Raises: ValueError for fewer than one trial, or successes beyond the trials.

    Source: Wilson 1927; `scipy.stats.binomtest(successes, trials).proportion_ci(method="wilson")`.

    >>> [round(p, 3) for p in wilson(20, 20)]
    [0.839, 1.0]
    """
    from scipy.stats import binomtest

    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"successes is {successes} of {trials} trials; expected 0 <= successes <= trials, trials >= 1")
    low, high = binomtest(int(successes), int(trials)).proportion_ci(method="wilson")
    return float(low), float(high)
