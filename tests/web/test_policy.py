"""The rules as the public reads them: every clause and section of them, in both languages, in step."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.conversations import moderation
from bot.conversations import service as conversations
from bot.conversations.moderation_model import Sanction
from bot.engagement.policy_phrases import texts
from bot.engagement.public_policy import PublicPolicy, public_policy
from bot.messages import Author, EventKind, InboundEvent
from tests.engagement.rules_folder import CITY, loaded
from tests.web.pages_app import PagesApp

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
POLICIES = [
    "city",
    "policies/small_town",
    "policies/mid_size_city",
    "policies/county",
    "policies/pueblo_en_espanol",
]


def ids_of(document: PublicPolicy) -> set[str]:
    lines = [line for section in document.sections for line in section.lines]
    cells = [
        cell
        for section in document.sections
        for table in section.tables
        for row in table.rows
        for cell in row
    ]
    return {name for line in (*lines, *cells) for name in line.ids}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", POLICIES)
def test_every_clause_and_section_is_there(name: str, language: str) -> None:
    rules = loaded(CITY.parent / name)
    policy = rules.ruleset.policy
    wanted = {clause.id for clause in rules.ruleset.clauses} | {"default"}
    wanted |= {f"forum.{each.id}" for each in policy.forums}
    wanted |= {f"welcome.{each.id}" for each in policy.welcome}
    wanted |= {f"moderation.{each.id}" for each in policy.moderation.rules}
    wanted |= {f"retention.{each.id}" for each in policy.retention}
    wanted |= {f"measures.{each.id}" for each in policy.measures}
    wanted |= {f"owners.{key}" for key in rules.ruleset.owners}
    wanted |= {"ladder.person", "ladder.team", "ladder.manager", "disclosure.start"}
    wanted |= {"quantity.automatic", "quantity.notice", "quantity.loop", "quantity.proactive"}

    found = ids_of(public_policy(rules, language, AT))

    assert wanted - found == set()


@pytest.mark.parametrize("name", POLICIES)
def test_nothing_is_left_unfilled(name: str) -> None:
    for language in ("en", "es"):
        document = public_policy(loaded(CITY.parent / name), language, AT)
        said = " ".join(
            [line.text for section in document.sections for line in section.lines]
            + [c.text for s in document.sections for t in s.tables for row in t.rows for c in row]
        )
        assert not re.search(r"[{}]|\*\*", said)


def test_both_languages_have_the_same_words() -> None:
    english, spanish = texts("en"), texts("es")
    assert {key: set(value) for key, value in english.items()} == {k: set(v) for k, v in spanish.items()}
    for key, words in english["words"].items():
        assert set(re.findall(r"{\w+}", words)) == set(re.findall(r"{\w+}", spanish["words"][key])), key


def test_the_numbers_are_those_that_the_software_obeys() -> None:
    rules = loaded(CITY)
    text = told(public_policy(rules, "en", AT))
    assert "Landlords and housing Housing 1 hour, and by closing time that day" in text
    assert "more than 60 automatic messages in an hour" in text
    assert "To the City Attorney, within 10 days" in text
    assert "Thursday 26 Nov 2026 (Thanksgiving Day)" in text
    quantity = replace(rules.ruleset.policy.quantity, automatic_per_hour=7)
    ruleset = replace(rules.ruleset, policy=replace(rules.ruleset.policy, quantity=quantity))
    assert "more than 7 automatic messages" in told(public_policy(replace(rules, ruleset=ruleset), "en", AT))


def told(document: PublicPolicy) -> str:
    rows = [row for section in document.sections for table in section.tables for row in table.rows]
    lines = [line.text for section in document.sections for line in section.lines]
    return "\n".join([*lines, *(" ".join(cell.text for cell in row) for row in rows)])


async def test_the_page_speaks_the_wanted_language(sqlite_pages: PagesApp) -> None:
    async with sqlite_pages.client() as client:
        english = await client.get("/policy")
        spanish = await client.get("/policy", headers={"accept-language": "es-MX,es;q=0.9"})
        asked = await client.get("/policy?lang=en", headers={"accept-language": "es"})
        home, privacy = await client.get("/"), await client.get("/privacy?lang=es")
    assert '<html lang="en">' in english.text
    assert '<html lang="es">' in spanish.text
    assert '<html lang="en">' in asked.text
    assert "Quién responde qué" in spanish.text
    assert english.headers["vary"] == "Accept-Language"
    assert "max-age=300" in english.headers["cache-control"]
    assert 'href="/policy?lang=en"' in home.text
    assert 'href="/policy?lang=es"' in privacy.text
    # What stands as the city wrote it is marked with its language.
    assert '<span lang="en">' in spanish.text
    assert '<span lang="en">' not in english.text


async def test_the_page_follows_the_rules_that_hold(sqlite_pages: PagesApp) -> None:
    in_force = sqlite_pages.rulebook.in_force
    newer = replace(in_force, ruleset=replace(in_force.ruleset, version="2099-1"))
    async with sqlite_pages.client() as client:
        assert "2099-1" not in (await client.get("/policy")).text
        sqlite_pages.rulebook.replace(newer)
        assert "<strong>2099-1</strong>" in (await client.get("/policy")).text


async def test_uses_of_moderation_rules_are_published(sqlite_pages: PagesApp) -> None:
    at = clock.now()
    with sqlite_pages.database.transaction() as tx:
        for number, ago in enumerate((timedelta(days=2), timedelta(days=3), timedelta(days=800))):
            author = Author(f"user-{number}", "Eve")
            event = InboundEvent(
                "telegram",
                f"e{number}",
                EventKind.MESSAGE,
                "group-1",
                author,
                at,
                visibility="public",
                text="!",
            )
            turn = conversations.begin_turn(tx, event, inbox_id=number, at=at - ago)
            case_id = moderation.suggest(
                tx, turn.conversation, turn.contact, turn.message, rule="threats", version="1", at=at - ago
            )
            assert case_id is not None
            sanction = Sanction("hide", f"token-{number}", "city_attorney", at + timedelta(days=10))
            case = moderation.get(tx, case_id)
            case = moderation.act(tx, case, sanction, staff_id="s1", name="Ana", reason="So.", at=at - ago)
            if not number:
                moderation.appeal(tx, case, "No.", by="form", due_at=at + timedelta(days=5), at=at)
    async with sqlite_pages.client() as client:
        page = (await client.get("/policy")).text
    row = page[page.index("How often each rule was used") :]
    cells = re.findall(r'<td role="cell"[^>]*><span>(\d+)</span>', row)
    assert cells[:6] == ["2", "1", "0", "0", "0", "0"]
