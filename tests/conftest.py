"""Settings shared by all tests: the Hypothesis profile (ONENN_HYPOTHESIS=deep for the long run)."""

import os

from hypothesis import settings

settings.register_profile("fast", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("deep", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("ONENN_HYPOTHESIS", "fast"))
