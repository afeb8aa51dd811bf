"""Every text that the city says by itself, filled with ordinary values, for the tests of its tone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SAVED = sorted([ROOT / "city/saved_replies.yml", *ROOT.glob("policies/*/saved_replies.yml")])
DESK = [ROOT / "city/desk_replies.yml"]
DIALOGUE = {language: ROOT / f"actions/wording/{language}.yml" for language in ("en", "es")}
CHAT = {language: ROOT / f"bot/web/static/chat/strings.{language}.json" for language in ("en", "es")}

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

VALUES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "by": "today before 4:30 pm",
        "opening": "Monday at 8:00",
        "department": "Housing",
        "counter_hours": "tomorrow 8:30-12:00",
        "minutes": "10",
        "name": "Ana",
        "number": "1042",
        "numbers": "1042",
        "service": "a pothole",
        "description": "The crew fills holes in the road.",
        "place": "Elm Street 100 block",
        "places": "5th Avenue, 5th Street",
        "street": "Elm Street",
        "status": "done",
        "note": "Filled.",
        "warming_center": "No heat tonight: the warming center at 12 Mill Road is open until 7 am.",
        "address": "12 Mill Road",
        "until": "7 am",
        "opens": "Monday at 8:00",
        "checked": "28 April",
        "crew": "The street crew",
        "days": "3",
        "date": "Thu 14 May",
        "day": "Thursday",
        "holiday": "",
        "things": "the trash and the light",
        "ward": "Ward 3",
        "heard": "Elmo St",
        "answers": "",
        "documents": "a bill",
        "entries": "the Food Bank",
        "hours": "9:00-5:00",
        "reason": "",
        "phone": "555-0100",
        "source": "City calendar",
        "kinds": "your phone number",
        "city": "Millbrook",
        "what": "your phone number",
        "rule": "Threats",
        "days_left": "10",
    },
    "es": {
        "by": "hoy antes de las 4:30 p. m.",
        "opening": "el lunes a las 8:00",
        "department": "Vivienda",
        "counter_hours": "mañana de 8:30 a 12:00",
        "minutes": "10",
        "name": "Ana",
        "number": "1042",
        "numbers": "1042",
        "service": "un bache",
        "description": "La cuadrilla tapa los hoyos de la calle.",
        "place": "la calle Elm, cuadra 100",
        "places": "5th Avenue, 5th Street",
        "street": "la calle Elm",
        "status": "hecho",
        "note": "Tapado.",
        "warming_center": "El centro de abrigo, en 12 Mill Road, está abierto hasta las 7.",
        "address": "12 Mill Road",
        "until": "las 7",
        "opens": "el lunes a las 8:00",
        "checked": "28 de abril",
        "crew": "La cuadrilla",
        "days": "3",
        "date": "jue 14 de mayo",
        "day": "jueves",
        "holiday": "",
        "things": "la basura y la luz",
        "ward": "el distrito 3",
        "heard": "Elmo St",
        "answers": "",
        "documents": "una factura",
        "entries": "el banco de comida",
        "hours": "de 9:00 a 5:00",
        "reason": "",
        "phone": "555-0100",
        "source": "calendario de la ciudad",
        "kinds": "su teléfono",
        "city": "Millbrook",
        "what": "su teléfono",
        "rule": "Amenazas",
        "days_left": "10",
    },
}
"""What a resident would read in place of a placeholder: short, ordinary, of that language."""


@dataclass(frozen=True)
class BotText:
    """One text. `said` is filled; `written` has its placeholders."""

    where: str
    language: str
    written: str
    said: str
    placeholders: frozenset[str]


def bot_texts() -> list[BotText]:
    """Return all of them; the words of buttons and names of services are no texts."""
    return [*_saved(), *_desk(), *_dialogue(), *_chat(), *_privacy(), *_services()]


def filled(written: str, language: str, own: Mapping[str, Any] | None = None) -> str:
    """Return a text with ordinary values; what no list knows is a short word."""
    values = {**{name: str(value) for name, value in (own or {}).items()}, **VALUES[language]}
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], "1042"), written)


def _text(where: str, language: str, written: str, own: Mapping[str, Any] | None = None) -> BotText:
    names = frozenset(_PLACEHOLDER.findall(written))
    return BotText(where, language, written, filled(written, language, own), names)


def _saved() -> Iterator[BotText]:
    for path in SAVED:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for section in ("replies", "staff", "directory"):
            for where, language, written in _leaves(content.get(section) or {}, f"{_name(path)}: {section}"):
                yield _text(where, language, written, content.get("values"))


def _desk() -> Iterator[BotText]:
    for path in DESK:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for where, language, written in _leaves(content["replies"], _name(path)):
            yield _text(where, language, written)


def _dialogue() -> Iterator[BotText]:
    for language, path in DIALOGUE.items():
        for topic, sentences in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            for name, written in sentences.items():
                # Labels of buttons, names of services and days, and pieces of sentences are not read alone.
                if topic not in {"button", "reading", "service", "where", "day"} and " " in str(written):
                    yield _text(f"{_name(path)}: {topic}.{name}", language, str(written))


def _chat() -> Iterator[BotText]:
    for language, path in CHAT.items():
        for where, written in _strings(yaml.safe_load(path.read_text(encoding="utf-8")), _name(path)):
            if len(written.split()) > 3:
                yield _text(where, language, re.sub(r"</?\w[^>]*>", " ", written))


def _privacy() -> Iterator[BotText]:
    """The page that says what is kept: its Spanish part stands first, then the English one."""
    page = (ROOT / "bot/web/templates/privacy.html").read_text(encoding="utf-8")
    spanish, _, english = page.partition("{% else %}")
    for language, part in (("es", spanish), ("en", english)):
        for number, written in enumerate(re.findall(r"<p[^>]*>(.*?)</p>", part, re.DOTALL), start=1):
            plain = re.sub(r"<[^>]*>|\{%.*?%\}", "", re.sub(r"\{\{.*?\}\}", "Millbrook", written))
            yield _text(f"privacy page, paragraph {number}", language, plain)


def _services() -> Iterator[BotText]:
    content = yaml.safe_load((ROOT / "city/services.yml").read_text(encoding="utf-8"))
    for service in content["services"]:
        texts = {"en": service.get("description", ""), **(service.get("descriptions") or {})}
        for language, written in texts.items():
            if written:
                yield _text(f"city/services.yml: {service['service_code']}", language, written)


def _leaves(entry: Any, where: str) -> Iterator[tuple[str, str, str]]:
    if not isinstance(entry, dict):
        return
    for key, value in entry.items():
        if key in VALUES and isinstance(value, str):
            yield where, str(key), value
        else:
            yield from _leaves(value, f"{where}.{key}")


def _strings(entry: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(entry, str):
        yield where, entry
    elif isinstance(entry, dict):
        for key, value in entry.items():
            yield from _strings(value, f"{where}.{key}")
    elif isinstance(entry, list):
        for number, value in enumerate(entry):
            yield from _strings(value, f"{where}[{number}]")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))
