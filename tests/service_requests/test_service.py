"""Requests on both databases: opened once, changed lawfully, shown to strangers without their owner."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.engagement.calendar import BusinessCalendar
from bot.errors import Conflict, MalformedPayload, NotFound
from bot.messages import StoredFile
from bot.records import service as records
from bot.service_requests import service
from bot.service_requests.catalog import Catalog
from bot.service_requests.model import NewRequest, RequestFilter, RequestPlace, ServiceRequest
from bot.service_requests.nearby import distance, history_at, nearby_open
from bot.service_requests.statuses import STATUSES
from bot.storage import migrate
from bot.storage.database import Database, Transaction

CITY = Path(__file__).parents[2] / "city"
AT = datetime(2026, 5, 11, 13, 0, tzinfo=UTC)
CATALOG = Catalog.load(CITY / "services.yml")
CALENDAR = BusinessCalendar.load(CITY / "hours.yml")
ELM = RequestPlace(
    label="123 Elm Street",
    latitude=40.0600,
    longitude=-82.4000,
    ward="Northside",
    place_id="address:elm-street:123",
    kind="address",
)


def create_draft(**changes: object) -> NewRequest:
    draft = NewRequest(
        service_code="pothole",
        place=ELM,
        description="huge pothole, almost lost a tire",
        channel="webchat",
        conversation_id="c1",
        contact_id="p1",
    )
    return dataclasses.replace(draft, **changes)  # type: ignore[arg-type]


def open_one(tx: Transaction, key: str = "m1", at: datetime = AT, **changes: object) -> ServiceRequest:
    new = service.prepare(CATALOG, CALENDAR, create_draft(**changes), at=at)
    return service.open_request(tx, new, idempotency_key=key, at=at)


def create_photo(digest: str = "a" * 64) -> StoredFile:
    return StoredFile(digest, "image", "image/jpeg", 1000, "photo.jpg")


def test_the_first_request_is_1001_with_an_honest_date(database: Database) -> None:
    with database.transaction() as tx:
        opened = open_one(tx)

    assert opened.number == "1001"
    assert opened.status == "received"
    assert opened.kind == "open"
    assert opened.agency_responsible == "Public Works, Streets"
    assert CALENDAR.describe_day(opened.expected_at or AT) == "Thu 14 May"
    with database.reading() as tx:
        assert service.find_request(tx, "#1001") == opened
        assert service.followers(tx, "1001") == ["c1"]
        assert [entry.kind for entry in records.entries_after(tx, 0)] == ["request.opened"]
        assert records.verify(tx).intact


def test_the_same_key_returns_the_first_request_and_records_nothing(database: Database) -> None:
    with database.transaction() as tx:
        first = open_one(tx, "m1")
    with database.transaction() as tx:
        again = open_one(tx, "m1", service_code="graffiti", description="something else")
    with database.reading() as tx:
        entries = records.entries_after(tx, 0)

    assert again == first
    assert len(entries) == 1


def test_many_at_once_get_one_number_a_key(database: Database) -> None:
    keys = [f"m{number % 12}" for number in range(48)]

    def file(key: str) -> tuple[str, str]:
        with database.transaction() as tx:
            return key, open_one(tx, key, description=key).number

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(file, keys))

    numbers = {key: {number for asked, number in answers if asked == key} for key in keys}
    assert all(len(found) == 1 for found in numbers.values())
    assert len(set.union(*numbers.values())) == 12
    with database.reading() as tx:
        assert service.count_requests(tx, RequestFilter()) == 12
        assert len(records.entries_after(tx, 0)) == 12
        assert records.verify(tx).intact


def test_a_rolled_back_turn_opens_nothing(database: Database) -> None:
    def interrupted() -> None:
        with database.transaction() as tx:
            open_one(tx)
            raise LookupError

    with pytest.raises(LookupError):
        interrupted()
    with database.reading() as tx:
        assert service.list_requests(tx, RequestFilter()) == []
        assert records.entries_after(tx, 0) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"service_code": "missed_collection"}, "needs the attribute 'which'"),
        ({"attributes": {"color": "red"}}, "has no attribute 'color'"),
        ({"place": RequestPlace(label="  ")}, "needs a place"),
    ],
)
def test_an_incomplete_draft_is_refused(changes: dict[str, object], fault: str) -> None:
    with pytest.raises(MalformedPayload, match=fault):
        service.prepare(CATALOG, CALENDAR, create_draft(**changes), at=AT)


def test_a_draft_of_an_unknown_service_is_refused() -> None:
    with pytest.raises(NotFound):
        service.prepare(CATALOG, CALENDAR, create_draft(service_code="unicorn"), at=AT)


def test_a_number_that_nobody_has_finds_nothing(database: Database) -> None:
    with database.transaction() as tx:
        open_one(tx)
    with database.reading() as tx:
        for number in ("", "0", "1", "1000", "1002", "-1", "x", "10 01", "9" * 40, "١٠٠١", "1001; --"):
            assert service.find_request(tx, number) is None, number


def test_status_moves_on_and_back_and_is_noted(database: Database) -> None:
    with database.transaction() as tx:
        open_one(tx)
        service.set_status(tx, "1001", "scheduled", note="crew B", by="Ana", at=AT)
        service.set_status(tx, "1001", "fixed", note="", by="Ana", at=AT)
        reopened = service.set_status(
            tx, "1001", "scheduled", note="not fixed", by="Ana", at=AT, expected_at=AT + timedelta(days=8)
        )

    assert reopened.kind == "open"
    assert reopened.status_notes == "not fixed"
    assert reopened.expected_at == AT + timedelta(days=8)
    with database.reading() as tx:
        assert [(update.kind, update.status, update.by) for update in service.updates(tx, "1001")] == [
            ("opened", "received", "resident"),
            ("status", "scheduled", "Ana"),
            ("status", "fixed", "Ana"),
            ("reopened", "scheduled", "Ana"),
        ]
        kinds = [entry.kind for entry in records.entries_after(tx, 0)]
    assert kinds == ["request.opened", *["request.status_changed"] * 2, "request.reopened"]


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ((), "received"),
        (("scheduled",), "received"),
        (("scheduled",), "scheduled"),
        (("fixed",), "not_ours"),
        (("duplicate",), "fixed"),
    ],
)
def test_an_illegal_move_is_refused(database: Database, path: tuple[str, ...], last: str) -> None:
    with database.transaction() as tx:
        open_one(tx)
        for status in path:
            service.set_status(tx, "1001", status, note="", by="Ana", at=AT)
        with pytest.raises(Conflict, match="request 1001 is"):
            service.set_status(tx, "1001", last, note="", by="Ben", at=AT)


def test_two_people_closing_at_once_close_once(database: Database) -> None:
    with database.transaction() as tx:
        open_one(tx)

    def close(name: str) -> str:
        try:
            with database.transaction() as tx:
                service.set_status(tx, "1001", "fixed", note="", by=name, at=AT)
        except Conflict:
            return "refused"
        return "closed"

    with ThreadPoolExecutor(4) as pool:
        results = sorted(pool.map(close, ["Ana", "Ben", "Cy", "Di"]))

    assert results == ["closed", "refused", "refused", "refused"]


def test_unknown_status_or_request_is_not_found(database: Database) -> None:
    with database.transaction() as tx:
        with pytest.raises(NotFound, match="no request"):
            service.set_status(tx, "1001", "fixed", note="", by="Ana", at=AT)
        with pytest.raises(NotFound, match="no status"):
            service.set_status(tx, "1001", "done", note="", by="Ana", at=AT)


def test_information_is_added_once_with_its_files(database: Database) -> None:
    photo = create_photo()
    with database.transaction() as tx:
        open_one(tx)
        for _ in range(2):
            changed = service.add_information(
                tx, "1001", text="it got bigger", files=(photo,), idempotency_key="m2", at=AT
            )
        again = service.add_information(tx, "1001", text="", files=(photo,), idempotency_key="m3", at=AT)
        service.set_status(tx, "1001", "fixed", note="", by="Ana", at=AT)
        service.add_information(tx, "1001", text="still there", files=(), idempotency_key="m4", at=AT)

    assert changed.files == again.files == (photo,)
    with database.reading() as tx:
        notes = [update.note for update in service.updates(tx, "1001") if update.kind == "information"]
    assert notes == ["it got bigger", "", "still there"]


def test_nothing_to_add_is_refused(database: Database) -> None:
    with database.transaction() as tx:
        open_one(tx)
        with pytest.raises(MalformedPayload):
            service.add_information(tx, "1001", text=" ", files=(), idempotency_key="m2", at=AT)
        with pytest.raises(NotFound):
            service.add_information(tx, "1002", text="x", files=(), idempotency_key="m2", at=AT)


def test_following_twice_is_following_once(database: Database) -> None:
    with database.transaction() as tx:
        open_one(tx)
        for _ in range(2):
            service.follow(tx, "1001", conversation_id="c2", at=AT + timedelta(minutes=1))
    with database.reading() as tx:
        assert service.followers(tx, "1001") == ["c1", "c2"]
        kinds = [entry.kind for entry in records.entries_after(tx, 0)]
    assert kinds == ["request.opened", "request.followed"]


def test_strangers_see_the_block_and_never_who_asked_or_how(database: Database) -> None:
    with database.transaction() as tx:
        opened = open_one(tx, description="my neighbour Bob did it, call 555-0142")
    shown = service.public_summary(opened)

    assert shown.place == "Elm Street 100 block"
    assert shown.status.label("en") == "received, not yet scheduled"
    assert {"123", "Bob", "555-0142", "c1", "p1"}.isdisjoint(str(shown).replace("'", " ").split())
    assert "contact" not in str(shown)
    assert opened.is_own(conversation_id="c1", contact_id=None)
    assert opened.is_own(conversation_id="c9", contact_id="p1")
    assert not opened.is_own(conversation_id="c9", contact_id="p9")
    assert not opened.is_own(conversation_id=None, contact_id=None)


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (RequestPlace("123 Elm Street"), "Elm Street 100 block"),
        (RequestPlace("7B Oak Lane, apt 4"), "Oak Lane 0 block"),
        (RequestPlace("1140-1142 5th Avenue"), "5th Avenue 1100 block"),
        (RequestPlace("5th Avenue & Oak Street"), "5th Avenue & Oak Street"),
        (RequestPlace("Mill Park"), "Mill Park"),
        (RequestPlace("123 Elm Street", short="Elm Street 100 block"), "Elm Street 100 block"),
        (RequestPlace("123 Elm Street", short="123 Elm Street"), "Elm Street 100 block"),
    ],
)
def test_house_numbers_are_not_for_strangers(place: RequestPlace, shown: str) -> None:
    assert place.at_block_level() == shown


def test_every_status_has_an_honest_label_in_both_languages_and_a_way_out() -> None:
    assert {status.code for status in STATUSES.values() if status.kind == "closed"} == {
        "fixed",
        "not_ours",
        "within_tolerance",
        "duplicate",
    }
    for status in STATUSES.values():
        assert set(status.labels) == {"en", "es"}
        assert status.next <= STATUSES.keys() - {status.code}
        assert status.next


def test_requests_are_listed_by_what_staff_look_for(database: Database) -> None:
    with database.transaction() as tx:
        open_one(tx, "m1")
        open_one(tx, "m2", service_code="graffiti", description="100% purple_paint", contact_id="p2")
        open_one(tx, "m3", conversation_id="c3", at=AT + timedelta(days=1))
        service.set_status(tx, "1003", "fixed", note="", by="Ana", at=AT)

    def numbers(**fields: object) -> list[str]:
        with database.reading() as tx:
            found = service.list_requests(tx, RequestFilter(**fields))  # type: ignore[arg-type]
        return [request.number for request in found]

    assert numbers() == ["1003", "1002", "1001"]
    assert numbers(kind="open") == ["1002", "1001"]
    assert numbers(kind="closed") == ["1003"]
    assert numbers(service_codes=("graffiti",)) == ["1002"]
    assert numbers(contact_id="p2") == ["1002"]
    assert numbers(conversation_id="c3") == ["1003"]
    assert numbers(text="elm TIRE") == ["1003", "1001"]
    assert numbers(text="100%") == ["1002"]
    assert numbers(text="e_p") == ["1002"]
    assert numbers(text="#1002") == ["1002"]
    assert numbers(limit=1) == ["1003"]
    assert numbers(before_id=3, limit=1) == ["1002"]
    assert numbers(requested_from=AT + timedelta(hours=1)) == ["1003"]
    assert numbers(requested_until=AT + timedelta(hours=1)) == ["1002", "1001"]
    assert numbers(overdue_at=AT + timedelta(days=4)) == ["1001"]
    assert numbers(ids=(2, 9)) == ["1002"]


def test_what_lies_at_a_spot_is_found_by_place_and_by_distance(database: Database) -> None:
    next_door = dataclasses.replace(ELM, label="125 Elm Street", place_id=None, latitude=40.0603)
    same_words = RequestPlace("123 Elm Street")
    far = dataclasses.replace(ELM, label="900 Oak Street", place_id="x", latitude=40.0620)
    # Inside the square around the point, outside the circle: 222 m north and 213 m east.
    corner = dataclasses.replace(
        ELM, label="1 Pine Street", place_id=None, latitude=40.0620, longitude=-82.3975
    )
    with database.transaction() as tx:
        for number, place in enumerate([ELM, next_door, same_words, far]):
            open_one(tx, f"m{number}", place=place)
        open_one(tx, "m8", place=corner, service_code="tree")
        open_one(tx, "m9", place=next_door, service_code="graffiti")
        service.set_status(tx, "1001", "fixed", note="", by="Ana", at=AT)
    with database.reading() as tx:
        history = [request.number for request in history_at(tx, ELM, "pothole")]
        near = nearby_open(tx, 40.0600, -82.4000, service_codes=("pothole",))
        everything = nearby_open(tx, 40.0600, -82.4000)

    assert history == ["1003", "1002", "1001"]
    assert [(item.request.number, round(item.metres)) for item in near] == [("1002", 33), ("1004", 222)]
    assert [item.request.number for item in everything] == ["1006", "1002", "1004"]


def test_distance_on_the_ground() -> None:
    assert distance((40.0, -82.0), (40.0, -82.0)) == 0
    assert distance((40.0, -82.0), (41.0, -82.0)) == pytest.approx(111_195, rel=0.01)
    assert distance((40.0, -82.0), (40.0, -81.0)) == pytest.approx(85_180, rel=0.01)


def test_odd_text_is_stored(database: Database) -> None:
    with database.transaction() as tx:
        open_one(tx, description="nul \x00 and half \ud83d and ✨", attributes={})
        kept = service.find_request(tx, "1001")

    assert kept is not None
    assert kept.description == "nul � and half � and ✨"


def test_the_tables_come_and_go_with_their_migration(database: Database) -> None:
    migrate.downgrade(database, "0003")
    migrate.upgrade(database)
    with database.transaction() as tx:
        assert open_one(tx).number == "1001"
