"""Tables and queries of requests, their updates and followers.

Conversations and contacts are named by id without a foreign key: they belong to a package beside this one,
and a request may come from a place that has none (Open311, the counter).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.messages import StoredFile
from bot.service_requests.model import RequestFilter, RequestPlace, ServiceRequest, Update, id_of
from bot.service_requests.statuses import STATUSES
from bot.storage.database import Transaction
from bot.storage.jsonable import from_json
from bot.storage.schema import Json, SafeText, Timestamp, metadata

service_requests = sa.Table(
    "service_requests",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("service_code", sa.Text(), nullable=False),
    sa.Column("status", sa.Text(), nullable=False),
    sa.Column("status_notes", SafeText(), nullable=False),
    sa.Column("place_label", SafeText(), nullable=False),
    sa.Column("place_short", SafeText(), nullable=False),
    sa.Column("place_kind", sa.Text(), nullable=False),
    sa.Column("place_id", SafeText()),
    sa.Column("latitude", sa.Double()),
    sa.Column("longitude", sa.Double()),
    sa.Column("ward", SafeText(), nullable=False),
    sa.Column("description", SafeText(), nullable=False),
    sa.Column("attributes", Json(), nullable=False),
    sa.Column("files", Json(), nullable=False),
    sa.Column("channel", sa.Text(), nullable=False),
    sa.Column("conversation_id", sa.Text()),
    sa.Column("contact_id", sa.Text()),
    sa.Column("language", sa.Text(), nullable=False),
    sa.Column("agency_responsible", SafeText(), nullable=False),
    sa.Column("requested_at", Timestamp(), nullable=False),
    sa.Column("updated_at", Timestamp(), nullable=False),
    sa.Column("expected_at", Timestamp()),
    sa.Column("idempotency_key", SafeText(), nullable=False, unique=True),
    sa.Index("ix_service_requests_status", "status", "expected_at"),
    sa.Index("ix_service_requests_conversation_id", "conversation_id"),
    sa.Index("ix_service_requests_contact_id", "contact_id"),
    sa.Index("ix_service_requests_place", "latitude", "longitude"),
    sa.Index("ix_service_requests_place_id", "place_id"),
    # An id that was given out once never names another request, not even after a destruction by schedule.
    sqlite_autoincrement=True,
)

request_updates = sa.Table(
    "request_updates",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("request_id", sa.Integer(), sa.ForeignKey("service_requests.id"), nullable=False),
    sa.Column("at", Timestamp(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("status", sa.Text()),
    sa.Column("note", SafeText(), nullable=False),
    sa.Column("by", SafeText(), nullable=False),
    sa.Column("files", Json(), nullable=False),
    sa.Column("idempotency_key", SafeText(), unique=True),
    sa.Index("ix_request_updates_request_id", "request_id", "id"),
)

request_followers = sa.Table(
    "request_followers",
    metadata,
    sa.Column("request_id", sa.Integer(), sa.ForeignKey("service_requests.id"), primary_key=True),
    sa.Column("conversation_id", sa.Text(), primary_key=True),
    sa.Column("since", Timestamp(), nullable=False),
    sa.Index("ix_request_followers_conversation_id", "conversation_id"),
)

_PLACE_COLUMNS = ("place_label", "place_short", "place_kind", "place_id", "latitude", "longitude", "ward")


def insert_once(tx: Transaction, table: sa.Table, values: dict[str, Any]) -> Any | None:
    """Insert a row and return it; None if one with the same unique key stands there already.

    Where another transaction has inserted that key and not yet ended, this waits for its end.
    """
    insert = postgresql.insert if tx.dialect == "postgresql" else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.execute(statement).one_or_none()


def request_by_key(tx: Transaction, idempotency_key: str) -> ServiceRequest | None:
    """Return the request that was opened under that key."""
    return _one(tx, service_requests.c.idempotency_key == idempotency_key)


def request_by_id(tx: Transaction, request_id: int, *, lock: bool = False) -> ServiceRequest | None:
    """Return the request of that id; with `lock`, keep others from changing it until the transaction ends."""
    return _one(tx, service_requests.c.id == request_id, lock=lock)


def change(tx: Transaction, request_id: int, **values: Any) -> None:
    """Write new values into a request that this transaction has locked."""
    tx.execute(sa.update(service_requests).where(service_requests.c.id == request_id).values(**values))


def update_known(tx: Transaction, idempotency_key: str) -> bool:
    """Tell whether an update was written under that key."""
    query = sa.select(request_updates.c.id).where(request_updates.c.idempotency_key == idempotency_key)
    return tx.execute(query).one_or_none() is not None


def updates_of(tx: Transaction, request_id: int) -> list[Update]:
    """Return what happened to a request, oldest first."""
    columns = request_updates.c
    query = (
        sa.select(columns.at, columns.kind, columns.status, columns.note, columns.by, columns.files)
        .where(columns.request_id == request_id)
        .order_by(columns.id)
    )
    return [
        Update(row.at, row.kind, row.status, row.note, row.by, _files(row.files)) for row in tx.execute(query)
    ]


def followers_of(tx: Transaction, request_id: int) -> list[str]:
    """Return the conversations that are told of changes, the first follower first."""
    columns = request_followers.c
    query = (
        sa.select(columns.conversation_id)
        .where(columns.request_id == request_id)
        .order_by(columns.since, columns.conversation_id)
    )
    return list(tx.execute(query).scalars())


def listed(tx: Transaction, wanted: RequestFilter) -> list[ServiceRequest]:
    """Return the requests that pass the filter, newest first."""
    query = (
        sa.select(service_requests)
        .where(*_conditions(wanted))
        .order_by(service_requests.c.id.desc())
        .limit(wanted.limit)
    )
    return [_request(row) for row in tx.execute(query)]


def counted(tx: Transaction, wanted: RequestFilter) -> int:
    """Return how many requests pass the filter, whatever its limit."""
    query = sa.select(sa.func.count()).select_from(service_requests).where(*_conditions(wanted))
    return int(tx.execute(query).scalar_one())


def within(
    tx: Transaction,
    south_west: tuple[float, float],
    north_east: tuple[float, float],
    *,
    service_codes: Sequence[str] = (),
    open_only: bool = False,
    limit: int = 200,
) -> list[ServiceRequest]:
    """Return the newest requests in a box of latitudes and longitudes."""
    columns = service_requests.c
    conditions = [
        columns.latitude.between(south_west[0], north_east[0]),
        columns.longitude.between(south_west[1], north_east[1]),
    ]
    if service_codes:
        conditions.append(columns.service_code.in_(service_codes))
    if open_only:
        conditions.append(columns.status.in_(_of_kind("open")))
    query = sa.select(service_requests).where(*conditions).order_by(columns.id.desc()).limit(limit)
    return [_request(row) for row in tx.execute(query)]


def at_place(tx: Transaction, place: RequestPlace, limit: int = 50) -> list[ServiceRequest]:
    """Return the requests filed under the very same place, newest first."""
    columns = service_requests.c
    same = columns.place_label == place.label
    if place.place_id is not None:
        same = sa.or_(same, columns.place_id == place.place_id)
    query = sa.select(service_requests).where(same).order_by(columns.id.desc()).limit(limit)
    return [_request(row) for row in tx.execute(query)]


def _one(tx: Transaction, condition: sa.ColumnElement[bool], *, lock: bool = False) -> ServiceRequest | None:
    query = sa.select(service_requests).where(condition)
    if lock and tx.dialect == "postgresql":
        query = query.with_for_update()
    row = tx.execute(query).one_or_none()
    return None if row is None else _request(row)


def _of_kind(kind: str) -> list[str]:
    return [status.code for status in STATUSES.values() if status.kind == kind]


def _conditions(wanted: RequestFilter) -> list[sa.ColumnElement[bool]]:
    columns = service_requests.c
    equal = {
        columns.ward: wanted.ward,
        columns.agency_responsible: wanted.agency,
        columns.conversation_id: wanted.conversation_id,
        columns.contact_id: wanted.contact_id,
    }
    conditions = [column == value for column, value in equal.items() if value is not None]
    for column, values in (
        (columns.status, wanted.statuses),
        (columns.service_code, wanted.service_codes),
        (columns.id, wanted.ids),
    ):
        if values:
            conditions.append(column.in_(values))
    if wanted.kind is not None:
        conditions.append(columns.status.in_(_of_kind(wanted.kind)))
    if wanted.requested_from is not None:
        conditions.append(columns.requested_at >= wanted.requested_from)
    if wanted.requested_until is not None:
        conditions.append(columns.requested_at < wanted.requested_until)
    if wanted.overdue_at is not None:
        conditions += [columns.expected_at < wanted.overdue_at, columns.status.in_(_of_kind("open"))]
    if wanted.before_id is not None:
        conditions.append(columns.id < wanted.before_id)
    if wanted.text.strip():
        conditions.append(_mentions(wanted.text))
    return conditions


def _mentions(text: str) -> sa.ColumnElement[bool]:
    columns = service_requests.c
    words = [
        sa.or_(
            columns.description.icontains(word, autoescape=True),
            columns.place_label.icontains(word, autoescape=True),
        )
        for word in text.split()[:8]
    ]
    numbered = id_of(text)
    return sa.and_(*words) if numbered is None else sa.or_(columns.id == numbered, sa.and_(*words))


def _request(row: Any) -> ServiceRequest:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    label, short, kind, place_id, latitude, longitude, ward = (values.pop(name) for name in _PLACE_COLUMNS)
    values.pop("idempotency_key")
    values["files"] = _files(values["files"])
    place = RequestPlace(label, latitude, longitude, ward, place_id, kind, short)
    return ServiceRequest(place=place, **values)


def _files(stored: list[Any]) -> tuple[StoredFile, ...]:
    return tuple(from_json(StoredFile, item) for item in stored)
