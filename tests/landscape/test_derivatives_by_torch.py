"""Automatic differentiation by torch.func of the closed risks and of sampled ones; tensors as data."""

import numpy as np
import pytest
import torch

from onenn import OneHiddenLayer, activation
from onenn.activations import names, register_activation
from onenn.arrays import evaluate
from onenn.landscape import (
    EmpiricalRisk,
    empirical_gradient,
    empirical_hessian,
    empirical_risk,
    empirical_risk_and_gradient,
    gauss_newton,
    gradient,
    gradient_descent,
    hessian,
    hessian_vector_product,
    lbfgs,
    risk,
)

pytestmark = pytest.mark.slow  # torch alone takes seconds to import

RNG = np.random.default_rng(0)
W, V = RNG.standard_normal((2, 3)) / 2, np.array([1.0, -0.5])
U, C = RNG.standard_normal((3, 3)) / 2, np.array([1.0, 2.0, -1.0])


def kernel_relu(a, b, c):
    t = torch.acos(b / torch.sqrt(a * c))
    return torch.sqrt(a * c) * (torch.sin(t) + (torch.pi - t) * torch.cos(t)) / (2 * torch.pi)


def kernel_leaky_relu(a, b, c):
    """slope z + (1 - slope) max(z, 0), slope = 1/100, multiplied out: E[z max(t, 0)] = b/2."""
    s = 0.01
    return s * s * b + s * (1 - s) * b + (1 - s) ** 2 * kernel_relu(a, b, c)


def kernel_squared_relu(a, b, c):
    t = torch.acos(b / torch.sqrt(a * c))
    return a * c * (3 * torch.sin(t) * torch.cos(t) + (torch.pi - t) * (1 + 2 * torch.cos(t) ** 2)) / (2 * torch.pi)


KERNELS = {
    "linear": lambda a, b, c: b,
    "quadratic": lambda a, b, c: a * c + 2 * b * b,
    "relu": kernel_relu,
    "leaky_relu": kernel_leaky_relu,
    "squared_relu": kernel_squared_relu,
    "erf": lambda a, b, c: 2 / torch.pi * torch.asin(2 * b / torch.sqrt((1 + 2 * a) * (1 + 2 * c))),
    "exp": lambda a, b, c: torch.exp((a + 2 * b + c) / 2),
}
OWN = {  # E phi(w.x)^2 as a function of |w|^2: acos has no derivative at 1
    "relu": lambda a: a / 2,
    "leaky_relu": lambda a: (1 + 0.01**2) / 2 * a,
    "squared_relu": lambda a: 1.5 * a * a,
}


def closed_risk(name, w):
    """The risk of the student with rows w (2, 3), term by term as zhong2017 prints the kernels."""
    rows = [*w, *torch.tensor(U)]
    weights = [*V, *-C]
    total = 0.0
    for i, x in enumerate(rows):
        for j, y in enumerate(rows):
            own = i == j and name in OWN
            value = OWN[name](x @ x) if own else KERNELS[name](x @ x, x @ y, y @ y)
            total = total + weights[i] * weights[j] * value / 2
    return total


@pytest.mark.parametrize("name", KERNELS)
def test_population_derivatives_are_those_of_the_printed_kernels(name):
    """Independent route: torch differentiates the printed closed forms, twice."""
    student, teacher = OneHiddenLayer(W, V, name), OneHiddenLayer(U, C, name)
    w = torch.tensor(W)
    assert risk(student, teacher) == pytest.approx(float(closed_risk(name, w)), abs=1e-12)
    by_torch = torch.func.grad(lambda x: closed_risk(name, x))(w)
    assert np.allclose(gradient(student, teacher), by_torch, rtol=0, atol=1e-12)
    by_torch = torch.func.hessian(lambda x: closed_risk(name, x))(w).reshape(6, 6)
    assert np.allclose(hessian(student, teacher), by_torch, rtol=0, atol=1e-10)


