"""Settings shared by all tests: the Hypothesis profile (ONENN_HYPOTHESIS=deep for the long run), a clean registry."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from onenn.activations import registry

settings.register_profile("fast", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("deep", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("ONENN_HYPOTHESIS", "fast"))


@pytest.fixture(autouse=True, scope="module")
def registry_as_it_was() -> Iterator[None]:
    """What the tests of one file register is gone in the next: some tests go through all registered names."""
    before = dict(registry._REGISTRY)
    yield
    registry._REGISTRY.clear()
    registry._REGISTRY.update(before)
