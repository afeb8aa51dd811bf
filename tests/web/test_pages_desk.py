"""What staff do at the desk, through its pages, on both databases."""

from __future__ import annotations

import asyncio

from bot.conversations import service as conversations
from tests.web.pages_app import SAME_SITE, PagesApp, form_token_in, post_form, signed_in
from tests.web.seeds import seed


def thread_of(pages: PagesApp, conversation_id: str) -> list[tuple[str, str, str]]:
    with pages.database.reading() as tx:
        return [(m.sender, m.kind, m.text) for m in conversations.thread(tx, conversation_id)]


def holder_of(pages: PagesApp, conversation_id: str) -> tuple[str, str | None]:
    with pages.database.reading() as tx:
        holder = conversations.get_conversation(tx, conversation_id).holder
    return holder.kind, holder.name


async def test_the_list_says_who_why_where_and_by_when(pages: PagesApp) -> None:
    seed(pages)
    async with signed_in(pages) as client:
        page = (await client.get("/desk/conversations")).text
    assert page.index("late by 5 min") < page.index("Maria Lopez") < page.index("¿Me puede llamar")
    for words in ("asked for a person", "Telegram", "answer in", "Resident on Web chat", "Held by others"):
        assert words in page
    assert page.count('class="clock clock--late"') == 1


async def test_how_urgent_a_message_reads_is_said_in_words(pages: PagesApp) -> None:
    ids = seed(pages)
    async with signed_in(pages) as client:
        page = (await client.get("/desk/conversations")).text
        shown = (await client.get(f"/desk/conversations/{ids['late']}")).text
    assert page.count("reads urgent") == 1
    assert "upset, reads urgent" in shown
    assert "vulnerable people" in shown


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
