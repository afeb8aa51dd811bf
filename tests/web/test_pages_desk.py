"""What staff do at the desk, through its pages, on both databases."""

from __future__ import annotations

import asyncio
import contextlib

import httpx
import pytest

from bot import clock
from bot.conversations import handoff
from bot.conversations import service as conversations
from bot.records import service as records
from bot.web.live import topics
from tests.web.pages_app import SAME_SITE, PagesApp, form_token_in, post_form, sign_in
from tests.web.seeds import seed


def thread_of(pages: PagesApp, conversation_id: str) -> list[tuple[str, str, str]]:
    with pages.database.reading() as tx:
        return [(m.sender, m.kind, m.text) for m in conversations.thread(tx, conversation_id)]


def holder_of(pages: PagesApp, conversation_id: str) -> tuple[str, str | None]:
    with pages.database.reading() as tx:
        holder = conversations.get_conversation(tx, conversation_id).holder
    return holder.kind, holder.name


@contextlib.asynccontextmanager
async def signed_in(pages: PagesApp, name: str = "Ana"):
    async with pages.client() as client:
        answer = await sign_in(client, name)
        assert answer.status_code == 303, answer.text
        yield client


async def test_the_list_says_who_why_where_and_by_when(pages: PagesApp) -> None:
    seed(pages)
    async with signed_in(pages) as client:
        page = (await client.get("/desk/conversations")).text
    assert page.index("late by 5 min") < page.index("Maria Lopez") < page.index("¿Me puede llamar")
    for words in ("asked for a person", "Telegram", "answer in", "Resident on Web chat", "Held by others"):
        assert words in page
    assert page.count('class="clock clock--late"') == 1


async def test_a_conversation_shows_everything_once(pages: PagesApp) -> None:
    ids = seed(pages)
    async with signed_in(pages) as client:
        held = (await client.get(f"/desk/conversations/{ids['held']}?view=mine")).text
        maria = (await client.get(f"/desk/conversations/{ids['maria']}")).text
        missing = await client.get("/desk/conversations/none")
    for words in ("You hold this.", "internal note", "Second report this week", "earlier text", "ou</p>"):
        assert words in held
    assert "Use the suggestion" in held
    for words in (
        "94%",
        "elm st right by the library",
        "The resident asks",
        "1001",
        "Pothole",
        "Photo: photo.jpg",
    ):
        assert words in maria or words == "The resident asks"
    assert "(person.asked)" in maria or "person.asked" not in maria
    assert missing.status_code == 404


async def test_take_over_reply_note_give_back(pages: PagesApp) -> None:
    ids = seed(pages)
    maria = f"/desk/conversations/{ids['maria']}"
    async with signed_in(pages) as client:
        assert (await post_form(client, maria, f"{maria}/take-over")).status_code == 303
        assert holder_of(pages, ids["maria"]) == ("person", "Ana")
        assert (await post_form(client, maria, f"{maria}/messages", text="Hi, Ana here.")).status_code == 303
        await post_form(client, maria, f"{maria}/messages", text="Ask Lighting", kind="note")
        await post_form(client, maria, f"{maria}/give-back")
    assert holder_of(pages, ids["maria"]) == ("bot", None)
    said = thread_of(pages, ids["maria"])[-6:]
    assert said == [
        ("system", "event", "Ana took over"),
        ("staff", "message", "Ana from the city has joined this chat."),
        ("staff", "message", "Hi, Ana here."),
        ("staff", "note", "Ask Lighting"),
        ("system", "event", "Ana gave the chat back"),
        (
            "bot",
            "message",
            "Ana has closed the chat. I'm the city's automatic assistant again; write any time.",
        ),
    ]


async def test_any_reply_takes_over_and_a_note_does_not(pages: PagesApp) -> None:
    ids = seed(pages)
    late, chatting = (f"/desk/conversations/{ids[name]}" for name in ("late", "assistant"))
    async with signed_in(pages) as client:
        await post_form(client, late, f"{late}/messages", text="for us", kind="note")
        assert holder_of(pages, ids["late"])[0] == "queue"
        await post_form(client, chatting, f"{chatting}/messages", text="I can help")
        assert holder_of(pages, ids["assistant"]) == ("person", "Ana")
        empty = await post_form(client, late, f"{late}/messages", text="  \r\n ")
        long = await post_form(client, late, f"{late}/messages", text="x" * 4001)
    assert (empty.status_code, long.status_code) == (422, 422)
    assert "Write something first." in empty.text
    assert "x" * 4001 in long.text


