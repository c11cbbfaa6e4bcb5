"""A number context over the arrays of one library, and activations evaluated there: NumPy, torch, any device.

phi is put together from its pieces without a branch: with z_i = z clipped to piece i and m_i = 1{z >= kink_i}

phi(z) = phi_0(z_0) + sum_i (phi_i(z_i) - phi_i(kink_i)),   phi'(z) = phi_0'(z_0) + sum_i m_i (phi_i'(z_i) - c_i),

c_i the slope of piece i - 1 at kink_i; phi'' likewise.   Chapter: local-convergence.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import array_namespace, device, is_numpy_namespace

from .activations import Activation
from .contexts import FLOATS, Constant

Array = Any
"""An array of NumPy, a tensor of torch, or of another library with the array API."""


def _elementwise(name: str, own: str | None = None) -> Callable[[Any, Any], Any]:
    def method(self: Arrays, x: Any) -> Any:
        if isinstance(x, (int, float)):
            return float(getattr(FLOATS, name)(x))
        function = getattr(self.xp, own or name, None)
        return _through_numpy(getattr(FLOATS, name), x) if function is None else function(x)

    return method


class Arrays:
    """The context of the namespace xp; dtype and device are those of the arrays it meets, constants are floats."""

    pi = math.pi
    sqrt, exp, expm1, log, tanh = (_elementwise(name) for name in ("sqrt", "exp", "expm1", "log", "tanh"))
    sin, cos, atan, asin, acos = (_elementwise(name) for name in ("sin", "cos", "atan", "asin", "acos"))
    square, erf, logistic = _elementwise("square"), _elementwise("erf"), _elementwise("logistic", "sigmoid")

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    @staticmethod
    def rational(x: Fraction) -> float:
        return float(x)

    @staticmethod
    def number(x: Constant) -> float:
        return FLOATS.number(x)

    def atan2(self, y: Array, x: Array) -> Array:
        return self.xp.atan2(y, x)

    def sqrt_nonnegative(self, x: Array) -> Array:
        return self.sqrt(self.xp.clip(x, min=0.0))

    def sech(self, z: Array) -> Array:
        return 1 / self.xp.cosh(z)  # where cosh overflows the quotient is 0

    def softplus(self, z: Array) -> Array:
        return self.xp.logaddexp(z, self.xp.zeros_like(z))

    def exp_remainder(self, u: Array) -> Array:
        return _through_numpy(FLOATS.exp_remainder, u)


def _through_numpy(f: Callable[[np.ndarray], Any], x: Array) -> Array:
    """f(x) for an f of NumPy arrays, on the device and in the dtype of x."""
    xp = array_namespace(x)
    host = x.cpu().numpy() if hasattr(x, "cpu") else np.asarray(x)
    return xp.asarray(np.asarray(f(host)), dtype=x.dtype, device=device(x))


def evaluate(phi: Activation, kind: str, z: Array) -> Array | float:
    """phi, phi' or phi'' at z, for kind "value", "derivative" or "second_derivative"; a float where it is constant.

    At a kink the value from the right. The result may be z itself: do not write into it.
    Raises: ValueError where phi was registered without a second derivative.

    >>> from onenn import activation
    >>> evaluate(activation("relu"), "value", np.array([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    if kind in phi.numpy_only:
        on_numpy = {"value": phi, "derivative": phi.derivative, "second_derivative": phi.second_derivative}
        return _through_numpy(on_numpy[kind], z)
    with np.errstate(over="ignore", under="ignore"):
        return _put_together(phi, kind, _Clipped(z))


def value_and_derivative(phi: Activation, z: Array) -> tuple[Array | float, Array | float]:
    """phi and phi' at z as `evaluate` gives them, for less: z is clipped once, exponentials serve both.

    *Law*: equal to the two separate results up to rounding.  The results may be z itself, or one array: write into one
    of them only when the other and z have served.

    >>> from onenn import activation
    >>> [f.tolist() for f in value_and_derivative(activation("squared_relu"), np.array([-1.0, 2.0]))]
    [[0.0, 4.0], [0.0, 4.0]]
    """
    if {"value", "derivative"} & set(phi.numpy_only):
        return evaluate(phi, "value", z), evaluate(phi, "derivative", z)
    clipped, together = _Clipped(z), phi.pieces[0].together
    with np.errstate(over="ignore", under="ignore"):
        if together is None or phi.kinks:
            return _put_together(phi, "value", clipped), _put_together(phi, "derivative", clipped)
        value, slope = together(clipped.C, z)
        return _narrow(value, z), _narrow(slope, z)


class _Clipped:
    """z clipped to the intervals asked for, each once."""

    def __init__(self, z: Array) -> None:
        self.z, self.xp = z, array_namespace(z)
        self.on_numpy = is_numpy_namespace(self.xp)
        self.C: Any = FLOATS if self.on_numpy else Arrays(self.xp)
        self._known: dict[tuple[float | None, float | None], Array] = {}

    def to(self, low: float | None, high: float | None) -> Array:
        if low is None and high is None:
            return self.z
        if (low, high) not in self._known:
            self._known[low, high] = self._clip(low, high)
        return self._known[low, high]

    def _clip(self, low: float | None, high: float | None) -> Array:
        if not self.on_numpy:
            return self.xp.clip(self.z, low, high)
        # ten times as fast as the clip of the array API, which numbers the entries beyond an end
        z = self.z if low is None else np.maximum(self.z, low)
        return z if high is None else np.minimum(z, high)


class _Step(NamedTuple):
    """What begins at a kink: m (f(z) - c), m = 1{z >= kink}, for f on its piece; `constant` where f is."""

    f: Callable[..., Any]
    constant: float | None
    low: float | None
    high: float | None
    c: float
    jumps: bool


def _steps(phi: Activation, kind: str) -> list[_Step]:
    """The summands of the formula in the first lines of this module; c_0 = 0 begins at -infinity."""
    known = vars(phi).setdefault("_steps", {})  # kept with phi: on a small block finding them takes as long as phi
    if kind not in known:
        functions = [getattr(piece, kind) for piece in phi.pieces]
        ends = [None, *(FLOATS.number(k) for k in phi.kinks), None]
        known[kind] = []
        for before, f, (low, high) in zip([None, *functions], functions, itertools.pairwise(ends), strict=False):
            value = f(FLOATS, np.zeros(1))
            start = 0.0 if low is None else float(f(FLOATS, low))
            c = float(before(FLOATS, low)) if before and kind != "value" else start
            known[kind].append(_Step(f, value if isinstance(value, float) else None, low, high, c, start != c))
    return known[kind]


def _put_together(phi: Activation, kind: str, z: _Clipped) -> Array | float:
    result: Any = 0.0
    for step in _steps(phi, kind):
        value = step.f(z.C, z.to(step.low, step.high)) if step.constant is None else step.constant
        value = _sum(value, -step.c)
        # without a jump at the kink the difference vanishes left of it by itself, where z is clipped to it
        result = _sum(result, _masked(z.z >= step.low, value, z.z) if step.jumps else value)
    return _narrow(result, z.z)


def _narrow(result: Any, z: Array) -> Array | float:
    """The result in the dtype of z: a NumPy scalar in a formula makes float64 of float32."""
    if isinstance(result, float) or result.dtype == z.dtype:
        return result
    return array_namespace(z).astype(result, z.dtype)


def _sum(x: Array | float, y: Array | float) -> Array | float:
    """x + y; a summand 0.0 costs nothing."""
    if isinstance(x, float) and x == 0:
        return y
    return x if isinstance(y, float) and y == 0 else x + y


def _masked(mask: Array, x: Array | float, z: Array) -> Array | float:
    """x where the mask is true, 0 elsewhere: for finite x."""
    if isinstance(x, float) and x == 0:
        return 0.0
    m = array_namespace(z).astype(mask, z.dtype)
    return m if isinstance(x, float) and x == 1 else m * x
