"""The table of rho on slide 13 as it was printed, each cell with its ball.   Chapter: rho-closed-forms.

ReLU 0.091, leaky ReLU 0.089, linear 0 and quadratic 0 stand once for all three sigma. "0.27 sigma" for the squared ReLU
is kept apart (prp-slides-squared-relu), because it is a formula."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from onenn.activations import Activation, activation
from onenn.gaussian import rho_ball
from onenn.rigorous import Ball

SIGMAS = (Fraction(1, 10), Fraction(1), Fraction(10))

PRINTED: dict[str, tuple[str, ...]] = {  # at sigma = 0.1, 1, 10; source: zhong2017slides, slide 13
    "ReLU": ("0.091",) * 3,
    "leaky ReLU": ("0.089",) * 3,
    "erf": ("1.9E-4", "5.2E-2", "2.5E-5"),
    "tanh": ("1.8E-4", "4.9E-2", "5.1E-5"),
    "linear": ("0",) * 3,
    "quadratic": ("0",) * 3,
}


@dataclass(frozen=True)
class Cell:
    """One cell: the slides' name of the activation, phi as it is read here, sigma, and the digits printed."""

    name: str
    phi: Activation
    sigma: Fraction
    printed: str

    def ball(self, terms: int = 3) -> Ball:
        """rho(sigma), enclosed."""
        return rho_ball(self.phi, self.sigma, terms)

    def __str__(self) -> str:
        return f"{self.name}, sigma = {float(self.sigma):g}"


def readings() -> dict[str, Activation]:
    """How the names of the slides are read: erf is int_0^z e^{-t^2} dt, the leaky slope is 1/100.

    >>> readings()["leaky ReLU"]
    activation('leaky_relu', slope=1/100)
    """
    return {
        "ReLU": activation("relu"),
        "leaky ReLU": activation("leaky_relu"),
        "erf": activation("erf").scaled(output="sqrt(pi)/2"),
        "tanh": activation("tanh"),
        "linear": activation("linear"),
        "quadratic": activation("quadratic"),
    }


def slides_cells(*names: str) -> list[Cell]:
    """The cells of the named activations (all when none is named), sigma running fastest.

    Raises: KeyError for a name that the slides do not have.

    >>> len(slides_cells()), str(slides_cells("tanh")[0])
    (18, 'tanh, sigma = 0.1')
    """
    phi = readings()
    return [
        Cell(name, phi[name], sigma, printed)
        for name in names or PRINTED
        for sigma, printed in zip(SIGMAS, PRINTED[name], strict=True)
    ]
