"""From a cell's output to the page: the certificate becomes an invisible node that the collector reads.

myst-nb turns every form of a display into nodes and chooses one only when a page is written; so the node is there
while the page is read, for fresh and for cached outputs alike, and gives way to the card afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes

from onenn.ledger.certificate import MIME_TYPE

if TYPE_CHECKING:
    from collections.abc import Sequence


class certificate_node(nodes.Element):
    """Carries one certificate (a dict) in its attribute `certificate`; it is never drawn."""


class CertificateRenderer:
    """The myst-nb plugin for the certificate's MIME type; every other type is left to myst-nb."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = ()

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """One certificate_node for a certificate, None for anything else."""
        if inline or data.mime_type != MIME_TYPE:
            return None
        return [certificate_node(certificate=data.content)]