async def test_of_two_who_take_over_at_once_one_wins_and_the_other_sees_who(pages: PagesApp) -> None:
    ids = seed(pages)
    page = f"/desk/conversations/{ids['late']}"
    async with signed_in(pages, "Ana") as ana, signed_in(pages, "Ben") as ben:
        forms = [form_token_in((await client.get(page)).text) for client in (ana, ben)]
        answers = await asyncio.gather(
            *(
                client.post(f"{page}/take-over", data={"form_token": token}, headers=SAME_SITE)
                for client, token in zip((ana, ben), forms, strict=True)
            )
        )
        winner = holder_of(pages, ids["late"])[1]
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        lost = next(answer for answer in answers if answer.status_code == 409)
        assert f"{winner} holds this conversation. Nothing was changed." in lost.text
        loser = ben if winner == "Ana" else ana
        refused = await post_form(loser, page, f"{page}/messages", text="my draft")
    assert refused.status_code == 409
    assert "my draft" in refused.text
    assert (
        sum(kind == "event" and text.endswith("took over") for _, kind, text in thread_of(pages, ids["late"]))
        == 1
    )


async def test_closing_and_views(pages: PagesApp) -> None:
    ids = seed(pages)
    page = f"/desk/conversations/{ids['held']}"
    async with signed_in(pages) as client:
        assert (await post_form(client, page, f"{page}/close")).status_code == 303
        closed = (await client.get("/desk/conversations?view=closed")).text
        odd = (await client.get("/desk/conversations?view='--")).text
    assert ids["held"] in closed
    assert 'href="/desk/conversations?view=waiting" aria-current="true"' in odd


async def test_requests_are_filtered_in_the_address(pages: PagesApp) -> None:
    seed(pages)
    async with signed_in(pages) as client:
        late = (await client.get("/desk/requests?state=late")).text
        graffiti = (await client.get("/desk/requests?service=graffiti&q=Pine")).text
        number = (await client.get("/desk/requests?q=1001&state=all")).text
        for query in ("sort=x", "state=open'", "service=none", "before=1e9", "before=-1"):
            assert (await client.get(f"/desk/requests?{query}")).status_code == 400, query
        strange = await client.get("/desk/requests", params={"q": "%_' OR 1=1 --\\"})
    assert "1 request<" in late
    assert "(late)" in late
    assert ">1003<" in graffiti
    assert ">1001<" in number
    assert strange.status_code == 200
    assert "No request fits this filter." in strange.text


async def test_a_status_change_reaches_the_resident_in_the_same_chat(pages: PagesApp) -> None:
    ids = seed(pages)
    page = "/desk/requests/1001"
    async with signed_in(pages) as client:
        shown = await post_form(
            client, page, f"{page}/status", status="scheduled", note="Crew on Tuesday.", act="preview"
        )
        assert shown.status_code == 200
        before = thread_of(pages, ids["maria"])
        changed = await post_form(client, page, f"{page}/status", status="scheduled", note="Crew on Tuesday.")
        again = await post_form(client, page, f"{page}/status", status="scheduled")
        none = await post_form(client, page, f"{page}/status", status="")
        missing = await client.get("/desk/requests/9999")
    (told,) = thread_of(pages, ids["maria"])[len(before) :]
    assert told[:2] == ("staff", "message")
    assert "**1001**" in told[2]
    assert "Crew on Tuesday." in told[2]
    assert "1 chat gets" in shown.text
    assert "Crew on Tuesday." in shown.text
    assert [changed.status_code, again.status_code, none.status_code, missing.status_code] == [
        303,
        409,
        422,
        404,
    ]


