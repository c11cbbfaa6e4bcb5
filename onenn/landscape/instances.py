"""Teachers of small integers, of every shape, rank and number of zero output weights: the instances of exact checks.

Chapter: lsc-counterexamples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer
from onenn.rigorous import rank as exact_rank
from onenn.verdict import Verdict, conjunction


def integer_teacher(
    k: int, d: int, phi: Activation | str, *, rank: int | None = None, zeros: int = 0, rng: np.random.Generator
) -> OneHiddenLayer:
    """A teacher of small integers, v_i in +-{1, 2, 3} but for `zeros` entries 0; the rows with v_i != 0 have that rank.

    rank: by default min(k - zeros, d).
    Raises: ValueError when the rank does not fit 0 <= rank <= min(k - zeros, d), or zeros is not in 0 ... k.

    >>> teacher = integer_teacher(4, 3, "quadratic", rank=2, zeros=1, rng=np.random.default_rng(0))
    >>> exact_rank(teacher.exact_W[teacher.v != 0]), int((teacher.v == 0).sum())
    (2, 1)
    """
    live = k - zeros
    rank = min(live, d) if rank is None else rank
    if not (0 <= zeros <= k and 0 <= rank <= min(live, d)):
        raise ValueError(
            f"rank is {rank} and zeros is {zeros}; expected 0 <= rank <= min(k - zeros, d) = {min(live, d)}"
        )
    free = rng.permutation(k)[:zeros]
    v = rng.choice([-3, -2, -1, 1, 2, 3], size=k)
    v[free] = 0
    while True:
        W = rng.integers(-2, 3, size=(k, rank)) @ rng.integers(-2, 3, size=(rank, d))
        W[free] = rng.integers(-2, 3, size=(zeros, d))
        if live == 0 or exact_rank(W[v != 0].tolist()) == rank:
            return OneHiddenLayer(W, v, phi)


def integer_teachers(
    phi: Activation | str, *, largest: int, zeros: int = 0, rng: np.random.Generator
) -> Iterator[OneHiddenLayer]:
    """One integer teacher for all k and d from 1 to `largest`, every number of zero weights up to `zeros`, every rank.

    >>> len(list(integer_teachers("linear", largest=2, rng=np.random.default_rng(0))))
    9
    """
    for k in range(1, largest + 1):
        for d in range(1, largest + 1):
            for missing in range(min(zeros, k) + 1):
                for r in range(min(k - missing, d) + 1):
                    yield integer_teacher(k, d, phi, rank=r, zeros=missing, rng=rng)


def every(condition: Callable[..., Any], *cases: Iterable[Any]) -> Verdict:
    """The condition holds in every case: the conjunction of its values, each a Verdict or a truth value.

    cases: one or more lists of one length; the condition takes one entry of each.
    Raises: ValueError when the lists have different lengths, or are empty: a check of nothing proves nothing.

    >>> every(lambda x, y: x < y, [1, 2], [3, 4])
    PROVED (all 2 cases)
    """
    values = (condition(*case) for case in zip(*cases, strict=True))
    return conjunction(value if isinstance(value, Verdict) else Verdict.decided(bool(value)) for value in values)
