"""What can become of a request, in words that do not promise more than happened.

Open311 knows only `open` and `closed`; the status says which kind of each. A closed request is opened
again by giving it an open status. What it is not for: changing a request, see `service.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

type Kind = Literal["open", "closed"]


@dataclass(frozen=True, slots=True)
class Status:
    """One status: its kind, its label, and which statuses may follow."""

    code: str
    kind: Kind
    labels: dict[str, str]
    next: frozenset[str]

    def label(self, language: str) -> str:
        """Return the label in that language, English where there is none; it follows "is" in a sentence."""
        return self.labels.get(language, self.labels["en"])


_CLOSED = frozenset({"fixed", "not_ours", "within_tolerance", "duplicate"})
_REOPENED = frozenset({"received", "scheduled", "in_progress"})

STATUSES: dict[str, Status] = {
    status.code: status
    for status in (
        Status(
            "received",
            "open",
            {"en": "received, not yet scheduled", "es": "recibida, aún sin fecha de trabajo"},
            _CLOSED | {"scheduled", "in_progress"},
        ),
        Status(
            "scheduled",
            "open",
            {"en": "scheduled", "es": "programada"},
            _CLOSED | {"in_progress"},
        ),
        Status(
            "in_progress",
            "open",
            {"en": "being worked on", "es": "en curso"},
            _CLOSED | {"scheduled"},
        ),
        Status("fixed", "closed", {"en": "marked as fixed", "es": "marcada como arreglada"}, _REOPENED),
        Status(
            "not_ours",
            "closed",
            {"en": "closed: not the city's to fix", "es": "cerrada: no le corresponde a la ciudad"},
            _REOPENED,
        ),
        Status(
            "within_tolerance",
            "closed",
            {
                "en": "closed: checked, and within the limits for repair",
                "es": "cerrada: revisada, y dentro de los límites para reparar",
            },
            _REOPENED,
        ),
        Status(
            "duplicate",
            "closed",
            {"en": "closed: the same as an earlier request", "es": "cerrada: igual a una solicitud anterior"},
            _REOPENED,
        ),
    )
}
"""Every status by its code."""

FIRST = "received"
