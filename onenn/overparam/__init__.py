"""Moderate overparameterization: the Jacobian and its kernel, certificates for runs that converge, training."""
