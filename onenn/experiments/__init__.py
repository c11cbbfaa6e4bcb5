"""Grids of experiments: one seed stream per cell, resumable, in local processes or on a Dask cluster."""
