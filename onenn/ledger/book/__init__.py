"""The Sphinx half of the ledger: badges, table, graph, errata and ledger.json, computed from the cells' certificates.

Listed as `onenn.ledger.book` after `sphinx_proof` among the book's extensions.   Chapter: ledger.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = Path(__file__).resolve().parent


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the ledger to a Sphinx application."""
    from sphinx_proof.domain import ProofDomain

    from onenn.ledger.book import afterwards, cache, environment, views
    from onenn.ledger.threads import one_thread

    one_thread()
    app.setup_extension("sphinx_proof")
    # sphinx-proof keeps its data on the environment and merges it there; its domain lacks the hook that Sphinx calls
    # for every domain after parallel reading.
    if "merge_domaindata" not in vars(ProofDomain):
        ProofDomain.merge_domaindata = lambda self, docnames, otherdata: None

    app.add_env_collector(environment.LedgerCollector)
    app.add_node(views.ledger_view)
    for name in ("ledger-table", "ledger-graph", "ledger-summary", "errata"):
        app.add_directive(name, views.LedgerDirective)
    app.add_role("mention", views.MentionRole())
    app.add_css_file("ledger.css")
    app.connect("builder-inited", cache.guard)
    app.connect("builder-inited", lambda app: app.config.html_static_path.append(str(FOLDER / "static")))
    app.connect("env-before-read-docs", environment.forget_labels)
    app.connect("env-updated", environment.judge)
    app.connect("doctree-resolved", environment.draw)
    app.connect("build-finished", afterwards.finish, priority=999)  # after others, who may still give a warning
    return {"env_version": version(), "parallel_read_safe": True, "parallel_write_safe": True}


def version() -> int:
    """A number that changes with this package's code: pages read by other code are read again, and nothing is run."""
    sources = b"".join(path.read_bytes() for path in sorted(FOLDER.glob("*.py")))
    return int(hashlib.sha256(sources).hexdigest()[:12], 16)
