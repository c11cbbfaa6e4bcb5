"""Diverse units: extended features, kernels on the sphere, discrepancy and its regulariser."""
