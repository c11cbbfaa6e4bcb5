"""The regulariser: its gradient by differences and by torch, its laws, its corners."""

from __future__ import annotations

import numpy as np
import pytest

from onenn.contexts import FLOATS
from onenn.diversity import cross_polytope, diversify, regularizer, squared_discrepancy
from onenn.diversity.discrepancy import from_mean_square


def test_gradient_is_the_difference_quotient():
    """Central differences with steps 1e-6: their own error is about 1e-10."""
    W = np.random.default_rng(0).standard_normal((6, 4))
    gradient = regularizer(W).gradient
    for index in ((0, 0), (3, 2), (5, 1)):
        step = np.zeros_like(W)
        step[index] = 1e-6
        quotient = (regularizer(W + step).value - regularizer(W - step).value) / 2e-6
        assert gradient[index] == pytest.approx(quotient, abs=1e-9)
        assert gradient[index] * 1.001 != pytest.approx(quotient, abs=1e-9)


def test_value_is_the_mean_over_pairs_and_carries_the_discrepancy():
    """A double loop, and L2^2 = (1 - 1/k) R + 1/(4k) - 1/16 - V."""
    W = np.random.default_rng(1).standard_normal((7, 3))
    U = W / np.linalg.norm(W, axis=1, keepdims=True)
    pairs = [(0.25 + np.arcsin(U[i] @ U[j]) / (2 * np.pi)) ** 2 for i in range(7) for j in range(7) if i != j]
    value = regularizer(W).value
    assert value == pytest.approx(np.mean(pairs), rel=1e-13)
    assert from_mean_square(FLOATS, value * 6 / 7 + 1 / 28, 3) == pytest.approx(squared_discrepancy(W), abs=1e-15)


def test_gradient_is_orthogonal_to_each_unit_and_scales_inversely():
    """R does not change with lengths: Euler's identity of degree 0, and of degree -1 for the gradient."""
    W = np.random.default_rng(2).standard_normal((5, 4))
    gradient = regularizer(W).gradient
    assert np.abs(np.sum(gradient * W, axis=1)).max() < 1e-17
    assert regularizer(3 * W).gradient == pytest.approx(gradient / 3, rel=1e-12)


def test_opposite_units_pull_smoothly_and_parallel_ones_not_at_all():
    """kappa^2 is smooth at opposite units, and has a corner at parallel ones: nothing there is nan."""
    assert np.abs(regularizer(cross_polytope(3)).gradient).max() < 1e-16
    parallel = regularizer([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    assert np.isfinite(parallel.gradient).all()
    near = regularizer([[1.0, 0.0], [-1.0, 1e-9]]).gradient
    assert np.abs(near).max() < 1e-9


def test_torch_gets_a_differentiable_scalar():
    """Its derivative is the closed form, also where the derivative of arcsin is infinite."""
    import torch

    W = torch.tensor(np.random.default_rng(3).standard_normal((5, 3)), requires_grad=True)
    value, gradient = regularizer(W)
    (torch.sum(W) + 2 * value).backward()
    assert torch.allclose(W.grad, 1 + 2 * gradient, rtol=1e-12, atol=1e-15)
    # the naive graph, by automatic differentiation
    V = W.detach().clone().requires_grad_(True)
    U = V / V.norm(dim=1, keepdim=True)
    off = ~torch.eye(5, dtype=torch.bool)
    naive = ((0.25 + torch.asin((U @ U.T)[off]) / (2 * torch.pi)) ** 2).mean()
    naive.backward()
    assert torch.allclose(V.grad, gradient, rtol=1e-9)
    assert naive.item() == pytest.approx(value.item(), rel=1e-12)
    corner = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], requires_grad=True)
    regularizer(corner).value.backward()
    assert torch.isfinite(corner.grad).all()
    assert regularizer(W.detach().float()).gradient.dtype == torch.float32


def test_diversify_keeps_lengths_and_lowers_the_discrepancy():
    """The directions move, the lengths stay."""
    W = np.random.default_rng(4).standard_normal((20, 6)) * np.arange(1, 21)[:, None]
    after = diversify(W)
    assert np.linalg.norm(after, axis=1) == pytest.approx(np.linalg.norm(W, axis=1), rel=1e-12)
    assert squared_discrepancy(after) < 0.7 * squared_discrepancy(W)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: regularizer([[1.0, 2.0]]), "two or more"),
        (lambda: regularizer([[1.0, 2.0], [0.0, 0.0]]), "row 1 of W is zero"),
        (lambda: diversify([[1.0, 2.0], [2.0, 4.0]]), "rows 0 and 1 of W are parallel"),
    ],
)
def test_bad_weights_are_named(call, text):
    """One unit, a zero unit, parallel units: the error says what to do."""
    with pytest.raises(ValueError, match=text):
        call()
