"""Recovery of a network from samples: Hermite moments, tensor initialisation, descent, the estimator."""
