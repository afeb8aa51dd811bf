"""Turning templates into pages: escaped by default, with the city, the person and the time at hand."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from bot import clock
from bot.web import clock_words, times
from bot.web.site import STATIC, TEMPLATES, City

LANGUAGES = ("en", "es")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_LINK = re.compile(r"https?://[^\s<>\"'()]+[^\s<>\"'().,;:!?]")


class Renderer:
    """Renders the templates of this folder.

    Args:
        city: whose pages these are.
        assets_version: part of the addresses below /static.
    """

    def __init__(self, city: City, assets_version: str) -> None:
        self.city = city
        self.strings: dict[str, dict[str, str]] = {
            language: json.loads((STATIC / "chat" / f"strings.{language}.json").read_text(encoding="utf-8"))
            for language in LANGUAGES
        }
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "city": city,
            "static": f"/static/{assets_version}",
            "rules_faults": tuple,
            "has_assets": (STATIC / "vendor" / "uswds").is_dir(),
        }
        self._environment.filters |= {
            **_time_filters(lambda: self.city.zone),
            "light": light_markup,
            "percent": "{:.0%}".format,
            "as_json": functools.partial(json.dumps, ensure_ascii=False),
        }

    def warn_admins(self, faults: Callable[[], Sequence[str]]) -> None:
        """Show admins on every page of the desk what is wrong with the files of the rules."""
        self._environment.globals["rules_faults"] = faults

    def rename(self, city: City) -> None:
        """Show the city by this name and telephone number from now on."""
        self.city = city
        self._environment.globals["city"] = city

    def page(
        self, request: Request, template: str, values: Mapping[str, Any], *, status: int = 200
    ) -> HTMLResponse:
        """Render a page or a part of one.

        Args:
            request: whose session and form token the page carries.
            template: a file below templates/.
            values: what the template shows.
            status: of the response.
        """
        context = {
            "session": getattr(request.state, "session", None),
            "form_token": getattr(request.state, "form_token", ""),
            "path": request.url.path,
            **values,
        }
        return HTMLResponse(self.text(template, language_of(request), context), status)

    def text(self, template: str, language: str, values: Mapping[str, Any]) -> str:
        """Render a template in a language; what only requests tell must be among the values."""
        context = {"language": language, "say": self.strings[language], **values}
        return self._environment.get_template(template).render(context)


def language_of(request: Request) -> str:
    """Return the language of a page: asked for in its address, else the first wanted one that we speak."""
    wanted = request.query_params.get("lang", "")
    if wanted in LANGUAGES:
        return wanted
    if request.url.path.startswith("/desk"):
        return "en"
    for part in request.headers.get("accept-language", "").split(",")[:10]:
        base = part.split(";")[0].strip().split("-")[0].lower()
        if base in LANGUAGES:
            return base
    return "en"


def _time_filters(zone: Callable[[], ZoneInfo]) -> dict[str, Callable[..., object]]:
    return {
        "moment": lambda at: times.moment(at, clock.now(), zone()),
        "day": lambda at: times.day(at, clock.now(), zone()),
        "full": lambda at: times.full(at, zone()),
        "due": lambda at: times.due(at, clock.now(), zone()),
        "clock": lambda kept: clock_words.row(kept, clock.now(), zone()),
        "clock_lines": lambda kept: clock_words.lines(kept, clock.now(), zone()),
        "iso": lambda at: at.isoformat(),
    }


def light_markup(text: str) -> Markup:
    """Return text of ours as HTML: escaped, `**bold**` and web addresses made what they are."""
    parts = []
    end = 0
    for found in _LINK.finditer(text):
        address = escape(found[0])
        parts += [
            _bold(text[end : found.start()]),
            f'<a href="{address}" rel="noopener noreferrer">{address}</a>',
        ]
        end = found.end()
    return Markup("".join([*parts, _bold(text[end:])]))  # noqa: S704 - every part was escaped


def _bold(text: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", str(escape(text)))
