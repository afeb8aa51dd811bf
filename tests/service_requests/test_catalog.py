"""The catalog of services: what the city's file says, and that a wrong file is refused whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ConfigError, NotFound
from bot.service_requests.catalog import BENCHMARK_LABELS, Catalog

CITY_FILE = Path(__file__).parents[2] / "city" / "services.yml"

LAMP = """\
version: "1"
services:
  - service_code: lamp
    service_name: Lamp
    names: {es: Lámpara}
    description: A lamp.
    descriptions: {es: Una lámpara.}
    keywords: [lamp, lamp post]
    metadata: true
    group: Streets
    benchmark_label: null
    department: Lighting
    crew: {en: The crew, es: La cuadrilla}
    expected_working_days: 3
    attributes:
      - code: color
        datatype: singlevaluelist
        required: true
        order: 2
        description: Which color?
        descriptions: {es: "¿Qué color?"}
        values:
          - {key: red, name: Red, names: {es: Rojo}}
      - code: note
        datatype: string
        order: 1
        description: Anything else?
        descriptions: {es: "¿Algo más?"}
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Catalog]:
    def load(text: str) -> Catalog:
        path = tmp_path / "services.yml"
        path.write_text(text, encoding="utf-8")
        return Catalog.load(path)

    return load


def test_city_file_offers_the_agreed_services_in_both_languages() -> None:
    catalog = Catalog.load(CITY_FILE)

    assert len(catalog.all()) == 21
    assert {service.benchmark_label for service in catalog.all()} == {*BENCHMARK_LABELS, None}
    assert catalog.service("pothole").name("es") == "Bache"
    assert catalog.service("pothole").name("fr") == "Pothole"
    assert catalog.service("pothole").crew_name("en") == "The street crew"


def test_hardly_any_service_asks_more_than_where() -> None:
    questions = {service.service_code: service.questions() for service in Catalog.load(CITY_FILE).all()}

    assert {code for code, asked in questions.items() if asked} == {
        "missed_collection",
        "bulk_pickup",
        "abandoned_vehicle",
    }
    assert max(len(asked) for asked in questions.values()) == 1


def test_unknown_service_is_not_found() -> None:
    with pytest.raises(NotFound, match="unicorn"):
        Catalog.load(CITY_FILE).service("unicorn")


def test_keywords_are_found_without_case_and_accents_as_whole_words() -> None:
    catalog = Catalog.load(CITY_FILE)

    assert [service.service_code for service in catalog.by_keyword("ARBOL Caído en mi calle")] == ["tree"]
    assert catalog.by_keyword("she rated the ratatouille") == ()


def test_every_fault_is_listed_with_its_line_and_entry(load: Callable[[str], Catalog]) -> None:
    wrong = (
        LAMP.replace("    metadata: true", "    metadata: false")
        .replace("benchmark_label: null", "benchmark_label: moon")
        .replace('descriptions: {es: "¿Algo más?"}', "descriptions: {}")
    )

    with pytest.raises(ConfigError) as caught:
        load(wrong)

    assert len(caught.value.faults) == 3
    assert "services.yml, line 9, lamp, services.metadata: must be true" in str(caught.value)
    assert "line 11, lamp" in str(caught.value)
    assert "line 28, note" in str(caught.value)


def test_unknown_key_is_refused_with_advice(load: Callable[[str], Catalog]) -> None:
    with pytest.raises(
        ConfigError, match=r"line 8, lamp, services\.keyword: unknown key; did you mean 'keywords'"
    ):
        load(LAMP.replace("keywords:", "keyword:"))


def test_a_code_used_twice_is_refused(load: Callable[[str], Catalog]) -> None:
    once = LAMP.split("services:\n", 1)[1]

    with pytest.raises(ConfigError, match="lamp stands on line 3 already"):
        load(LAMP + once)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "line 1: the file is empty"),
        ("services: [1", "not readable as YAML"),
        ("a: &x [1]\nb: *x\n", "line 1: anchors"),
        ("version: '1'\nversion: '2'\n", "line 2: 'version' stands here a second time"),
        ("[" * 30 + "]" * 30, "nested more than 20 levels"),
        ("x: " + "y" * 1_000_001, "larger than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_plain_yaml_is_refused(
    load: Callable[[str], Catalog], text: str, fault: str
) -> None:
    with pytest.raises(ConfigError, match=fault):
        load(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"services\.yml: cannot be read"):
        Catalog.load(tmp_path / "services.yml")


def test_yaml_words_stay_words(load: Callable[[str], Catalog]) -> None:
    catalog = load(LAMP.replace("department: Lighting", "department: no").replace("lamp post", "8:30"))

    assert catalog.service("lamp").department == "no"
    assert catalog.service("lamp").keywords == ("lamp", "8:30")


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"color": "red"}, []),
        ({"color": "red", "note": "by the door"}, []),
        ({}, ["lamp needs the attribute 'color'"]),
        ({"color": "blue"}, ["color must be one of ['red']"]),
        ({"color": ["red"]}, ["color must be one of ['red']"]),
        ({"color": "red", "size": 1}, ["lamp has no attribute 'size'"]),
        ({"color": "red", "note": "  "}, ["note must be a text of at most 2000 characters"]),
        ({"color": "red", "note": "x" * 2001}, ["note must be a text of at most 2000 characters"]),
    ],
)
def test_answers_are_checked_against_the_attributes(
    load: Callable[[str], Catalog], given: dict[str, object], faults: list[str]
) -> None:
    assert load(LAMP).service("lamp").check_attributes(given) == faults


def test_incomplete_answers_can_be_checked_too(load: Callable[[str], Catalog]) -> None:
    assert load(LAMP).service("lamp").check_attributes({}, complete=False) == []
