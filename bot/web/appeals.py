"""The page on which the author of a public message appeals what a person decided about it.

Its address is a secret that the notice carried; whoever has it may write one appeal, and sees nothing of the
desk. Who lost it replies APPEAL instead (`bot/pipeline/moderating.py`).
"""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import clock
from bot.conversations import moderation as cases
from bot.conversations.moderation import ModerationCase
from bot.engagement import time_words
from bot.engagement.policy import ModerationRule
from bot.errors import Conflict
from bot.pipeline.moderating import LONGEST_APPEAL
from bot.storage.database import Transaction
from bot.web.forms import read_form
from bot.web.rendering import language_of
from bot.web.site import Site, site_of


async def show(request: Request) -> Response:
    """What was decided, by which rule, and a form while it can be appealed."""
    return await _page(request)


async def send(request: Request) -> Response:
    """Take the appeal in."""
    site, token = site_of(request), request.path_params["token"]
    text = (await read_form(request)).get("text", "").replace("\r\n", "\n")
    if not text.strip():
        return await _page(request, fault="empty", status=422)
    try:
        await site.database.write(_take, site, token, text)
    except Conflict:
        return await _page(request, status=409)
    return RedirectResponse(f"/appeal/{token}?lang={language_of(request)}", 303)


def _take(tx: Transaction, site: Site, token: str, text: str) -> None:
    site.desk.moderation.appeals.take(tx, cases.by_token(tx, token), text, by="form", at=clock.now())


def _found(tx: Transaction, site: Site, token: str) -> tuple[ModerationCase, ModerationRule | None]:
    case = cases.by_token(tx, token)
    return case, site.desk.moderation.rule(case)


async def _page(request: Request, *, fault: str = "", status: int = 200) -> Response:
    site = site_of(request)
    case, rule = await site.database.read(_found, site, request.path_params["token"])
    language = language_of(request)
    return site.renderer.page(
        request,
        "appeal.html",
        {
            "case": case,
            "rule": rule.text.get(language, rule.text["en"]) if rule else "",
            "hears": site.desk.owner_name(case.appeal_to or "", language),
            "open": case.state == "acted"
            and case.appeal_until is not None
            and clock.now() <= case.appeal_until,
            "days": {
                "written": _day(case.suggested_at, site, language),
                "until": _day(case.appeal_until, site, language),
                "due": _day(case.appeal_due_at, site, language),
            },
            "fault": fault,
            "request_token": request.path_params["token"],
            "longest": LONGEST_APPEAL,
        },
        status=status,
    )


def _day(at: datetime | None, site: Site, language: str) -> str:
    return time_words.long_day(at.astimezone(site.city.zone).date(), language) if at else ""
