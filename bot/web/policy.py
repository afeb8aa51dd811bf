"""The page on which the public reads the rules that the software obeys."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from bot import clock
from bot.conversations import moderation
from bot.engagement.public_policy import public_policy
from bot.engagement.rulebook import RulesInForce
from bot.storage.database import Transaction
from bot.web.rendering import LANGUAGES, Renderer, language_of
from bot.web.site import STATIC, site_of

COUNTED = timedelta(days=365)
"""How far back the uses of moderation rules are counted."""
_MAX_AGE = 300
"""Seconds for which a browser may keep the page."""


async def show(request: Request) -> Response:
    """The rules in force, with how often comments were moderated."""
    site, language, at = site_of(request), language_of(request), clock.now()
    rules = site.rulebook.in_force
    moderated = await site.database.read(moderated_since, at - COUNTED)
    other = next(each for each in LANGUAGES if each != language)
    response = site.renderer.page(
        request,
        "policy.html",
        {
            "document": public_policy(rules, language, at, moderated),
            "other_language": other,
            "other_language_name": {"en": "English", "es": "Español"}[other],
        },
    )
    response.headers["Cache-Control"] = f"public, max-age={_MAX_AGE}"
    response.headers["Vary"] = "Accept-Language"
    return response


def moderated_since(tx: Transaction, since: datetime) -> dict[str, tuple[int, int, int]]:
    """Return how often each moderation rule was acted on, appealed against and overturned."""
    return {
        rule: (count.acted, count.appealed, count.overturned)
        for rule, count in moderation.counts(tx, since=since).items()
    }


def document(
    renderer: Renderer,
    rules: RulesInForce,
    language: str,
    at: datetime,
    moderated: dict[str, tuple[int, int, int]] | None = None,
) -> str:
    """Return the rules as one HTML file that needs nothing beside it."""
    style = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in ("base.css", "policy.css"))
    return renderer.text(
        "policy_file.html",
        language,
        {
            "document": public_policy(rules, language, at, moderated),
            "style": Markup(style),  # noqa: S704 - our own style sheets
        },
    )
