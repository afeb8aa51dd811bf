"""Requests as data, in Open311's words. No behaviour but reading themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.messages import JSON, StoredFile
from bot.service_requests.statuses import STATUSES, Kind, Status

FIRST_NUMBER = 1_001
"""The number of the first request ever: four digits read as a number, not as a count of one."""

_HOUSE = re.compile(r"(\d{1,6})[A-Za-z]?(?:\s*[-/]\s*\d+[A-Za-z]?)?\s+([^,#]+)")


@dataclass(frozen=True, slots=True)
class RequestPlace:
    """Where a request is. `kind` is the precision the map gave it; `short` what strangers may be shown."""

    label: str
    latitude: float | None = None
    longitude: float | None = None
    ward: str = ""
    place_id: str | None = None
    kind: str = ""
    short: str = ""

    def at_block_level(self) -> str:
        """Return the place without a house number: "Elm Street 100 block"."""
        if self.short and not _HOUSE.match(self.short):
            return self.short
        address = _HOUSE.match(self.short or self.label)
        if address is None:
            return self.label
        return f"{address[2].strip()} {int(address[1]) // 100 * 100} block"


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request to be opened. `service.prepare` checks it and fills in the last two fields.

    Attributes:
        language: of the one who asks.
        agency_responsible: the department, from the catalog.
        expected_at: when the work is usually done, as told to the resident.
    """

    service_code: str
    place: RequestPlace
    description: str
    channel: str
    attributes: Mapping[str, JSON] = field(default_factory=dict)
    files: tuple[StoredFile, ...] = ()
    conversation_id: str | None = None
    contact_id: str | None = None
    language: str = "en"
    agency_responsible: str = ""
    expected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """A request as it stands."""

    id: int
    service_code: str
    status: str
    status_notes: str
    place: RequestPlace
    description: str
    attributes: Mapping[str, JSON]
    files: tuple[StoredFile, ...]
    channel: str
    conversation_id: str | None
    contact_id: str | None
    language: str
    agency_responsible: str
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None

    @property
    def number(self) -> str:
        """The number that residents are given."""
        return str(self.id + FIRST_NUMBER - 1)

    @property
    def state(self) -> Status:
        """The status with its labels."""
        return STATUSES[self.status]

    @property
    def kind(self) -> Kind:
        """Open311's status: open or closed."""
        return self.state.kind

    def is_own(self, *, conversation_id: str | None, contact_id: str | None) -> bool:
        """Tell whether it was opened from this conversation or by this contact."""
        same_conversation = conversation_id is not None and conversation_id == self.conversation_id
        return same_conversation or (contact_id is not None and contact_id == self.contact_id)


@dataclass(frozen=True, slots=True)
class PublicSummary:
    """What anybody may know of a request. Who asked, and in which words, is not part of it."""

    number: str
    service_code: str
    place: str
    ward: str
    status: Status
    requested_at: datetime
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that happened to a request. `note` is public, as Open311's status_notes are."""

    at: datetime
    kind: str
    status: str | None
    note: str
    by: str
    files: tuple[StoredFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Nearby:
    """A request near a point, and how far off, in metres."""

    request: ServiceRequest
    metres: float


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests to list, newest first. Empty fields do not restrict.

    Attributes:
        text: words of the description or the place, or a number.
        before_id: only older ones; the last `id` of the page before.
    """

    kind: Kind | None = None
    statuses: tuple[str, ...] = ()
    service_codes: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    ward: str | None = None
    agency: str | None = None
    conversation_id: str | None = None
    contact_id: str | None = None
    requested_from: datetime | None = None
    requested_until: datetime | None = None
    overdue_at: datetime | None = None
    text: str = ""
    before_id: int | None = None
    limit: int = 50


def id_of(number: str) -> int | None:
    """Return the id behind a number as residents write it ("1042", "#1042"); None if it cannot be one."""
    digits = number.strip().removeprefix("#").strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12:
        return None
    found = int(digits) - FIRST_NUMBER + 1
    return found if found > 0 else None
