"""The ledger: claims with evidence, and the badge that a run of them computes.   Chapter: ledger.

A chapter needs `claim`; the Sphinx extension is onenn.ledger.book and the pytest plugin onenn.ledger.pytest_plugin.
"""

from onenn.ledger.claim import Claim, ClaimFailed, claim

__all__ = ["Claim", "ClaimFailed", "claim"]
