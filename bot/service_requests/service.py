"""The door to service requests: open, add to, follow, change, find.

Every change is on the record and in the request's own updates, in the caller's transaction. What it is not
for: telling residents (the caller does, it knows the conversation) and finding the place (`knowledge`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.engagement.calendar import BusinessCalendar
from bot.errors import Conflict, MalformedPayload, NotFound
from bot.messages import StoredFile
from bot.records import ledger
from bot.service_requests import tables
from bot.service_requests.catalog import Catalog
from bot.service_requests.model import (
    NewRequest,
    PublicSummary,
    RequestFilter,
    ServiceRequest,
    Update,
    id_of,
)
from bot.service_requests.statuses import FIRST, STATUSES
from bot.storage.database import Transaction
from bot.storage.jsonable import to_json

LONGEST_DESCRIPTION = 4_000
"""Characters (Open311 GeoReport v2); what is longer is cut here and stands whole in its message."""
MOST_FILES = 50


def prepare(catalog: Catalog, calendar: BusinessCalendar, draft: NewRequest, *, at: datetime) -> NewRequest:
    """Check a draft against the catalog; return it with who is responsible and when it is usually done.

    Raises:
        NotFound: no such service.
        MalformedPayload: the place or an attribute is missing or wrong; lists all faults.
    """
    service = catalog.service(draft.service_code)
    faults = service.check_attributes(draft.attributes)
    if not draft.place.label.strip():
        faults.append("a request needs a place")
    if faults:
        raise MalformedPayload("; ".join(faults))
    return replace(
        draft,
        description=draft.description.strip()[:LONGEST_DESCRIPTION],
        agency_responsible=service.department,
        expected_at=calendar.add_working_days(at, service.expected_working_days),
    )


def open_request(tx: Transaction, new: NewRequest, *, idempotency_key: str, at: datetime) -> ServiceRequest:
    """File a request and give it its number; the conversation it came from follows it.

    The same key again, even at the same moment from elsewhere, returns the first request and changes nothing.

    Args:
        tx: a write transaction.
        new: from `prepare`.
        idempotency_key: the id of the message that asked for it, and what asked.
        at: now.
    """
    known = tables.request_by_key(tx, idempotency_key)
    if known is not None:
        return known
    row = tables.insert_once(
        tx,
        tables.service_requests,
        {
            "service_code": new.service_code,
            "status": FIRST,
            "status_notes": "",
            "place_label": new.place.label,
            "place_short": new.place.short,
            "place_kind": new.place.kind,
            "place_id": new.place.place_id,
            "latitude": new.place.latitude,
            "longitude": new.place.longitude,
            "ward": new.place.ward,
            "description": new.description[:LONGEST_DESCRIPTION],
            "attributes": dict(new.attributes),
            "files": to_json(new.files),
            "channel": new.channel,
            "conversation_id": new.conversation_id,
            "contact_id": new.contact_id,
            "language": new.language,
            "agency_responsible": new.agency_responsible,
            "requested_at": at,
            "updated_at": at,
            "expected_at": new.expected_at,
            "idempotency_key": idempotency_key,
        },
    )
    if row is None:
        first = tables.request_by_key(tx, idempotency_key)
        if first is None:
            raise Conflict("the same request is being filed by somebody else")
        return first
    opened = _access(tx, row.id)
    _note(tx, opened, kind="opened", status=FIRST, by="resident", at=at)
    if new.conversation_id is not None:
        _add_follower(tx, opened.id, new.conversation_id, at)
    ledger.append(
        tx,
        kind="request.opened",
        conversation_id=new.conversation_id,
        subject=opened.number,
        body={
            "service_code": new.service_code,
            "place": to_json(new.place),
            "description": new.description,
            "attributes": dict(new.attributes),
            "files": [file.digest for file in new.files],
            "channel": new.channel,
            "contact_id": new.contact_id,
            "agency_responsible": new.agency_responsible,
            "expected_at": new.expected_at.isoformat() if new.expected_at else None,
            "idempotency_key": idempotency_key,
        },
        at=at,
    )
    return opened


def find_request(tx: Transaction, number: str) -> ServiceRequest | None:
    """Return the request of that number, written as a resident may ("#1042"); None if there is none."""
    request_id = id_of(number)
    return None if request_id is None else tables.request_by_id(tx, request_id)


def set_status(
    tx: Transaction,
    number: str,
    status: str,
    *,
    note: str,
    by: str,
    at: datetime,
    expected_at: datetime | None = None,
) -> ServiceRequest:
    """Give a request another status.

    Args:
        tx: a write transaction.
        number: of the request.
        status: one of `statuses.STATUSES`.
        note: for the public, why or what next; Open311's status_notes.
        by: who did it, for staff and the record.
        at: now.
        expected_at: a new date told to residents; the old one stands if not given.

    Raises:
        NotFound: no such request or status.
        Conflict: it has that status already, or it may not follow the present one.
    """
    if status not in STATUSES:
        raise NotFound(f"no status {status!r}; one of {', '.join(STATUSES)}")
    request = _access_number(tx, number, lock=True)
    if request.status == status:
        raise Conflict(f"request {request.number} is {request.state.label('en')} already")
    if status not in request.state.next:
        allowed = ", ".join(code for code in STATUSES if code in request.state.next)
        raise Conflict(f"request {request.number} is {request.status}; from there it can become: {allowed}")
    reopened = request.kind == "closed"
    tables.change(
        tx,
        request.id,
        status=status,
        status_notes=note,
        updated_at=at,
        expected_at=expected_at or request.expected_at,
    )
    _note(tx, request, kind="reopened" if reopened else "status", status=status, note=note, by=by, at=at)
    ledger.append(
        tx,
        kind="request.reopened" if reopened else "request.status_changed",
        conversation_id=request.conversation_id,
        subject=request.number,
        body={
            "from": request.status,
            "to": status,
            "note": note,
            "by": by,
            "expected_at": expected_at.isoformat() if expected_at else None,
        },
        at=at,
    )
    return _access(tx, request.id)


def add_information(
    tx: Transaction,
    number: str,
    *,
    text: str,
    files: tuple[StoredFile, ...],
    idempotency_key: str,
    at: datetime,
    by: str = "resident",
    conversation_id: str | None = None,
) -> ServiceRequest:
    """Add words and files to a request, open or closed; the same key again adds nothing.

    Raises:
        NotFound: no such request.
        MalformedPayload: neither words nor files, or more files than one request may hold.
    """
    request = _access_number(tx, number, lock=True)
    if tables.update_known(tx, idempotency_key):
        return request
    text = text.strip()[:LONGEST_DESCRIPTION]
    fresh = tuple(file for file in files if file.digest not in {known.digest for known in request.files})
    if not text and not files:
        raise MalformedPayload("there is nothing to add")
    if len(request.files) + len(fresh) > MOST_FILES:
        raise MalformedPayload(f"a request holds at most {MOST_FILES} files")
    _note(tx, request, kind="information", note=text, by=by, files=files, key=idempotency_key, at=at)
    tables.change(tx, request.id, files=to_json(request.files + fresh), updated_at=at)
    ledger.append(
        tx,
        kind="request.information_added",
        conversation_id=conversation_id or request.conversation_id,
        subject=request.number,
        body={"text": text, "files": [file.digest for file in files], "by": by},
        at=at,
    )
    return _access(tx, request.id)


def follow(tx: Transaction, number: str, *, conversation_id: str, at: datetime) -> ServiceRequest:
    """Let a conversation be told of changes; again does nothing.

    Raises:
        NotFound: no such request.
    """
    request = _access_number(tx, number, lock=True)
    if _add_follower(tx, request.id, conversation_id, at):
        ledger.append(
            tx,
            kind="request.followed",
            conversation_id=conversation_id,
            subject=request.number,
            body={},
            at=at,
        )
    return request


def list_requests(tx: Transaction, filters: RequestFilter) -> list[ServiceRequest]:
    """Return the requests that pass the filter, newest first."""
    return tables.listed(tx, filters)


def count_requests(tx: Transaction, filters: RequestFilter) -> int:
    """Return how many requests pass the filter, whatever its limit."""
    return tables.counted(tx, filters)


def updates(tx: Transaction, number: str) -> list[Update]:
    """Return what happened to a request, oldest first.

    Raises:
        NotFound: no such request.
    """
    return tables.updates_of(tx, _access_number(tx, number).id)


def followers(tx: Transaction, number: str) -> list[str]:
    """Return the ids of the conversations to tell of a change, the one that opened it among them.

    Raises:
        NotFound: no such request.
    """
    return tables.followers_of(tx, _access_number(tx, number).id)


def public_summary(request: ServiceRequest) -> PublicSummary:
    """Return what a stranger may know: the service, the block, the status, the date."""
    return PublicSummary(
        number=request.number,
        service_code=request.service_code,
        place=request.place.at_block_level(),
        ward=request.place.ward,
        status=request.state,
        requested_at=request.requested_at,
        expected_at=request.expected_at if request.kind == "open" else None,
    )


def _access_number(tx: Transaction, number: str, *, lock: bool = False) -> ServiceRequest:
    request_id = id_of(number)
    request = None if request_id is None else tables.request_by_id(tx, request_id, lock=lock)
    if request is None:
        raise NotFound(f"no request {number}")
    return request


def _access(tx: Transaction, request_id: int) -> ServiceRequest:
    request = tables.request_by_id(tx, request_id)
    if request is None:
        raise NotFound(f"no request with id {request_id}")
    return request


def _add_follower(tx: Transaction, request_id: int, conversation_id: str, at: datetime) -> bool:
    row = {"request_id": request_id, "conversation_id": conversation_id, "since": at}
    return tables.insert_once(tx, tables.request_followers, row) is not None


def _note(
    tx: Transaction,
    request: ServiceRequest,
    *,
    kind: str,
    by: str,
    at: datetime,
    status: str | None = None,
    note: str = "",
    files: tuple[StoredFile, ...] = (),
    key: str | None = None,
) -> None:
    tables.insert_once(
        tx,
        tables.request_updates,
        {
            "request_id": request.id,
            "at": at,
            "kind": kind,
            "status": status,
            "note": note,
            "by": by,
            "files": to_json(files),
            "idempotency_key": key,
        },
    )
