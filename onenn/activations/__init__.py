"""Activations and their registry: activation("relu"), register_activation(...), phi.scaled(output=a, input=b)."""

from .activation import Activation, Bounds, ClosedForms, Growth, Piece, Tails, Transform
from .registration import register_activation
from .registry import activation, names

__all__ = [
    "Activation",
    "Bounds",
    "ClosedForms",
    "Growth",
    "Piece",
    "Tails",
    "Transform",
    "activation",
    "names",
    "register_activation",
]
