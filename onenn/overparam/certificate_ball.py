"""The certificate in balls: nothing in it is rounded, so PROVED is a proof for exact arithmetic from these weights.

W, v, X and y enter as the exact numbers they are (a float is a dyadic number); the extreme eigenvalues of J_0 J_0^T and
X X^T are enclosed, and so is |r_0|.
Chapters: moderate-overparameterization (cor-certificate), overparameterization-relu-sgd (prp-relu-certificate).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from onenn.activations import Activation
from onenn.network import OneHiddenLayer
from onenn.rigorous import BALLS, Ball, ball, ball_matrix, less, precision, square, symmetric_eigenvalues

from .bounds import curvature_bound, slope_bound
from .certificate import FORMS, promise
from .data import inputs, labels, network
from .flips import slope_jump
from .flips_ball import flip_promise
from .record import Certificate


def certificate_ball(
    net: OneHiddenLayer,
    X: Any,
    y: Any,
    *,
    step: int | str | Fraction | None = None,
    form: str = "half",
    slack: int | str | Fraction = 0,
    bits: int = 64,
) -> Certificate:
    """The certificate of `certificate`, its numbers balls.

    slack: added to |r_0|, for a run whose steps have errors (prp-rounded-steps).

    *Shapes*: X (n, d), y (n,): floats stand for the dyadic numbers they are; ints, Fractions, decimal strings too.
    Contains: the exact values. Time: about (n + d) k conversions and n^3; k = 2000, d = 40, n = 10 take a second.
    For a phi with slopes that jump at 0 (ReLU, leaky ReLU) the signs that can flip are counted (`flips_ball`); form is
    ignored.
    Raises: as `certificate`; TypeError for a float step: pass Fraction(step).
    """
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; expected 'half' or 'sharp'")
    S, B = curvature_bound(network(net).phi), slope_bound(net.phi)
    if S is None:
        slope_jump(net.phi)  # raises for what has neither a Lipschitz slope nor one kink
    rows, targets = exact_data(net, X, y)
    with precision(bits):
        eta, more = None if step is None else ball(step, "step"), ball(slack, "slack")
        if eta is not None and not eta > 0:
            raise ValueError(f"step is {step}; expected a positive number")
        if not more >= 0:
            raise ValueError(f"slack is {slack}; expected a number >= 0, added to |r_0|")
        P = ball_matrix(rows)
        Z = (P * ball_matrix(net.exact_W.tolist()).transpose()).tolist()
        v = [ball(t) for t in net.exact_v]
        G = P * P.transpose()
        A = ball_matrix(
            [[slope * t for slope, t in zip(on_balls(net.phi, "derivative", z), v, strict=True)] for z in Z]
        )
        K = entrywise(A * A.transpose(), G)
        r = [
            sum((a * t for a, t in zip(on_balls(net.phi, "value", z), v, strict=True)), -ball(t))
            for z, t in zip(Z, targets, strict=True)
        ]
        misfit = BALLS.sqrt_nonnegative(sum(map(square, r), ball(0))) + more
        spectrum = symmetric_eigenvalues(K)
        least, norm = (BALLS.sqrt_nonnegative(spectrum[i]) for i in (0, -1))
        width = BALLS.sqrt_nonnegative(symmetric_eigenvalues(G)[-1])
        lengths = [BALLS.sqrt_nonnegative(G[i, i]) for i in range(len(rows))]
        if S is None:
            sides = on_balls(net.phi, "derivative", [ball(-1), ball(1)])
            known = {"Z": Z, "v": v, "lengths": lengths, "width": width, "slopes": sides}
            return flip_promise(**known, least=least, norm=norm, misfit=misfit, step=eta)
        longest = _largest(lengths)
        L = ball(S) * _largest([abs(t) for t in v]) * width * longest
        bound = None
        if B is not None:
            bound = ball(B) * BALLS.sqrt_nonnegative(sum(map(square, v), ball(0))) * width
        return promise(BALLS, form, least=least, norm=norm, L=L, misfit=misfit, bound=bound, step=eta, less=less)


def gram_ball(X: Any, *, power: int = 1, bits: int = 64) -> Any:
    """(X X^T)^(o power) as a ball matrix, from exact X.

    >>> gram_ball([["1/2", 1]], power=2)[0, 0].overlaps(ball("25/16"))
    True
    """
    with precision(bits):
        P = ball_matrix(exact_rows(X))
        G = result = P * P.transpose()
        for _ in range(power - 1):
            result = entrywise(result, G)
        return result


def on_balls(phi: Activation, kind: str, Z: Sequence[Ball]) -> list[Ball]:
    """phi or phi' (kind "value", "derivative") at balls; a ball on a kink gets the hull of both sides."""
    kinks = [ball(k) for k in phi.kinks]
    functions = [getattr(piece, kind) for piece in phi.pieces]
    if not kinks:
        return [ball(functions[0](BALLS, z)) for z in Z]
    result = []
    for z in Z:
        possible = [
            f
            for f, (low, high) in zip(functions, itertools.pairwise([None, *kinks, None]), strict=True)
            if not (low is not None and z < low) and not (high is not None and z >= high)
        ]
        values = [ball(f(BALLS, z)) for f in possible]
        hull = values[0]
        for value in values[1:]:
            hull = hull.union(value)
        result.append(hull)
    return result


def entrywise(A: Any, B: Any) -> Any:
    """A o B of two ball matrices."""
    return ball_matrix(
        [[a * b for a, b in zip(*pair, strict=True)] for pair in zip(A.tolist(), B.tolist(), strict=True)]
    )


def exact_data(net: OneHiddenLayer, X: Any, y: Any) -> tuple[list[list[Fraction]], list[Fraction]]:
    """X (n, d) and y (n,) as exact numbers.  Raises: ValueError naming the one that does not fit."""
    rows, targets = exact_rows(X), exact_row(y)
    inputs([[float(x) for x in row] for row in rows], d=network(net).d)
    labels([float(t) for t in targets], np.zeros((len(rows), 1)), np)
    return rows, targets


def exact_rows(X: Any) -> list[list[Fraction]]:
    """The rows of X as exact numbers."""
    if getattr(X, "ndim", 2) != 2:
        raise ValueError(f"X has shape {tuple(X.shape)}; expected (n, d), one input per row")
    return [exact_row(row, "X") for row in (X.tolist() if hasattr(X, "tolist") else X)]


def exact_row(row: Any, name: str = "y") -> list[Fraction]:
    """The entries as exact numbers; a float becomes the Fraction it is.  Raises: ValueError on nan, inf, no number."""
    entries = row.tolist() if hasattr(row, "tolist") else row
    try:
        return [Fraction(x.item() if hasattr(x, "item") else x) for x in entries]
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"{name} has an entry that is nan, inf or no number ({error}); expected floats, ints, Fractions or decimal "
            "strings: drop or impute such samples"
        ) from error


def _largest(balls: Sequence[Ball]) -> Ball:
    result = balls[0]
    for x in balls[1:]:
        result = result.max(x)
    return result