async def test_photos_are_shown_clean_and_only_where_they_belong(sqlite_pages: PagesApp) -> None:
    ids = seed(sqlite_pages)
    with sqlite_pages.database.reading() as tx:
        digest = conversations.thread(tx, ids["maria"])[0].files[0].digest
    async with signed_in(sqlite_pages) as client:
        photo = await client.get(f"/desk/conversations/{ids['maria']}/files/{digest}")
        elsewhere = await client.get(f"/desk/conversations/{ids['late']}/files/{digest}")
        traversal = await client.get(f"/desk/conversations/{ids['maria']}/files/..%2F..%2Fetc")
    async with sqlite_pages.client() as stranger:
        refused = await stranger.get(f"/desk/conversations/{ids['maria']}/files/{digest}")
    assert photo.status_code == 200
    assert photo.headers["content-type"] == "image/jpeg"
    assert "sandbox" in photo.headers["content-security-policy"]
    assert [elsewhere.status_code, traversal.status_code, refused.status_code] == [404, 404, 303]


async def test_admins_manage_staff(pages: PagesApp) -> None:
    pages.add_staff("Dana", role="admin")
    async with signed_in(pages, "Dana") as client:
        added = await post_form(
            client, "/desk/staff", "/desk/staff", name="Eli", email="eli@millbrook.example"
        )
        link = added.text.split("/desk/link/")[1].split("<")[0]
        twice = await post_form(
            client, "/desk/staff", "/desk/staff", name="Eli", email="ELI@millbrook.example"
        )
        assert twice.status_code == 422
        async with pages.client() as eli:
            differ = await post_form(
                eli, f"/desk/link/{link}", f"/desk/link/{link}", password="four words in rows", again="no"
            )
            assert differ.status_code == 422
            set_up = await post_form(
                eli,
                f"/desk/link/{link}",
                f"/desk/link/{link}",
                password="four words in rows",
                again="four words in rows",
            )
            assert set_up.headers["location"] == "/desk/conversations"
            assert (await eli.get("/desk/conversations")).status_code == 200
            assert (await eli.get(f"/desk/link/{link}")).status_code == 404
            people = (await client.get("/desk/staff")).text
            eli_id = (
                people.split('Remove<span class="usa-sr-only"> Eli')[1].split("/desk/staff/")[1].split("/")[0]
            )
            await post_form(client, "/desk/staff", f"/desk/staff/{eli_id}/remove")
            assert (await eli.get("/desk/conversations")).status_code == 303


async def test_sign_in_tells_nothing_about_accounts(pages: PagesApp) -> None:
    pages.add_staff("Ana")
    async with pages.client() as client:
        wrong = await sign_in(client, "Ana", "not this one")
        unknown = await sign_in(client, "Nob", "not this one")
        assert wrong.status_code == unknown.status_code == 422
        assert _without_names(wrong.text) == _without_names(unknown.text)
        for _ in range(20):
            last = await sign_in(client, "Ana", "not this one")
    assert last.status_code == 429
    assert int(last.headers["retry-after"]) > 0


def _without_names(page: str) -> str:
    return page.replace("ana@", "x@").replace("nob@", "x@")


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/desk/requests?state=all", "/desk/requests?state=all"),
        ("//evil.example/desk/", "/desk/conversations"),
        ("/desk//evil.example", "/desk/conversations"),
        ("/desk/\\evil.example", "/desk/conversations"),
        ("https://evil.example/desk/", "/desk/conversations"),
        ("/desk/x\r\nSet-Cookie: a=b", "/desk/conversations"),
    ],
)
async def test_sign_in_leads_into_the_desk_only(sqlite_pages: PagesApp, wanted: str, reached: str) -> None:
    sqlite_pages.add_staff("Ana")
    async with sqlite_pages.client() as client:
        token = form_token_in((await client.get("/desk/sign-in")).text)
        data = {
            "form_token": token,
            "email": "ana@millbrook.example",
            "password": "four words in rows",
            "next": wanted,
        }
        answer = await client.post("/desk/sign-in", data=data, headers=SAME_SITE)
    assert answer.headers["location"] == reached


async def test_cookies_are_of_this_host_and_no_script_reads_them(sqlite_pages: PagesApp) -> None:
    sqlite_pages.add_staff("Ana")
    async with sqlite_pages.client() as client:
        answer = await sign_in(client)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-townline_staff=")
        for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
        await post_form(client, "/desk/account", "/desk/sign-out")
        assert (await client.get("/desk/conversations")).status_code == 303


