"""One-hidden-layer neural networks: the objects of the book, computed, enclosed and checked."""
