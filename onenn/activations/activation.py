"""An activation as a frozen value: phi, phi', phi'' on the pieces between its kinks, and its closed forms.

phi.scaled(output=a, input=b) is a phi(b z).   Chapter: activation-properties.
Every formula takes a number context C (onenn.contexts) before its argument, so it serves floats, symbols and balls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from ..contexts import FLOATS, Constant, as_constant
from .bounds import Bounds, Growth, Tails
from .closed_forms import ClosedForms, ContextFunction
from .constants import power, product, sign

__all__ = ["Activation", "Bounds", "ClosedForms", "ContextFunction", "Growth", "Piece", "Tails", "Transform"]


@dataclass(frozen=True)
class Piece:
    """phi, phi', phi'' on one interval between neighbouring kinks, each an analytic function (C, z) -> number there.

    `together`: (C, z) -> (phi, phi') on arrays, for C the floats or another array library, where both share work.
    """

    value: ContextFunction
    derivative: ContextFunction
    second_derivative: ContextFunction | None
    together: Callable[[Any, Any], tuple[Any, Any]] | None = None

    def scaled(self, output: Constant, input: Constant) -> Piece:
        """The piece of output * phi(input z)."""

        def stretched(f: ContextFunction, factor: Constant) -> ContextFunction:
            def at(C: Any, z: Any) -> Any:
                return C.number(factor) * f(C, C.number(input) * z)

            at.numpy_only = getattr(f, "numpy_only", False)  # type: ignore[attr-defined]
            return at

        second, both = self.second_derivative, self.together

        def together(C: Any, z: Any) -> tuple[Any, Any]:
            assert both is not None
            value, slope = both(C, C.number(input) * z)
            return C.number(output) * value, C.number(product(output, input)) * slope

        return Piece(
            stretched(self.value, output),
            stretched(self.derivative, product(output, input)),
            None if second is None else stretched(second, product(output, power(input, 2))),
            both and together,
        )


@dataclass(frozen=True)
class Transform:
    """The Fourier transform F(t) = int phi^(order)(x) e^{-i t x} dx on float arrays: positive and even."""

    order: int
    values: Callable[[np.ndarray], np.ndarray]

    def scaled(self, output: Constant, input: Constant) -> Transform:
        """The transform of the same derivative of output * phi(input z)."""
        b = FLOATS.number(input)
        factor = FLOATS.number(output) * b**self.order / abs(b)
        return Transform(self.order, lambda t: factor * self.values(t / b))


@dataclass(frozen=True, kw_only=True, repr=False)
class Activation:
    """phi with its derivatives, bounds and closed forms. Two are equal when name, parameters and scalings agree.

    *Call*: phi(z), phi.derivative(z), phi.second_derivative(z) on float arrays; at a kink the right piece.
    `homogeneity` is q with phi(t z) = t^q phi(z) for t > 0. `derivative_symmetry` is "even", "odd" or "half"
    (phi'(z) + phi'(-z) is the constant 2 `derivative_centre`). `growth` bounds phi', `value_growth` bounds phi.
    `derivative_remainder` is phi'(x) - phi'(0) - phi''(0) x on float arrays, free of cancellation near 0.
    """

    name: str
    parameters: tuple[tuple[str, Fraction], ...] = ()
    output: Constant = Fraction(1)
    input: Constant = Fraction(1)
    pieces: tuple[Piece, ...] = field(compare=False)
    kinks: tuple[Constant, ...] = field(default=(), compare=False)
    homogeneity: int | None = field(default=None, compare=False)
    derivative_symmetry: str | None = field(default=None, compare=False)
    derivative_centre: Constant = field(default=Fraction(1, 2), compare=False)
    growth: Growth | None = field(default=None, compare=False)
    value_growth: Growth | None = field(default=None, compare=False)
    bounds: Bounds = field(default=Bounds(), compare=False)
    tails: Tails | None = field(default=None, compare=False)
    closed_forms: ClosedForms = field(default=ClosedForms(), compare=False)
    derivative_remainder: Callable[[np.ndarray], np.ndarray] | None = field(default=None, compare=False)
    transform: Transform | None = field(default=None, compare=False)
    source: str = field(default="", compare=False)
    base: Activation | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if len(self.pieces) != len(self.kinks) + 1:
            raise ValueError(
                f"pieces has {len(self.pieces)} entries for {len(self.kinks)} kinks; expected one more than kinks"
            )
        if self.derivative_symmetry not in (None, "even", "odd", "half"):
            raise ValueError(
                f"derivative_symmetry is {self.derivative_symmetry!r}; expected 'even', 'odd', 'half' or None"
            )

    def __repr__(self) -> str:
        arguments = "".join(f", {key}={value}" for key, value in self.parameters)
        scaling = "" if self.base is None else f".scaled(output={str(self.output)!r}, input={str(self.input)!r})"
        return f"activation({self.name!r}{arguments}){scaling}"

    @cached_property
    def numpy_only(self) -> tuple[str, ...]:
        """Which of "value", "derivative", "second_derivative" are missing or run on float arrays only."""
        kinds = ("value", "derivative", "second_derivative")
        functions = {kind: [getattr(piece, kind) for piece in self.pieces] for kind in kinds}
        return tuple(k for k in kinds if any(f is None or getattr(f, "numpy_only", False) for f in functions[k]))

    def __call__(self, z: Any) -> Any:
        """phi(z), elementwise.  *Shapes*: any; float64.

        >>> from onenn import activation
        >>> activation("squared_relu")([-1.0, 2.0]).tolist()
        [0.0, 4.0]
        """
        return self._evaluate("value", z)

    def derivative(self, z: Any) -> Any:
        """phi'(z), elementwise; at a kink the derivative from the right.  *Shapes*: any; float64.

        >>> from onenn import activation
        >>> activation("relu").derivative([-1.0, 0.0, 1.0]).tolist()
        [0.0, 1.0, 1.0]
        """
        return self._evaluate("derivative", z)

    def second_derivative(self, z: Any) -> Any:
        """phi''(z), elementwise, almost everywhere: at a kink that of the piece on its right.

        *Shapes*: any; float64.  Raises: ValueError where the activation was registered without one.

        >>> from onenn import activation
        >>> activation("squared_relu").second_derivative([-1.0, 3.0]).tolist()
        [0.0, 2.0]
        """
        if any(piece.second_derivative is None for piece in self.pieces):
            raise ValueError(f"{self.name} has no second derivative; pass second_derivative= to register_activation")
        return self._evaluate("second_derivative", z)

    def _evaluate(self, kind: str, z: Any) -> Any:
        z = np.asarray(z, dtype=float)
        functions = [getattr(piece, kind) for piece in self.pieces]
        with np.errstate(over="ignore", under="ignore"):
            if not self.kinks:
                return np.array(np.broadcast_to(functions[0](FLOATS, z), z.shape), dtype=float)[()]
            index = np.searchsorted([FLOATS.number(k) for k in self.kinks], z, side="right")
            result = np.empty(z.shape)
            for i, f in enumerate(functions):
                inside = index == i
                result[inside] = f(FLOATS, z[inside])
        return result[()]

    def scaled(
        self, *, output: int | float | Fraction | str = 1, input: int | float | Fraction | str = 1
    ) -> Activation:
        """The activation a phi(b z) with a = output, b = input, closed forms, bounds and balls included.

        The constants are exact: int, Fraction, decimal, or a string such as "sqrt(pi)/2"; b may be negative.
        *Law*: scaling twice multiplies the constants; scaling by 1, 1 returns the original.
        Raises: ValueError when a constant is zero.

        >>> from onenn import activation
        >>> paper_erf = activation("erf").scaled(output="sqrt(pi)/2")
        >>> round(float(paper_erf.derivative(0.0)), 15)
        1.0
        """
        for argument, value in (("output", output), ("input", input)):
            if sign(as_constant(value, argument)) == 0:
                raise ValueError(
                    f"{argument} is {value}; expected a nonzero constant, as {argument}=0 leaves no activation"
                )
        phi = self.base or self
        a = product(self.output, as_constant(output, "output"))
        b = product(self.input, as_constant(input, "input"))
        if a == 1 and b == 1:
            return phi
        order = slice(None) if sign(b) > 0 else slice(None, None, -1)
        return Activation(
            name=phi.name,
            parameters=phi.parameters,
            output=a,
            input=b,
            pieces=tuple(piece.scaled(a, b) for piece in phi.pieces)[order],
            kinks=tuple(product(k, power(b, -1)) for k in phi.kinks)[order],
            homogeneity=phi.homogeneity,
            derivative_symmetry=phi.derivative_symmetry,
            derivative_centre=product(a, b, phi.derivative_centre),
            growth=phi.growth and phi.growth.scaled(product(a, b), b),
            value_growth=phi.value_growth and phi.value_growth.scaled(a, b),
            bounds=phi.bounds.scaled(a, b),
            tails=phi.tails and phi.tails.scaled(a, b),
            closed_forms=phi.closed_forms.scaled(a, b),
            derivative_remainder=_scaled_remainder(phi, product(a, b), b),
            transform=phi.transform and phi.transform.scaled(a, b),
            source=phi.source,
            base=phi,
        )


def _scaled_remainder(phi: Activation, slope: Constant, input: Constant) -> Callable[[np.ndarray], np.ndarray] | None:
    remainder = phi.derivative_remainder
    if remainder is None:
        return None
    factor, b = FLOATS.number(slope), FLOATS.number(input)
    return lambda x: factor * remainder(b * x)
