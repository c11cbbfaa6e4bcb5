"""The registry: activation(name, **parameters) builds a registered activation, register_activation adds one.

Chapter: activation-properties."""

from __future__ import annotations

import copyreg
import difflib
import functools
import inspect
from collections.abc import Callable
from typing import Any

from ..contexts import Constant
from .activation import Activation
from .error_function import erf
from .exponential import exp
from .gelu import gelu
from .polynomial import linear, quadratic
from .rectified import leaky_relu, quartic_relu, relu, squared_relu
from .sigmoids import sigmoid, softplus, tanh

_REGISTRY: dict[str, Callable[..., Activation]] = {
    # one object per name: what is computed for an activation is kept with that object
    constructor.__name__: functools.cache(constructor)
    for constructor in (
        linear,
        quadratic,
        relu,
        leaky_relu,
        squared_relu,
        sigmoid,
        tanh,
        erf,
        softplus,
        exp,
        gelu,
        quartic_relu,
    )
}


def names() -> tuple[str, ...]:
    """The registered names, in the order of registration.

    >>> "relu" in names()
    True
    """
    return tuple(_REGISTRY)


def activation(name: str | Activation, **parameters: Any) -> Activation:
    """The registered activation of that name; an Activation is returned as it is, so functions accept both.

    Raises: ValueError with the names and the nearest match when the name is unknown; TypeError when a parameter is.

    >>> activation("leaky_relu", slope=0.1)
    activation('leaky_relu', slope=1/10)
    """
    if isinstance(name, Activation):
        if parameters:
            raise TypeError(
                f"name is already the activation {name!r}; parameters {sorted(parameters)} go with a name only"
            )
        return name
    if not isinstance(name, str):
        raise TypeError(f"name is a {type(name).__name__}; expected a registered name or an Activation")
    if name not in _REGISTRY:
        nearest = difflib.get_close_matches(name.lower(), _REGISTRY, n=1)
        hint = f" did you mean {nearest[0]!r}?" if nearest else ""
        raise ValueError(f"name is {name!r};{hint} registered are {', '.join(_REGISTRY)}")
    constructor = _REGISTRY[name]
    known = list(inspect.signature(constructor).parameters)
    for parameter in parameters:
        if parameter not in known:
            expected = ", ".join(known) or "none"
            raise TypeError(f"{parameter} is not a parameter of activation {name!r}; it takes: {expected}")
    return constructor(**parameters)


def restore(name: str, parameters: tuple[tuple[str, Any], ...], output: Constant, input: Constant) -> Activation:
    """The activation a pickle stands for: it is rebuilt from the registry of the process that reads it."""
    return activation(name, **dict(parameters)).scaled(output=output, input=input)


# here and not as a method: an activation does not know the registry that it comes from
copyreg.pickle(Activation, lambda phi: (restore, (phi.name, phi.parameters, phi.output, phi.input)))


def add(phi: Activation, *, replace: bool = False) -> Activation:
    """Register a finished Activation under its name.

    Raises: ValueError when the name is taken and `replace` is false.
    """
    if phi.name in _REGISTRY and not replace:
        raise ValueError(f"name {phi.name!r} is already registered; choose another, or pass replace=True")
    _REGISTRY[phi.name] = lambda: phi
    return phi