X, Y = RNG.standard_normal((40, 3)), RNG.standard_normal(40)
FUNCTIONS = {
    "linear": lambda z: z,
    "quadratic": lambda z: z * z,
    "relu": torch.relu,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "squared_relu": lambda z: torch.relu(z) ** 2,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "erf": torch.erf,
    "softplus": torch.nn.functional.softplus,
    "exp": torch.exp,
    "gelu": torch.nn.functional.gelu,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sampled_derivatives_are_those_of_torch(name):
    """torch's own activations, differentiated twice; for ReLU that too is the almost-everywhere Hessian."""
    student, x, y = OneHiddenLayer(W, V, name), torch.tensor(X), torch.tensor(Y)

    def loss(w):
        return ((FUNCTIONS[name](x @ w.T) @ torch.tensor(V) - y) ** 2).mean() / 2

    w, a = torch.tensor(W), torch.tensor(RNG.standard_normal((2, 3)))
    H = torch.func.jacfwd(torch.func.grad(loss))(w).reshape(6, 6)
    assert empirical_risk(student, X, Y) == pytest.approx(float(loss(w)), rel=1e-12)
    assert np.allclose(empirical_gradient(student, X, Y), torch.func.grad(loss)(w), rtol=0, atol=1e-12)
    assert np.allclose(empirical_hessian(student, X, Y), H, rtol=0, atol=1e-11)
    product = hessian_vector_product(student, X, Y, a.numpy())
    assert np.allclose(product, (H @ a.reshape(6)).reshape(2, 3), rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", [*names()[:12]])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_tensors_give_what_arrays_give(name, dtype):
    """The same code on another library: type, dtype and device are those of X, the numbers those of NumPy."""
    student, a = OneHiddenLayer(W, V, name), RNG.standard_normal((2, 3))
    x, y = torch.tensor(X, dtype=dtype), torch.tensor(Y, dtype=dtype)
    tolerance = {"rtol": 1e-12, "atol": 1e-13} if dtype == torch.float64 else {"rtol": 2e-4, "atol": 2e-4}
    for f in (empirical_gradient, empirical_hessian, lambda *given: hessian_vector_product(*given, a)):
        result, expected = f(student, x, y), f(student, X, Y)
        assert isinstance(result, torch.Tensor) and result.dtype == dtype and result.device == x.device
        scale = max(1.0, np.abs(expected).max())
        assert np.allclose(result.numpy() / scale, expected / scale, **tolerance)
    value, g = empirical_risk_and_gradient(student, x, Y, block_size=7)  # y as an array: it follows X
    assert isinstance(value, float) and isinstance(g, torch.Tensor)
    assert value == pytest.approx(empirical_risk(student, X, Y), rel=1e-12 if dtype == torch.float64 else 1e-4)


def test_large_inputs_do_not_overflow_in_single_precision():
    """softplus(100) is 100, where e^100 is beyond a float32."""
    z = torch.tensor([100.0, -100.0, 0.5], dtype=torch.float32)
    assert torch.isfinite(evaluate(activation("softplus"), "value", z)).all()
    assert evaluate(activation("softplus"), "value", z)[0] == 100.0
    assert torch.isfinite(evaluate(activation("tanh"), "derivative", 1e4 * z)).all()


def test_functions_of_numpy_run_on_tensors():
    """Through the host, back to the dtype and device of the data; kinks and errors as for arrays."""
    mine = register_activation(
        "through_numpy_by_torch",
        np.arctan,
        lambda z: 1 / (1 + z * z),
        lambda z: -2 * z / (1 + z * z) ** 2,
        replace=True,
    )
    student, x = OneHiddenLayer(W, V, mine), torch.tensor(X)
    assert np.allclose(empirical_hessian(student, x, Y), empirical_hessian(student, X, Y), rtol=1e-12, atol=1e-14)
    with pytest.raises(ValueError, match=r"X has shape \(3, 40\)"):
        empirical_risk(student, x.T, Y)
    x[3, 1] = torch.nan
    with pytest.raises(ValueError, match="X has nan or inf in row 3"):
        empirical_gradient(student, x, Y)


def test_descents_run_on_tensors():
    """The same iterates as on arrays; float32 data descend to their own accuracy."""
    teacher = OneHiddenLayer(W, V, "erf")
    start = OneHiddenLayer(W + 0.05, V, "erf")
    y = teacher.predict(X)
    for method in (gradient_descent, gauss_newton, lbfgs):
        on_tensors, on_arrays = (
            method(start, EmpiricalRisk(x, t), max_steps=15) for x, t in ((torch.tensor(X), torch.tensor(y)), (X, y))
        )
        assert np.allclose(on_tensors.network.W, on_arrays.network.W, rtol=0, atol=1e-8)
    single = EmpiricalRisk(torch.tensor(X, dtype=torch.float32), y)
    assert np.abs(gauss_newton(start, single, tolerance=1e-6).network.W - W).max() < 1e-4
