"""Puts the tables of a directory together into one entry a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.knowledge.opening import Opening
from bot.knowledge.schedule_rows import day_of, hours_of, special_day_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bot.knowledge.hsds import Row, Tables

_ACTIVE = ("", "active")
_OLDEST = 130


@dataclass(frozen=True, slots=True)
class Entry:
    """One service at one location, as the directory tells it; "" and empty where it says nothing.

    Attributes:
        minimum_age, maximum_age: in years, inclusive.
        languages: names, "English", "Spanish".
        as_of: when somebody last assured the entry. An answer shows it.
        keywords: words that residents use for it.
        opening: None when no hours are known.
    """

    entry_id: str
    service_id: str
    name: str
    organization: str
    description: str
    keywords: tuple[str, ...]
    eligibility: str
    minimum_age: float | None
    maximum_age: float | None
    documents: tuple[str, ...]
    cost: str
    languages: tuple[str, ...]
    phone: str
    url: str
    email: str
    how_to_apply: str
    alert: str
    location: str
    address: str
    latitude: float | None
    longitude: float | None
    opening: Opening | None
    as_of: date | None
    source: str


def entries_of(tables: Tables, faults: list[str]) -> list[Entry]:
    """Make the entries of all active services. Rows that fit nowhere are reported and left out."""
    index = _Index(tables)
    entries: list[Entry] = []
    for row in tables["services"]:
        service_id, name = row.text("id"), row.text("name")
        if not service_id or not name:
            faults.append(f"{row.where}: a service needs an id and a name; the row is left out")
            continue
        if row.text("status").casefold() not in _ACTIVE:
            continue
        places = [p for p in index.places_of(row) if p in index.locations] or [""]
        entries.extend(
            _entry(row, place, index, faults, f"{service_id}@{place}" if len(places) > 1 else service_id)
            for place in places
        )
    return entries


class _Index:
    """The rows of each table by what they belong to."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.organizations = {r.text("id"): r for r in tables["organizations"]}
        self.locations = {r.text("id"): r for r in tables["locations"]}
        self._by: dict[tuple[str, str, str], list[Row]] = {}
        self._at: dict[str, list[Row]] = {}
        for row in tables["service_at_location"]:
            self._at.setdefault(row.text("service_id"), []).append(row)
        for table, rows in tables.items():
            for row in rows:
                for column in ("service_id", "location_id", "organization_id", "service_at_location_id"):
                    if owner := row.text(column):
                        self._by.setdefault((table, column, owner), []).append(row)

    def places_of(self, service: Row) -> list[str]:
        """The locations of a service: 3.0 has a table between, the CSV of Ohana a column."""
        linked = [r.text("location_id") for r in self._at.get(service.text("id"), [])]
        return list(dict.fromkeys(linked)) or [service.text("location_id")]

    def rows(self, table: str, service: Row, location: str) -> list[Row]:
        """The rows of a service at a location; where there are none, of the location or of who runs it."""
        service_id, organization = service.text("id"), service.text("organization_id")
        links = [r.text("id") for r in self._at.get(service_id, []) if r.text("location_id") == location]
        keys = [("service_at_location_id", link) for link in links]
        keys += [("service_id", service_id), ("location_id", location), ("organization_id", organization)]
        for column, owner in keys:
            rows = self._by.get((table, column, owner), []) if owner else []
            if column == "service_id":
                rows = [r for r in rows if r.text("location_id") in ("", location) or not location]
            if column == "location_id":
                rows = [r for r in rows if r.text("service_id") in ("", service_id)]
            if rows:
                return rows
        return []


def _entry(row: Row, place: str, index: _Index, faults: list[str], entry_id: str) -> Entry:
    location = index.locations.get(place)
    organization = index.organizations.get(row.text("organization_id"))
    if organization is None and location is not None:
        organization = index.organizations.get(location.text("organization_id"))
    latitude, longitude = _point(location)
    return Entry(
        entry_id=entry_id,
        service_id=row.text("id"),
        name=row.text("name"),
        organization=organization.text("name") if organization else "",
        description=row.text("description"),
        keywords=_listed(row.text("keywords"), row.text("alternate_name")),
        eligibility=row.text("eligibility_description", "eligibility")
        or "; ".join(r.text("eligibility") for r in index.rows("eligibility", row, place)),
        minimum_age=_age(row, "minimum_age", faults),
        maximum_age=_age(row, "maximum_age", faults),
        documents=tuple(d for r in index.rows("required_documents", row, place) if (d := r.text("document")))
        or _listed(row.text("required_documents")),
        cost=row.text("fees_description")
        or _cost(index.rows("cost_options", row, place))
        or row.text("fees"),
        languages=tuple(
            name for r in index.rows("languages", row, place) if (name := r.text("name", "language"))
        )
        or _listed(row.text("languages")),
        phone=_phone(index.rows("phones", row, place)),
        url=row.text("url", "website") or (organization.text("website", "url") if organization else ""),
        email=row.text("email"),
        how_to_apply=row.text("application_process"),
        alert=row.text("alert"),
        location=location.text("name") if location else "",
        address=_address(index.rows("addresses", row, place)),
        latitude=latitude,
        longitude=longitude,
        opening=_opening(row, place, index, faults),
        as_of=day_of(row.text("assured_date")) or day_of(row.text("last_modified")),
        source=f"directory, {row.where.rpartition('/')[2]}",
    )


def _opening(row: Row, place: str, index: _Index, faults: list[str]) -> Opening | None:
    rules = tuple(h for r in index.rows("schedules", row, place) for h in hours_of(r, faults))
    special = (special_day_of(r) for r in index.rows("holiday_schedules", row, place))
    return Opening(rules, tuple(s for s in special if s)) if rules else None


def _listed(*texts: str) -> tuple[str, ...]:
    parts = (part.strip() for text in texts for part in text.replace(",", ";").split(";"))
    return tuple(dict.fromkeys(p for p in parts if p))


def _age(row: Row, column: str, faults: list[str]) -> float | None:
    written = row.text(column)
    if not written:
        return None
    try:
        age = float(written)
    except ValueError:
        age = -1.0
    if not 0 <= age <= _OLDEST:
        faults.append(f"{row.where}: {column} {written[:20]!r} is not an age in years; correct it")
        return None
    return age


def _point(location: Row | None) -> tuple[float | None, float | None]:
    try:
        latitude, longitude = (
            (float(location.text(k)) for k in ("latitude", "longitude")) if location else (91, 0)
        )
    except ValueError:
        return None, None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else (None, None)


def _cost(rows: Iterable[Row]) -> str:
    said = (r.text("amount_description") or " ".join((r.text("currency"), r.text("amount"))) for r in rows)
    return "; ".join(dict.fromkeys(s.strip() for s in said if s.strip()))


def _phone(rows: Iterable[Row]) -> str:
    for row in rows:
        if row.text("number") and row.text("type", "number_type").casefold() not in ("fax", "tty"):
            extension = f" ext. {row.text('extension')}" if row.text("extension") else ""
            return row.text("number") + extension
    return ""


def _address(rows: list[Row]) -> str:
    for row in rows:
        if row.text("address_type", "type").casefold() != "postal" and row.text("address_1"):
            return ", ".join(p for p in (row.text("address_1"), row.text("address_2")) if p)
    return ""
