"""Ways to fit a network of k units to samples, on the same data and with one signature.

fit(X, y, k, phi, rng=..., starts=...) -> Fitted: the best of `starts` starts by the residual; a start of zero residual
ends the search. X (n, d), y (n,), phi an Activation, rng a numpy Generator.   Chapter: recovery-in-practice.
"""

from collections.abc import Callable

from .first_order import adam, descended, gradient_descent
from .fitted import Fitted
from .libraries import mlp_regressor, recovered, tensor
from .second_order import lbfgs, levenberg, wide_student

__all__ = [
    "PEERS",
    "Fitted",
    "adam",
    "descended",
    "gradient_descent",
    "lbfgs",
    "levenberg",
    "mlp_regressor",
    "recovered",
    "tensor",
    "wide_student",
]

PEERS: dict[str, tuple[Callable[..., Fitted], int]] = {
    "recover": (recovered, 1),
    "tensor, one shot": (tensor, 1),
    "L-BFGS, 1 start": (lbfgs, 1),
    "L-BFGS, 10 starts": (lbfgs, 10),
    "Levenberg-Marquardt, 1 start": (levenberg, 1),
    "Levenberg-Marquardt, 10 starts": (levenberg, 10),
    "gradient descent, 10 starts": (gradient_descent, 10),
    "Adam, 10 starts": (adam, 10),
    "MLPRegressor, 10 starts": (mlp_regressor, 10),
    "4k units, L-BFGS": (wide_student, 1),
}
"""Each peer with the number of its starts."""
