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
from typing import Any

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
    functions = [getattr(piece, kind) for piece in phi.pieces]
    xp = array_namespace(z)
    C = FLOATS if is_numpy_namespace(xp) else Arrays(xp)
    kinks = [FLOATS.number(k) for k in phi.kinks]
    ends = [None, *kinks, None]
    with np.errstate(over="ignore", under="ignore"):
        values = [
            _on_piece(f, C, z, low, high) for f, (low, high) in zip(functions, itertools.pairwise(ends), strict=True)
        ]
    result: Any = values[0]
    for k, before, after, value in zip(kinks, functions[:-1], functions[1:], values[1:], strict=True):
        start = float(after(FLOATS, k))
        c = start if kind == "value" else float(before(FLOATS, k))
        step = _sum(value, -c)
        # without a jump at k the difference vanishes left of k by itself, where z is clipped to k
        result = _sum(result, step if start == c else _masked(z >= k, step, z))
    if not isinstance(result, float) and result.dtype != z.dtype:
        result = xp.astype(result, z.dtype)  # a NumPy scalar in a formula makes float64 of float32
    return result


def _on_piece(f: Callable[..., Any], C: Any, z: Array, low: float | None, high: float | None) -> Array | float:
    """f at z clipped to the piece; a float where f ignores its argument, which saves the clipping."""
    constant = f(FLOATS, np.zeros(1))
    if isinstance(constant, float):
        return constant
    return f(C, z if low is None and high is None else array_namespace(z).clip(z, low, high))


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