async def test_a_new_password_ends_every_other_session(pages: PagesApp) -> None:
    pages.add_staff("Ana")
    async with signed_in(pages) as here, signed_in(pages) as there:
        wrong = await post_form(
            here,
            "/desk/account",
            "/desk/account",
            current="no",
            password="a new long one",
            again="a new long one",
        )
        changed = await post_form(
            here,
            "/desk/account",
            "/desk/account",
            current="four words in rows",
            password="a new long one",
            again="a new long one",
        )
        assert (wrong.status_code, changed.status_code) == (422, 303)
        assert (await there.get("/desk/conversations")).status_code == 303
        assert (await here.get("/desk/conversations")).status_code == 200


def test_changes_name_what_to_look_at_again() -> None:
    def entry(kind: str, conversation: str | None, subject: str | None = None) -> records.Entry:
        return records.Entry(1, clock.now(), kind, conversation, subject, {})

    assert topics([entry("staff.signed_in", None)]) == []
    assert topics(
        [entry("message.filed", "c1"), entry("holder.queued", "c1"), entry("request.opened", "c2", "1001")]
    ) == [
        "list",
        "conversation-c1",
        "conversation-c2",
        "requests",
        "request-1001",
    ]


async def test_live_events_follow_the_record_resume_and_end_with_the_session(pages: PagesApp) -> None:
    ids = seed(pages)
    ana = pages.add_staff("Live")
    listening = asyncio.create_task(pages.wakeup.listen())
    events: list[str] = []
    async with signed_in(pages, "Live") as client:
        with pages.database.reading() as tx:
            number = records.change_number(tx)
        task = asyncio.create_task(_follow(pages, client, number, events))
        await asyncio.sleep(0.5)
        with pages.database.transaction() as tx:
            handoff.take_over(tx, ids["late"], staff_id=ana.id, staff_name="Live", at=clock.now())
        async with asyncio.timeout(15):
            while f"conversation-{ids['late']}" not in events:  # noqa: ASYNC110 - filled by another task
                await asyncio.sleep(0.05)
        await post_form(client, "/desk/account", "/desk/sign-out")
        await asyncio.wait_for(task, 10)
    listening.cancel()
    assert "list" in events
    assert events[-1] == "signed-out"


async def _follow(pages: PagesApp, client: httpx.AsyncClient, number: int, events: list[str]) -> None:
    """Read the stream as ASGI, because httpx's transport waits for the whole answer."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    headers = [
        (b"cookie", cookie.encode()),
        (b"host", b"127.0.0.1"),
        (b"last-event-id", str(number).encode()),
    ]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/desk/live",
        "raw_path": b"/desk/live",
        "query_string": b"",
        "headers": headers,
        "scheme": "https",
        "server": ("127.0.0.1", 443),
        "client": ("127.0.0.1", 1),
        "http_version": "1.1",
    }

    async def receive() -> dict[str, object]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        body = message.get("body", b"")
        assert isinstance(body, bytes)
        events.extend(line[7:] for line in body.decode().splitlines() if line.startswith("event: "))

    await pages.app(scope, receive, send)


async def test_the_chat_without_script(pages: PagesApp) -> None:
    listening = asyncio.create_task(pages.wakeup.listen())
    working = asyncio.create_task(pages.loop().run())
    async with pages.client() as client:
        first = await post_form(client, "/text", "/text", text="huge pothole on elm")
        assert first.status_code == 303
        page = (await client.get("/text")).text
        assert "Sounds like a <strong>pothole</strong>" in page
        choice = page.split('name="choice" value="')[1].split('"')[0]
        await post_form(client, "/text", "/text", choice=choice)
        page = (await client.get("/text")).text
        assert "Done: request <strong>1001</strong>" in page
        assert 'name="choice"' not in page
        empty = await post_form(client, "/text", "/text", text=" ")
        assert (empty.status_code, "Write something first." in empty.text) == (422, True)
        async with pages.client() as other:
            assert "pothole" not in (await other.get("/text?lang=es")).text
    for task in (listening, working):
        task.cancel()


async def test_a_repeated_form_sends_one_message(pages: PagesApp) -> None:
    async with pages.client() as client:
        page = (await client.get("/text")).text
        await post_form(client, "/text", "/text", text="hello", client_message_id="one")
        token = form_token_in((await client.get("/text")).text)
        data = {"form_token": token, "text": "hello", "client_message_id": "one"}
        await client.post("/text", data=data, headers=SAME_SITE)
    assert page
    with pages.database.reading() as tx:
        kinds = [entry.kind for entry in records.entries_after(tx, 0)]
    assert kinds.count("received.message") == 1
