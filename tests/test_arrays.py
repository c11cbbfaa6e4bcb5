"""Activations on arrays without branches: against their pieces one by one, for every activation and kind."""

from dataclasses import replace

import numpy as np
import pytest

from onenn import activation
from onenn.activations import names, register_activation
from onenn.arrays import Arrays, evaluate, value_and_derivative
from onenn.contexts import FLOATS

ACTIVATIONS = [
    *(activation(name) for name in names()[:12]),
    activation("leaky_relu", slope="-1/2"),
    activation("leaky_relu", slope=1),
    activation("quartic_relu").scaled(output=-2, input="-1/3"),
    activation("tanh").scaled(input=3),
]
Z = np.array([[-30.0, -2.5, -1e-9], [0.0, 0.25, 8.0]])
KINDS = {"value": lambda f: f, "derivative": lambda f: f.derivative, "second_derivative": lambda f: f.second_derivative}


@pytest.mark.parametrize("phi", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_an_activation_on_arrays_is_that_of_its_pieces(phi, kind):
    """The same function piece by piece, the value from the right at a kink included."""
    result = np.broadcast_to(evaluate(phi, kind, Z), Z.shape)
    assert np.allclose(result, KINDS[kind](phi)(Z), rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("phi", ACTIVATIONS, ids=repr)
def test_single_precision_stays_single(phi):
    """A NumPy scalar inside a formula must not widen the array."""
    for kind, of in KINDS.items():
        result = evaluate(phi, kind, Z.astype(np.float32))
        assert isinstance(result, float) or result.dtype == np.float32
        assert np.allclose(np.broadcast_to(result, Z.shape), of(phi)(Z), rtol=2e-5, atol=1e-6)


WIDE = np.array([-800.0, -40.0, *Z.ravel(), 1.5, 40.0, 700.0])


def pair_differs(phi, z, rtol):
    """Whether phi and phi' found together miss those of the activation, which clips nothing and shares nothing."""
    separate = phi(np.asarray(z, dtype=float)), phi.derivative(np.asarray(z, dtype=float))
    together = (np.broadcast_to(np.asarray(f), z.shape) for f in value_and_derivative(phi, z))
    return any(not np.allclose(f, g, rtol=rtol, atol=1e-300) for f, g in zip(together, separate, strict=True))


@pytest.mark.parametrize("phi", ACTIVATIONS, ids=repr)
def test_value_and_derivative_in_one_pass_are_those_apart(phi):
    """To a few units relatively, in the tails too, where 1 - phi would have lost every digit; and left as z was."""
    z = WIDE[1:-1] if "quartic" in phi.name or phi.name == "exp" else WIDE
    kept = z.copy()
    assert not pair_differs(phi, z, 2e-14)
    for together, kind in zip(value_and_derivative(phi, z), ("value", "derivative"), strict=True):
        assert np.allclose(together, evaluate(phi, kind, z), rtol=1e-15, atol=0)
    assert np.array_equal(z, kept)


@pytest.mark.parametrize("phi", ACTIVATIONS, ids=repr)
def test_the_pair_stays_single_on_single_precision(phi):
    """In shared formulas as in separate ones."""
    for f, of in zip(value_and_derivative(phi, Z.astype(np.float32)), (phi, phi.derivative), strict=True):
        assert isinstance(f, float) or f.dtype == np.float32
        assert np.allclose(np.broadcast_to(f, Z.shape), of(Z), rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("phi", ACTIVATIONS, ids=repr)
def test_the_pair_on_tensors_is_that_on_arrays(phi):
    """torch's own functions, to a few units of the largest values."""
    import torch

    for on_tensor, on_array in zip(
        value_and_derivative(phi, torch.tensor(Z)), value_and_derivative(phi, Z), strict=True
    ):
        assert np.allclose(np.asarray(on_tensor), np.asarray(on_array), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "gelu", "exp"])
def test_a_slip_in_a_shared_formula_is_noticed(name):
    """Mutants of each activation that has one: either result, or the argument, off by a hair."""
    phi = activation(name)
    (piece,) = phi.pieces
    slips = [
        lambda C, z: (piece.together(C, z)[0], piece.together(C, z)[1] * (1 + 1e-12)),
        lambda C, z: (piece.together(C, z)[0] * (1 - 1e-12), piece.together(C, z)[1]),
        lambda C, z: piece.together(C, z - 1e-12),
    ]
    for slip in slips:
        assert pair_differs(replace(phi, pieces=(replace(piece, together=slip),)), WIDE[1:-1], 2e-14)


def test_a_pair_of_functions_of_numpy_is_found_too():
    """Nothing is shared: each is called."""
    phi = register_activation("pair_of_arrays", np.arctan, lambda z: 1 / (1 + z * z), replace=True)
    assert not pair_differs(phi, Z, 1e-15)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_nan_is_kept():
    """A missing number is no number on any piece."""
    for phi in ACTIVATIONS:
        assert np.isnan(evaluate(phi, "value", np.array([np.nan, 1.0]))[0])


def test_functions_of_numpy_and_kinks_anywhere_are_evaluated():
    """Three pieces with kinks at -1 and 1/2, whose slopes jump, given as functions of NumPy arrays alone."""
    phi = register_activation(
        "three_pieces_of_arrays",
        (lambda z: -2 * z, lambda z: z * z + 1, lambda z: 3 * z - 0.25),
        (lambda z: 0 * z - 2, lambda z: 2 * z, lambda z: 0 * z + 3),
        (lambda z: 0 * z, lambda z: 0 * z + 2, lambda z: 0 * z),
        kinks=(-1, "1/2"),
        replace=True,
    )
    z = np.linspace(-3, 3, 25)
    for kind, of in KINDS.items():
        assert np.allclose(evaluate(phi, kind, z), of(phi)(z), rtol=1e-14, atol=1e-14)


def test_the_context_of_an_array_library_has_every_name_of_the_float_context():
    """A closed form is written once for all contexts."""
    assert {name for name in dir(type(FLOATS)) if not name.startswith("_")} <= set(dir(Arrays))


def test_without_a_second_derivative_there_is_an_error():
    """That of the activation, which says what to supply."""
    phi = register_activation("bare_of_arrays", np.arctan, lambda z: 1 / (1 + z * z), replace=True)
    with pytest.raises(ValueError, match="second_derivative="):
        evaluate(phi, "second_derivative", Z)
