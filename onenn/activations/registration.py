"""register_activation: one call adds an activation from its value and derivative.   Chapter: activation-properties."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..contexts import FLOATS, Constant, as_constant
from .activation import Activation, Bounds, ClosedForms, ContextFunction, Growth, Piece, Tails
from .registry import add

UserFunction = Callable[..., Any]


def register_activation(
    name: str,
    value: UserFunction | Sequence[UserFunction],
    derivative: UserFunction | Sequence[UserFunction],
    second_derivative: UserFunction | Sequence[UserFunction] | None = None,
    *,
    kinks: Sequence[int | float | str | Constant] = (),
    growth: Growth | None = None,
    value_growth: Growth | None = None,
    bounds: Bounds | None = None,
    tails: Tails | None = None,
    homogeneity: int | None = None,
    derivative_symmetry: str | None = None,
    derivative_centre: int | float | str | Constant = "1/2",
    closed_forms: ClosedForms | None = None,
    derivative_remainder: Callable[[np.ndarray], np.ndarray] | None = None,
    source: str = "",
    replace: bool = False,
) -> Activation:
    """Register phi under `name` and return it; every float function of the package then takes it.

    `value`, `derivative`, `second_derivative`: each a function (z) on NumPy arrays, or (C, z) on a number context
    (onenn.contexts), which also serves the rigorous functions; with kinks, optionally one per piece, leftmost first.
    `growth` bounds phi' and `value_growth` bounds phi; the rigorous integrals need them for their tails.
    `derivative_symmetry`: "even", "odd" or "half", only if it holds exactly: it makes vanishing moments exact zeros.
    An activation is restored from a pickle only where it is registered too.

    Raises: ValueError when the name is taken and `replace` is false, when kinks are not increasing, when the functions
    are not one per piece, or when `derivative` is visibly not the derivative of `value`; TypeError for a wrong type.

    >>> import numpy as np
    >>> arctan = register_activation("arctan", np.arctan, lambda z: 1 / (1 + z * z), replace=True)
    >>> float(arctan.derivative(1.0))
    0.5
    """
    if not isinstance(name, str) or not name:
        raise TypeError(f"name is {name!r}; expected a non-empty string")
    exact_kinks = tuple(as_constant(k, "kinks") for k in kinks)
    positions = [FLOATS.number(k) for k in exact_kinks]
    if any(x >= y for x, y in itertools.pairwise(positions)):
        raise ValueError(f"kinks are {list(kinks)}; expected increasing numbers")
    for argument, bound in (("growth", growth), ("value_growth", value_growth)):
        if bound is not None and not isinstance(bound, Growth):
            raise TypeError(
                f"{argument} is a {type(bound).__name__}; expected onenn.activations.Growth(constant, power, rate)"
            )
    count = len(exact_kinks) + 1
    phi = Activation(
        name=name,
        pieces=tuple(
            Piece(*functions)
            for functions in zip(
                _per_piece("value", value, count),
                _per_piece("derivative", derivative, count),
                _per_piece("second_derivative", second_derivative, count),
                strict=True,
            )
        ),
        kinks=exact_kinks,
        homogeneity=homogeneity,
        derivative_symmetry=derivative_symmetry,
        derivative_centre=as_constant(derivative_centre, "derivative_centre"),
        growth=growth,
        value_growth=value_growth,
        bounds=bounds or Bounds(),
        tails=tails,
        closed_forms=closed_forms or ClosedForms(),
        derivative_remainder=derivative_remainder,
        source=source,
    )
    _check_slopes(phi, "derivative", "value", phi, phi.derivative)
    if second_derivative is not None:
        _check_slopes(phi, "second_derivative", "derivative", phi.derivative, phi.second_derivative)
    return add(phi, replace=replace)


def _per_piece(argument: str, given: Any, count: int) -> list[Any]:
    if given is None:
        return [None] * count
    functions = list(given) if isinstance(given, (tuple, list)) else [given] * count
    if len(functions) != count:
        raise ValueError(
            f"{argument} has {len(functions)} functions; expected one, or {count}, one per piece between the kinks"
        )
    return [_over_contexts(argument, f) for f in functions]


def _over_contexts(argument: str, f: Any) -> ContextFunction:
    """f itself when it takes (C, z); a NumPy function of z alone otherwise, marked as such."""
    if not callable(f):
        raise TypeError(f"{argument} is a {type(f).__name__}; expected a function of z, or of (C, z)")
    if _positional_arguments(f) == 2:
        return f

    def on_floats(C: Any, z: Any) -> Any:
        if C is not FLOATS:
            raise TypeError(
                f"{argument} is a NumPy function of z; for exact or ball arithmetic register a function of (C, z)"
            )
        return f(z)

    on_floats.numpy_only = True  # type: ignore[attr-defined]
    return on_floats


def _positional_arguments(f: Callable) -> int:
    if isinstance(f, np.ufunc):
        return f.nin
    try:
        parameters = inspect.signature(f).parameters.values()
    except ValueError:  # a compiled function without a signature is taken for a function of z
        return 1
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.default is p.empty for p in parameters)


def _check_slopes(phi: Activation, argument: str, of: str, f: Callable, slope: Callable) -> None:
    """Compare with central differences at a few points off the kinks: a wrong formula differs in the first digits."""
    step = 1e-5
    z = np.array([-2.7, -1.3, -0.61, -0.17, 0.23, 0.71, 1.9, 3.1])
    kinks = np.array([FLOATS.number(k) for k in phi.kinks])
    z = z[np.all(np.abs(z[:, None] - kinks) > 2 * step, axis=1)] if kinks.size else z
    for which, function in ((of, f), (argument, slope)):
        values = function(z)
        if not np.all(np.isfinite(values)):
            raise ValueError(f"{which} is not finite on {z.tolist()}; expected finite numbers")
    differences, given = (f(z + step) - f(z - step)) / (2 * step), slope(z)
    scale = 1 + np.abs(differences) + np.max(np.abs(f(z)))
    if np.any(bad := np.abs(differences - given) > 1e-3 * scale):
        i = int(np.argmax(bad))
        raise ValueError(
            f"{argument} is {given[i]:.6g} at z = {z[i]}, but differences of {of} give {differences[i]:.6g}; "
            f"expected the derivative of {of}"
        )
