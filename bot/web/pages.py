"""Pages for residents: the chat, the same chat for frames on other sites, and what is kept of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from bot.web.rendering import LANGUAGES, language_of
from bot.web.site import STATIC, City, site_of

_EXAMPLES = {
    "en": (
        "There’s a big pothole on Elm Street by the library",
        "My trash wasn’t picked up",
        "When is City Hall open?",
        "What’s on this weekend?",
    ),
    "es": (
        "Hay un bache grande en Elm Street, junto a la biblioteca",
        "No recogieron mi basura",
        "¿Cuándo abre el Ayuntamiento?",
        "¿Qué hay este fin de semana?",
    ),
}


async def chat(request: Request) -> Response:
    """The chat page."""
    return _chat_page(request, embedded=False)


async def widget(request: Request) -> Response:
    """The chat in a frame of another site."""
    return _chat_page(request, embedded=True)


async def widget_script(_request: Request) -> Response:
    """The one line of script that another site includes."""
    response = FileResponse(STATIC / "widget.js", media_type="text/javascript")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


async def privacy(request: Request) -> Response:
    """What is kept of a chat, who sees it, and for how long."""
    return site_of(request).renderer.page(request, "privacy.html", {})


async def icon(_request: Request) -> Response:
    """The icon that browsers ask for by themselves."""
    return FileResponse(STATIC / "icon.svg", media_type="image/svg+xml")


def _chat_page(request: Request, *, embedded: bool) -> Response:
    site = site_of(request)
    language = language_of(request)
    other = next(each for each in LANGUAGES if each != language)
    return site.renderer.page(
        request,
        "chat.html",
        {
            "embedded": embedded,
            "examples": _examples(site.city, language),
            "other_language": other,
            "other_language_name": {"en": "English", "es": "Español"}[other],
            "strings": {
                key: text.replace("{city}", site.city.name).replace("{phone}", site.city.phone)
                for key, text in site.renderer.strings[language].items()
            },
        },
    )


def _examples(city: City, language: str) -> tuple[str, ...]:
    return (city.examples or _EXAMPLES).get(language, _EXAMPLES["en"])
