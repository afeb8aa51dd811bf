"""The services that residents can ask for, as `city/services.yml` defines them, in Open311's words.

A service's code is what the rest of the system passes around; its name is what residents read. What it is not
for: the requests themselves, see `service.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from bot.engagement import marked_yaml
from bot.engagement.marked_yaml import MarkedYaml, Strict
from bot.engagement.wording import LANGUAGES, words
from bot.errors import ConfigError, NotFound

BENCHMARK_LABELS = (
    "pothole_road",
    "dumping_debris",
    "missed_trash",
    "tree",
    "street_light",
    "sign_marking",
    "vehicle_parking",
    "sidewalk",
    "traffic_signal",
    "drainage_water",
    "overgrown_grass",
    "graffiti",
)
"""The categories of the measuring data; a service with none of them says `null`."""

LONGEST_VALUE = 2_000
"""Characters of one attribute's value."""

type Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
type Text = Annotated[str, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
type Translations = dict[str, Text]
"""Texts by language code, English first among them unless the field beside it holds the English."""


class Value(Strict):
    """One answer of a list attribute. `key` is stored, `name` is shown."""

    key: Code
    name: Text
    names: Translations = Field(default_factory=dict)

    def label(self, language: str) -> str:
        """Return the name in that language, English where there is none."""
        return self.names.get(language, self.name)


class Attribute(Strict):
    """One question of a service; `description` is the question as it is asked."""

    variable: bool = True
    code: Code
    datatype: Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
    required: bool = False
    datatype_description: Text | None = None
    order: int = Field(ge=1)
    description: Text
    descriptions: Translations
    values: tuple[Value, ...] = ()

    def question(self, language: str) -> str:
        """Return the question in that language, English where there is none."""
        return self.descriptions.get(language, self.description)


class Service(Strict):
    """One kind of problem or wish. Fields that Open311 does not have: see docs/city-folder.md."""

    service_code: Code
    service_name: Text
    names: Translations
    description: Text
    descriptions: Translations
    keywords: tuple[Text, ...]
    phrases: tuple[Text, ...] = ()
    metadata: bool
    type: Literal["realtime", "batch", "blackbox"] = "realtime"
    group: Text
    benchmark_label: str | None
    department: Text
    crew: Translations
    expected_working_days: int = Field(ge=0, le=365)
    urgent: bool = False
    photo_useful: bool = True
    place_question: Translations = Field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()

    def name(self, language: str) -> str:
        """Return the name in that language, English where there is none."""
        return self.names.get(language, self.service_name)

    def crew_name(self, language: str) -> str:
        """Return who usually does the work, as a sentence begins: "The street crew"."""
        return self.crew.get(language, self.crew["en"])

    def questions(self) -> tuple[Attribute, ...]:
        """Return the attributes that must be answered before a request is filed, in their order."""
        return tuple(attribute for attribute in self.attributes if attribute.required and attribute.variable)

    def check_attributes(self, given: Mapping[str, object], *, complete: bool = True) -> list[str]:
        """Return what is wrong with these answers, one sentence each; nothing when all is right.

        Args:
            given: answers by attribute code.
            complete: whether a missing required answer is a fault.
        """
        known = {attribute.code: attribute for attribute in self.attributes if attribute.variable}
        faults = [f"{self.service_code} has no attribute {code!r}" for code in given if code not in known]
        for code, attribute in known.items():
            if code in given:
                faults += _value_faults(attribute, given[code])
            elif complete and attribute.required:
                faults.append(f"{self.service_code} needs the attribute {code!r}")
        return faults


class _File(Strict):
    version: str
    services: tuple[Service, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Catalog:
    """Every service of the city, in the file's order."""

    version: str
    services: tuple[Service, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `services.yml`; the whole file is refused if anything in it is wrong.

        Raises:
            ConfigError: lists every fault with its line.
        """
        marked = marked_yaml.read(path)
        file = marked_yaml.shaped(_File, marked)
        faults = [marked.fault(place, text) for place, text in _contradictions(file, marked)]
        if faults:
            raise ConfigError(faults)
        return cls(file.version, file.services)

    @cached_property
    def _by_code(self) -> dict[str, Service]:
        return {service.service_code: service for service in self.services}

    @cached_property
    def _phrases(self) -> list[tuple[tuple[str, ...], Service]]:
        return [
            (tuple(words(phrase)), service)
            for service in self.services
            for phrase in (*service.keywords, service.service_name, *service.names.values())
        ]

    def service(self, code: str) -> Service:
        """Return the service of that code.

        Raises:
            NotFound: there is none.
        """
        try:
            return self._by_code[code]
        except KeyError:
            raise NotFound(f"no service {code!r} in services.yml") from None

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def all(self) -> tuple[Service, ...]:
        """Return every service, in the file's order."""
        return self.services

    def by_keyword(self, text: str) -> tuple[Service, ...]:
        """Return the services that a keyword in the text names, those with the most words matched first."""
        said = f" {' '.join(words(text))} "
        matched: dict[str, int] = {}
        for phrase, service in self._phrases:
            if f" {' '.join(phrase)} " in said:
                matched[service.service_code] = matched.get(service.service_code, 0) + len(phrase)
        ranked = sorted(matched, key=lambda code: -matched[code])
        return tuple(self._by_code[code] for code in ranked)


def _contradictions(file: _File, marked: MarkedYaml) -> Iterator[tuple[marked_yaml.Place, str]]:
    seen: dict[str, int] = {}
    for index, service in enumerate(file.services):
        place: marked_yaml.Place = ("services", index)
        code = service.service_code
        if code in seen:
            yield (
                (*place, "service_code"),
                f"{code} stands on line {marked.line(('services', seen[code]))} already",
            )
        seen.setdefault(code, index)
        if service.benchmark_label is not None and service.benchmark_label not in BENCHMARK_LABELS:
            yield (*place, "benchmark_label"), f"unknown label; one of {', '.join(BENCHMARK_LABELS)}, or null"
        if service.metadata != bool(service.attributes):
            right = "true" if service.attributes else "false"
            yield (*place, "metadata"), f"must be {right}: it says whether the service has attributes"
        for field in ("names", "descriptions"):
            yield from _missing_languages((*place, field), getattr(service, field), LANGUAGES[1:])
        yield from _missing_languages((*place, "crew"), service.crew, LANGUAGES)
        if service.place_question:
            yield from _missing_languages((*place, "place_question"), service.place_question, LANGUAGES)
        yield from _attribute_contradictions(service, place)


def _attribute_contradictions(
    service: Service, place: marked_yaml.Place
) -> Iterator[tuple[marked_yaml.Place, str]]:
    codes: set[str] = set()
    orders: set[int] = set()
    for index, attribute in enumerate(service.attributes):
        here = (*place, "attributes", index)
        if attribute.code in codes:
            yield (*here, "code"), "this code is used twice in the service"
        if attribute.order in orders:
            yield (*here, "order"), "each attribute of a service needs its own order"
        codes.add(attribute.code)
        orders.add(attribute.order)
        yield from _missing_languages((*here, "descriptions"), attribute.descriptions, LANGUAGES[1:])
        if attribute.datatype.endswith("list") != bool(attribute.values):
            yield (*here, "values"), "a list attribute needs values, any other has none"
        for number, value in enumerate(attribute.values):
            yield from _missing_languages((*here, "values", number, "names"), value.names, LANGUAGES[1:])
        if len({value.key for value in attribute.values}) != len(attribute.values):
            yield (*here, "values"), "a key is used twice"


def _missing_languages(
    place: marked_yaml.Place, texts: Mapping[str, str], needed: tuple[str, ...]
) -> Iterator[tuple[marked_yaml.Place, str]]:
    missing = [language for language in needed if language not in texts]
    if missing:
        yield place, f"no text in: {', '.join(missing)}"


def _value_faults(attribute: Attribute, given: object) -> list[str]:
    keys = {value.key for value in attribute.values}
    code = attribute.code
    match attribute.datatype:
        case "singlevaluelist":
            wrong = not isinstance(given, str) or given not in keys
        case "multivaluelist":
            wrong = not isinstance(given, list | tuple) or not given or not keys.issuperset(map(str, given))
        case "number":
            wrong = not isinstance(given, int | float) or isinstance(given, bool)
        case _:
            wrong = not isinstance(given, str) or not given.strip() or len(given) > LONGEST_VALUE
    if not wrong:
        return []
    if keys:
        count = "one" if attribute.datatype == "singlevaluelist" else "some"
        return [f"{code} must be {count} of {sorted(keys)}"]
    kind = "number" if attribute.datatype == "number" else f"text of at most {LONGEST_VALUE} characters"
    return [f"{code} must be a {kind}"]
