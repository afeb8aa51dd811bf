"""Admins change the rules in their browser: one proposes, another approves, every process takes it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from bot import clock
from bot.records import service as records
from bot.storage.database import Database
from tests.rules.small_city import put, rules
from tests.web.pages_app import SAME_SITE, form_token_in, signed_in
from tests.web.rules_pages import RulesPages

EDIT = "/desk/rules/edit/rules"
CLAUSE = f"{EDIT}?section=clauses%2Fsmall_talk"


@pytest.fixture
def pages(database: Database, tmp_path: Path) -> RulesPages:
    return RulesPages(database, tmp_path)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"(?: type="date")? value="([^"]*)"', page)
    assert found, name
    return found[1]


def text_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    return found[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")


def fields(page: str, **changes: str) -> dict[str, str]:
    names = ("form_token", "section", "base", "proposal", "version", "effective")
    return {name: hidden(page, name) for name in names} | {"text": text_of(page), "act": "propose"} | changes


async def propose(client: httpx.AsyncClient, address: str, **changes: str) -> httpx.Response:
    page = (await client.get(address)).text
    given = fields(page, note="A kinder sentence.", **changes)
    return await client.post(EDIT, data=given, headers=SAME_SITE)


def kinder(page: str) -> str:
    return text_of(page).replace("A greeting is answered.", "A greeting is always answered.")


async def act(client: httpx.AsyncClient, page: str, path: str, **given: str) -> httpx.Response:
    token = form_token_in((await client.get(page)).text)
    return await client.post(path, data={"form_token": token, **given}, headers=SAME_SITE)


def kinds(database: Database) -> list[str]:
    with database.reading() as tx:
        return [each.kind for each in records.entries_after(tx, 0) if each.kind.startswith("rules.")]


async def test_one_proposes_another_approves_and_it_holds(database: Database, pages: RulesPages) -> None:
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        page = (await ana.get(CLAUSE)).text
        assert "About greet" not in page
        assert "The assistant may answer." in page  # the clause in plain words
        answer = await propose(ana, CLAUSE, text=kinder(page))
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"]
        shown = (await ana.get(where)).text
        assert "A greeting is always answered." in shown
        assert "Another admin must approve this." in shown
        own = await act(ana, where, f"{where}/approve")
        assert own.status_code == 403
        assert pages.rules_file.read_text().startswith("# Who may edit this file")
        assert "A greeting is always answered." not in pages.rules_file.read_text()
        approved = await act(ben, where, f"{where}/approve")
        assert approved.headers["location"] == "/desk/rules?done=approved"
        written = pages.rules_file.read_text()
        assert "A greeting is always answered." in written
        assert "# What the assistant may answer." in written
        pages.look()
        assert pages.rulebook.in_force.ruleset.sentences()["small_talk"] == "A greeting is always answered."
        assert pages.version == f"{clock.now():%Y-%m}-1"
        history = (await ben.get("/desk/rules/history")).text
        assert "approved by Ben" in history
    assert kinds(database) == ["rules.in_force", "rules.proposed", "rules.approved", "rules.in_force"]


async def test_faults_are_told_with_their_line_as_one_types_and_without_script(pages: RulesPages) -> None:
    async with signed_in(pages, "Ana") as ana:
        page = (await ana.get(CLAUSE)).text
        wrong = text_of(page).replace("outcome: allow", "outcome: alow")
        line = wrong.splitlines().index(next(each for each in wrong.splitlines() if "alow" in each)) + 1
        given = fields(page, text=wrong, act="check")
        live = await ana.post(
            "/desk/rules/check/rules", data=given, headers={**SAME_SITE, "hx-request": "true"}
        )
        assert f"Line {line} here (rules_of_engagement.yml" in live.text
        assert "<html" not in live.text
        plain = await ana.post(EDIT, data=given, headers=SAME_SITE)
        assert f"Line {line} here" in plain.text
        assert "outcome: alow" in plain.text  # what was typed is kept
        refused = await propose(ana, CLAUSE, text=wrong)
        assert refused.status_code == 422
        assert "outcome: alow" in refused.text
        good = await ana.post(
            "/desk/rules/check/rules", data={**given, "text": kinder(page)}, headers=SAME_SITE
        )
        assert "It can hold." in good.text
        assert "small_talk" in good.text
    assert kinds(pages.database) == ["rules.in_force"]


async def test_who_started_from_an_older_file_is_told(pages: RulesPages) -> None:
    async with signed_in(pages, "Ana") as ana:
        page = (await ana.get(EDIT)).text
        given = fields(page, note="Mine", text=kinder(page))
        put(pages.folder, rules("v1b"))
        pages.look()
        late = await ana.post(EDIT, data=given, headers=SAME_SITE)
        assert late.status_code == 409
        assert "changed since you opened this page" in late.text
        assert "A greeting is always answered." in late.text


async def test_hours_and_replies_are_edited_the_same_way(pages: RulesPages) -> None:
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        page = (await ana.get("/desk/rules/edit/replies")).text
        given = fields(
            page, note="Shorter", text=text_of(page).replace("Somebody answers {by}.", "Wait {by}.")
        )
        answer = await ana.post("/desk/rules/edit/replies", data=given, headers=SAME_SITE)
        where = answer.headers["location"]
        assert "Wait {by}." in (await ben.get(where)).text
        await act(ben, where, f"{where}/approve")
        pages.look()
        assert pages.rulebook.in_force.replies.texts["hand_off"]["en"] == "Wait {by}."
        hours = await ana.get("/desk/rules/edit/hours?section=offices")
        assert hours.status_code == 200


async def test_a_proposal_is_written_further_and_taken_back(pages: RulesPages) -> None:
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        page = (await ana.get(CLAUSE)).text
        first = (await propose(ana, CLAUSE, text=kinder(page))).headers["location"]
        number = first.rpartition("/")[2]
        more = f"{EDIT}?section=default&proposal={number}"
        second = await propose(ana, more, text=text_of((await ana.get(more)).text).replace("60", "30"))
        assert second.status_code == 303, second.text
        where = second.headers["location"]
        both = (await ben.get(where)).text
        assert "A greeting is always answered." in both
        assert "30 minutes" in both
        assert "replaced" in (await ben.get(first)).text
        declined = await act(ben, where, f"{where}/decline", reason="Not yet")
        assert declined.status_code == 303
        late = await act(ben, where, f"{where}/approve")
        assert late.status_code == 409
        assert "refused already by Ben" in late.text


async def test_a_read_only_folder_is_told_and_nothing_is_half_done(
    pages: RulesPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(_self: Path, *_arguments: object, **_named: object) -> None:
        raise OSError(30, "Read-only file system")

    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        page = (await ana.get(CLAUSE)).text
        where = (await propose(ana, CLAUSE, text=kinder(page))).headers["location"]
        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", read_only)  # the file system, not our code
            refused = await act(ben, where, f"{where}/approve")
        assert refused.status_code == 409
        assert "Read-only file system" in refused.text
        assert "A greeting is answered." in pages.rules_file.read_text()
        again = await act(ben, where, f"{where}/approve")
        assert again.status_code == 303


async def test_going_back(pages: RulesPages) -> None:
    put(pages.folder, rules("v2"))
    pages.look()
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        refused = await act(ana, "/desk/rules", "/desk/rules/roll-back", reason="")
        assert refused.status_code == 409
        done = await act(ana, "/desk/rules", "/desk/rules/roll-back", reason="v2 promised too much")
        assert done.status_code == 303
        pages.look()
        assert pages.version == "v1"
        number = re.findall(
            r"/desk/rules/versions/(\d+)\"><strong>v2", (await ben.get("/desk/rules/history")).text
        )[0]
        where = f"/desk/rules/versions/{number}"
        proposed = await act(ben, where, f"{where}/back", note="It was right after all")
        back = proposed.headers["location"]
        assert (await act(ben, back, f"{back}/approve")).status_code == 403
        assert (await act(ana, back, f"{back}/approve")).status_code == 303
        pages.look()
        assert pages.version == "v2"


async def test_a_refused_file_is_a_banner_for_admins_alone(pages: RulesPages) -> None:
    put(pages.folder, "version: [")
    pages.look()
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Cora") as cora:
        assert "The files of the rules were refused" in (await ana.get("/desk/conversations")).text
        assert "refused" not in (await cora.get("/desk/conversations")).text
        overview = (await ana.get("/desk/rules")).text
        assert "line 2: not readable as YAML" in overview
        page = (await ana.get(CLAUSE)).text  # one edits what holds, not what is broken
        assert (await propose(ana, CLAUSE, text=kinder(page))).status_code == 303


async def test_far_too_large_and_no_such_thing(pages: RulesPages) -> None:
    async with signed_in(pages, "Ana") as ana:
        token = form_token_in((await ana.get(EDIT)).text)
        large = await ana.post(EDIT, data={"form_token": token, "text": "x" * 10_000_000}, headers=SAME_SITE)
        assert large.status_code == 413
        over = await ana.post(
            EDIT, data={"form_token": token, "text": "x" * 1_000_001, "act": "check"}, headers=SAME_SITE
        )
        assert "larger than 1,000,000 bytes" in over.text
        for path in (
            "/desk/rules/versions/9",
            "/desk/rules/versions/x",
            "/desk/rules/edit/none",
            f"{EDIT}?section=no",
        ):
            assert (await ana.get(path)).status_code == 404
    assert kinds(pages.database) == ["rules.in_force"]


async def test_a_trial_on_past_messages(pages: RulesPages) -> None:
    async with signed_in(pages, "Ana") as ana:
        page = (await ana.get(CLAUSE)).text
        where = (await propose(ana, CLAUSE, text=kinder(page))).headers["location"]
        tried = await ana.get(f"{where}/simulation?last=7d")
        assert tried.status_code == 200
        assert "In short" in tried.text
