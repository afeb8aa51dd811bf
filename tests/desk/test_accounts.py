"""Accounts, links and sessions, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bot.desk import accounts, passwords, sign_in
from bot.desk.sign_in import PER_ACCOUNT, PER_ADDRESS, Refused, SignedIn, Throttled
from bot.errors import BotError, Conflict, NotFound
from bot.records import service as records
from bot.storage.database import Database

AT = datetime(2026, 5, 11, 13, 0, tzinfo=UTC)
PASSWORD = "four words in rows"
HASH = passwords.make_hash(PASSWORD)
MINUTE = timedelta(minutes=1)


def create_staff(database: Database, name: str = "Ana", role: str = "staff") -> accounts.StaffMember:
    with database.transaction() as tx:
        person = accounts.add(tx, name=name, email=f"{name}@City.example", role=role, at=AT, by="test")
        accounts.set_password(tx, person.id, HASH, at=AT)
    return person


def open_session(database: Database, staff_id: str, at: datetime = AT) -> str:
    with database.transaction() as tx:
        return accounts.start_session(tx, staff_id, address_hash="a", at=at)


def session_at(database: Database, token: str, at: datetime) -> accounts.Session | None:
    with database.reading() as tx:
        return accounts.session(tx, token, at=at)


def test_there_is_no_account_until_the_link_is_used_once(database: Database) -> None:
    with database.transaction() as tx:
        assert accounts.everyone(tx) == []
        first = accounts.first_run_link(tx, at=AT)
        second = accounts.first_run_link(tx, at=AT)
    assert first
    assert second
    with database.transaction() as tx:
        with pytest.raises(NotFound):  # A newer start voids the link of an older one.
            accounts.link_owner(tx, first, at=AT)
        person = accounts.use_link(
            tx, second, password_hash=HASH, name="Ana", email="ana@city.example", at=AT
        )
        assert person.role == "admin"
        with pytest.raises(NotFound):
            accounts.use_link(tx, second, password_hash=HASH, name="Eve", email="eve@city.example", at=AT)
        assert accounts.first_run_link(tx, at=AT) is None


def test_a_link_ends_by_itself(database: Database) -> None:
    with database.transaction() as tx:
        token = accounts.first_run_link(tx, at=AT)
        assert token
        late = AT + accounts.FIRST_RUN_LINK
        with pytest.raises(NotFound):
            accounts.link_owner(tx, token, at=late)
        with pytest.raises(NotFound):
            accounts.use_link(tx, token, password_hash=HASH, name="A", email="a@b.example", at=late)


def test_of_two_who_use_a_link_at_once_one_gets_in(database: Database) -> None:
    with database.transaction() as tx:
        token = accounts.first_run_link(tx, at=AT)
    assert token

    def use(name: str) -> str:
        try:
            with database.transaction() as tx:
                return accounts.use_link(
                    tx, token, password_hash=HASH, name=name, email=f"{name}@city.example", at=AT
                ).name
        except BotError:
            return ""

    with ThreadPoolExecutor(4) as threads:
        names = list(threads.map(use, ["Ana", "Ben", "Cem", "Dee"]))
    assert sum(bool(name) for name in names) == 1
    with database.reading() as tx:
        assert len(accounts.everyone(tx)) == 1


def test_staff_are_added_with_a_link(database: Database) -> None:
    def add(name: str, email: str) -> accounts.StaffMember:
        return accounts.add(tx, name=name, email=email, role="staff", at=AT, by="test")

    with database.transaction() as tx:
        person = add("Ana  Lopez", " Ana@City.example ")
        owner = accounts.link_owner(tx, accounts.password_link(tx, person.id, at=AT), at=AT)
        assert owner is not None
        assert (owner.name, owner.email, owner.has_password) == ("Ana Lopez", "ana@city.example", False)
        with pytest.raises(Conflict):
            add("Other", "ANA@city.example")
        for name, email in (("", "a@b.example"), ("Ana", "nobody"), ("Ana", "@b"), ("x" * 81, "c@b.example")):
            with pytest.raises(ValueError, match="Enter"):
                add(name, email)


def test_a_session_ends_when_idle_and_at_the_end_of_the_shift(database: Database) -> None:
    token = open_session(database, create_staff(database).id)
    assert session_at(database, token, AT + accounts.IDLE - MINUTE)
    assert session_at(database, token, AT + accounts.IDLE) is None
    at = AT
    while at < AT + accounts.ABSOLUTE:
        with database.transaction() as tx:
            accounts.keep_alive(tx, token, at=at)
        at += timedelta(minutes=50)
    assert session_at(database, token, AT + accounts.ABSOLUTE - MINUTE)
    assert session_at(database, token, AT + accounts.ABSOLUTE) is None


def test_only_hashes_of_tokens_are_stored(database: Database) -> None:
    token = open_session(database, create_staff(database).id)
    with database.reading() as tx:
        stored = str(tx.execute(accounts.tables.staff_sessions.select()).all())
    assert token not in stored
    assert accounts.hash_token(token) in stored


@pytest.mark.parametrize("act", ["password", "removal", "sign-out"])
def test_sessions_end_with_what_gave_them(database: Database, act: str) -> None:
    create_staff(database, "Boss", "admin")
    person = create_staff(database)
    tokens = [open_session(database, person.id) for _ in range(3)]
    with database.transaction() as tx:
        if act == "password":
            accounts.set_password(tx, person.id, HASH, at=AT)
        elif act == "removal":
            accounts.remove(tx, person.id, at=AT, by="Boss")
        else:
            accounts.sign_out(tx, tokens.pop(), at=AT)
            assert len(tokens) == 2
    alive = [token for token in tokens if session_at(database, token, AT + MINUTE)]
    assert len(alive) == (2 if act == "sign-out" else 0)


def test_the_last_admin_stays_and_a_removed_person_comes_back_without_a_password(database: Database) -> None:
    boss = create_staff(database, "Boss", "admin")
    person = create_staff(database)
    with database.transaction() as tx:
        with pytest.raises(Conflict):
            accounts.remove(tx, boss.id, at=AT, by="Boss")
        accounts.remove(tx, person.id, at=AT, by="Boss")
        with pytest.raises(NotFound):
            accounts.remove(tx, person.id, at=AT, by="Boss")
        assert accounts.credentials(tx, person.email) is None
        again = accounts.add(tx, name="Ana", email=person.email, role="staff", at=AT, by="Boss")
        assert again.id == person.id
        assert accounts.credentials(tx, person.email) is None


async def test_right_wrong_and_unknown(database: Database) -> None:
    create_staff(database)

    async def try_in(email: str, password: str) -> object:
        return await sign_in.sign_in(database, email=email, password=password, address="192.0.2.1", at=AT)

    assert isinstance(await try_in("ANA@city.example", PASSWORD), SignedIn)
    assert (
        await try_in("ana@city.example", "wrong") == await try_in("nobody@city.example", "wrong") == Refused()
    )
    assert await try_in("ana@city.example", "") == Refused()


async def test_guessing_is_slowed_and_locks_nobody_out(database: Database) -> None:
    create_staff(database)

    async def try_in(
        address: str, password: str = "wrong", at: datetime = AT, email: str = "ana@city.example"
    ):
        return await sign_in.sign_in(database, email=email, password=password, address=address, at=at)

    home = await try_in("192.0.2.1", PASSWORD)
    assert isinstance(home, SignedIn)
    for number in range(PER_ACCOUNT):
        assert await try_in(f"198.51.100.{number}") == Refused()
    assert isinstance(await try_in("203.0.113.9"), Throttled)
    assert isinstance(await try_in("203.0.113.9", PASSWORD), Throttled)
    # Where she signed in lately she still gets in, and everybody does once the window is over.
    assert isinstance(await try_in("192.0.2.1", PASSWORD), SignedIn)
    assert isinstance(await try_in("203.0.113.9", PASSWORD, AT + sign_in.WINDOW + MINUTE), SignedIn)


async def test_an_unknown_account_is_slowed_the_same_way(database: Database) -> None:
    answers = [
        await sign_in.sign_in(database, email="no@city.example", password="x", address="192.0.2.1", at=AT)
        for _ in range(PER_ACCOUNT + 1)
    ]
    assert answers[:PER_ACCOUNT] == [Refused()] * PER_ACCOUNT
    assert isinstance(answers[-1], Throttled)


async def test_one_address_is_slowed_over_all_accounts(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(PER_ADDRESS):
            accounts.tables.insert_attempt(
                tx, account_hash=str(number), address_hash=sign_in.address_key("192.0.2.1"), at=AT
            )
    answer = await sign_in.sign_in(database, email="a@city.example", password="x", address="192.0.2.1", at=AT)
    assert isinstance(answer, Throttled)


def test_an_address_counts_by_its_network() -> None:
    assert sign_in.address_key("2001:db8::1") == sign_in.address_key("2001:db8::ffff:1")
    assert sign_in.address_key("2001:db8::1") != sign_in.address_key("2001:db8:0:1::1")
    assert sign_in.address_key("192.0.2.1") != sign_in.address_key("192.0.2.2")
    assert sign_in.address_key("nonsense") == sign_in.address_key("")


def test_everything_is_on_the_record_and_no_secret_is(database: Database) -> None:
    create_staff(database, "Boss", "admin")
    person = create_staff(database)
    token = open_session(database, person.id)
    with database.transaction() as tx:
        link = accounts.password_link(tx, person.id, at=AT)
        accounts.sign_out(tx, token, at=AT)
        accounts.remove(tx, person.id, at=AT, by="Boss")
    with database.reading() as tx:
        entries = records.entries_after(tx, 0)
    kinds = {entry.kind for entry in entries if entry.subject == person.id}
    assert kinds == {
        "staff.added",
        "staff.password_set",
        "staff.signed_in",
        "staff.link_issued",
        "staff.signed_out",
        "staff.removed",
    }
    written = str(entries)
    for secret in (token, link, HASH, PASSWORD, accounts.hash_token(token)):
        assert secret not in written


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("four words in rows", True),
        ("short", False),
        ("aaaaaaaaaaaaaa", False),
        ("ana@city.example", False),
        ("x y" * 100, False),
        ("пароль из слов", True),
    ],
)
def test_new_passwords(password: str, *, accepted: bool) -> None:
    assert (passwords.fault_of(password, name="Ana", email="ana@city.example") is None) is accepted


def test_passwords_are_argon2id_and_compare_by_characters() -> None:
    assert HASH.startswith("$argon2id$")
    assert passwords.matches("caf\u00e9 au lait x", passwords.make_hash("cafe\u0301 au lait x"))
    assert not passwords.matches("anything", None)
    assert not passwords.matches("nobody has this password", None)
