"""Makes the intent of a city's service out of the catalogue, where nobody wrote examples for it.

A city that adds a service to city/services.yml gives a handful of keywords and phrases. Said in the ways in
which residents report anything else, they are enough for a first model; examples of one's own, as they come
in, replace them. Only training does this: no file of the city is changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ENOUGH = 12
"""Examples of one's own from which on none are made."""

_MOST = 90
_OPENING = re.compile(r"^\s*-\s*intent:\s*[\"']?([\w/]+)")
_EXAMPLE = re.compile(r"^\s*-\s")
_OTHER = re.compile(
    r"^\s*-\s*(lookup|synonym|regex|rule|story|action|active_loop|slot_was_set|or|checkpoint):"
)

_SAID_OF_A_THING = (
    "{thing}",
    "{thing} {place}",
    "{thing} - {place}",
    "report {thing}",
    "i want to report {thing} {place}",
    "Hi, there is a problem with {thing} near my house",
    "there's {thing} {place} again, can someone take care of it",
    "please do something about {thing} {place}!!",
    "{thing} problem {place}, it has been like this for days",
    "who do i call about {thing}",
    "{thing}. {place}. Been like that since last week.",
    "Requesting a pickup or repair: {thing} {place}",
)
_DICHO_DE_UNA_COSA = (
    "{thing}",
    "{thing} {place}",
    "quiero reportar {thing} {place}",
    "hola, hay {thing} {place}",
    "por favor arreglen esto: {thing} {place}",
    "{thing} otra vez {place}, ya van varios días",
    "hay muchos problemas con {thing} {place}",
    "buenas, {thing} está estorbando el paso {place}",
    "¿a quién le aviso de {thing}?",
    "{thing}. {place}. Lleva así una semana",
)
_SAID_OF_A_SENTENCE = (
    "{phrase}",
    "{phrase} {place}",
    "Hello, {phrase}",
    "{phrase}, please send someone",
    "{phrase}!!! this is the third time",
    "{phrase} and nobody does anything about it {place}",
    "I want to report that {phrase}",
    "my neighbor told me {phrase} {place}",
)
_PLACES = (
    "on Elm Street",
    "at 214 Oak Ave",
    "by the library",
    "near 5th and Main",
    "in front of my building",
    "at the park",
    "on the corner of Cedar and 2nd",
    "downtown",
)
_LUGARES = ("en la calle Elm", "frente a mi casa", "en la esquina de Main y 3rd", "cerca de la escuela")
_SPANISH = re.compile(
    r"[áéíóúñ¿¡]|\b(el|la|los|las|un|una|hay|en|de|del|no|con|mi|calle|esta|estan|por|se|roto|rota|rotos|"
    r"sucio|sucia|basura|banqueta|acera)\b",
    re.IGNORECASE,
)


def unwritten(services: Iterable[dict[str, Any]], files: Iterable[Path]) -> list[dict[str, Any]]:
    """Return those services that have words of their own but fewer than ENOUGH examples in `files`."""
    counts = _counts(files)
    return [
        service
        for service in services
        if counts[intent_of(service)] < ENOUGH and (service.get("keywords") or service.get("phrases"))
    ]


def intent_of(service: dict[str, Any]) -> str:
    """Return the intent that stands for a service."""
    return f"report_{service['code']}"


def examples_for(service: dict[str, Any]) -> list[str]:
    """Return the sentences that are made of a service's keywords and phrases, the same ones every time."""
    made: list[str] = []
    things = [str(word) for word in (*service.get("names", ()), *service.get("keywords", ()))]
    for number, phrase in enumerate(map(str, service.get("phrases", ()))):
        plain = phrase.strip().rstrip(".!?")
        lowered = plain[:1].lower() + plain[1:]
        if _SPANISH.search(plain):
            made += [phrase, lowered, *(f"{lowered} {place}" for place in _LUGARES), f"hola, {lowered}"]
            continue
        made.append(phrase)
        made += _filled(_SAID_OF_A_SENTENCE, {"phrase": lowered}, _PLACES, number)
        made.append(plain.upper())
    for number, thing in enumerate(things):
        spanish = bool(_SPANISH.search(thing))
        forms, places = (_DICHO_DE_UNA_COSA, _LUGARES) if spanish else (_SAID_OF_A_THING, _PLACES)
        made += _filled(forms, {"thing": thing}, places, number)
    # Rasa would read brackets as markup, and a dash or blank at the edge is not read back.
    plain_made = (re.sub(r"[\[\]{}\s]+", " ", text).strip(" -/") for text in made)
    return [text for text in dict.fromkeys(plain_made) if text][:_MOST]


def _filled(forms: Iterable[str], given: dict[str, str], places: tuple[str, ...], turn: int) -> list[str]:
    return [
        form.format(**given, place=places[(turn * 3 + number) % len(places)])
        for number, form in enumerate(forms)
    ]


def write_data(services: list[dict[str, Any]], taken: set[str], folder: Path) -> Path:
    """Write what is made for `services` as a data file, without sentences that are `taken` elsewhere."""
    blocks = []
    for service in services:
        lines = [text for text in examples_for(service) if " ".join(text.lower().split()) not in taken]
        examples = "".join(f"      - {line}\n" for line in lines)
        blocks.append(f"  - intent: {intent_of(service)}\n    examples: |\n{examples}")
    path = folder / "made.yml"
    path.write_text('version: "3.1"\n\nnlu:\n' + "".join(blocks), encoding="utf-8")
    return path


def write_rules(services: list[dict[str, Any]], folder: Path) -> Path:
    """Write the rule that lets each of these services open the report, as data/rules/report.yml does."""
    rules = "".join(
        f"  - rule: a report of {service['code']}, out of the catalogue\n    steps:\n"
        f"      - intent: {intent_of(service)}\n"
        "      - action: report_form\n      - active_loop: report_form\n"
        for service in services
    )
    path = folder / "made_rules.yml"
    path.write_text(f'version: "3.1"\n\nrules:\n{rules}', encoding="utf-8")
    return path


def write_domain(domain: Path, services: list[dict[str, Any]], folder: Path) -> Path:
    """Return a domain that knows the services' intents too: a folder of the city's own and what is added."""
    target = folder / "domain"
    target.mkdir()
    for number, file in enumerate(sorted(domain.rglob("*.yml")) if domain.is_dir() else [domain]):
        (target / f"{number}.yml").write_bytes(file.read_bytes())
    intents = "".join(f"  - {intent_of(service)}\n" for service in services)
    (target / "made.yml").write_text(f'version: "3.1"\n\nintents:\n{intents}', encoding="utf-8")
    return target


def sha256_of_made(services: list[dict[str, Any]]) -> str:
    """Return one hash over everything that is made for `services`."""
    made = [[intent_of(service), examples_for(service)] for service in services]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest() if made else ""


def _counts(files: Iterable[Path]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for file in files:
        intent = ""
        for line in file.read_text(encoding="utf-8", errors="replace").split("\n"):
            opening = _OPENING.match(line)
            if opening:
                intent = opening[1]
            elif _OTHER.match(line):
                intent = ""
            elif intent and _EXAMPLE.match(line):
                counts[intent] += 1
    return counts
