"""Signing in, links and passwords through the pages, on both databases."""

from __future__ import annotations

import pytest

from tests.web.pages_app import SAME_SITE, PagesApp, form_token_in, post_form, sign_in, signed_in


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
