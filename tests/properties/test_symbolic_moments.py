"""Closed forms against symbolic integration."""

import pytest

from onenn import activation
from onenn.activations import ClosedForms, register_activation
from onenn.properties.symbolic_moments import integrates_to_closed_form
from onenn.verdict import Verdict


@pytest.mark.parametrize("name", ["linear", "quadratic", "relu", "squared_relu"])
def test_the_stored_forms_are_the_integrals(name):
    """SymPy integrates the definition, sigma a positive symbol (the others are integrated in the chapter)."""
    assert integrates_to_closed_form(name) == Verdict.PROVED


@pytest.mark.parametrize("wrong", ["leaky_relu", "squared_relu", "linear"])
def test_the_forms_of_another_activation_are_refuted(wrong):
    """Mutants: each differs from the ReLU in some moment."""
    assert integrates_to_closed_form("relu", form_of=wrong) == Verdict.REFUTED


def test_a_wrong_residual_is_refuted_although_the_moments_are_right():
    """T1 is compared with its combination of the moments, not with itself."""
    relu = activation("relu")
    forms = relu.closed_forms
    broken = register_activation(
        "relu_with_a_wrong_residual",
        value=[piece.value for piece in relu.pieces],
        derivative=[piece.derivative for piece in relu.pieces],
        kinks=(0,),
        closed_forms=ClosedForms(
            alpha=forms.alpha, beta=forms.beta, residual=lambda C, i, s: 2 * forms.residual(C, i, s)
        ),
        replace=True,
    )
    assert integrates_to_closed_form("relu", form_of=broken) == Verdict.REFUTED


def test_an_activation_without_closed_forms_is_an_error_that_names_it():
    """There is nothing to compare with."""
    with pytest.raises(ValueError, match="tanh has no closed forms"):
        integrates_to_closed_form("tanh")
