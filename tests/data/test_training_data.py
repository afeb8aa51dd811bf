"""What data/nlu must keep to: complete, no text under two intents, nothing that Rasa would misread.

Counts and duplicates are checked here because Rasa only warns about them in a training log.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
# added.yml is written by `townline training`, which has checks of its own (tests/training).
TOPICS = sorted(path for path in (ROOT / "data" / "nlu").glob("*.yml") if path.name != "added.yml")
CATALOG = ROOT / "city" / "services.yml"

MINIMUM_PER_REPORT = 90
MINIMUM_PER_INTENT = 40
EMERGENCY_MINIMUM = 300
# Broad matters: what residents write about most, next to what a form is for.
MINIMUM_PER_BROAD_MATTER = 120
BROAD_MATTERS = frozenset(
    {
        "animal_matter",
        "bike_transit",
        "health_matter",
        "housing_landlord",
        "noise",
        "out_of_scope",
        "park_request",
        "police_matter",
        "private_property",
    }
)
LEAST_INTENTS = 75
# An answer to "which one?" has few wordings, and buttons carry most of them.
MINIMUM_EXCEPTIONS = {"choose_place": 25}
TALK_INTENTS = frozenset(
    {
        "add_information",
        "affirm",
        "animal_matter",
        "ask_city_process",
        "ask_events",
        "ask_hours",
        "ask_status",
        "benefits_question",
        "bike_transit",
        "billing_question",
        "cancel",
        "change_language",
        "choose_place",
        "complaint_staff",
        "correction",
        "court_matter",
        "deny",
        "elected_official",
        "emergency",
        "find_service",
        "follow_request",
        "frustration",
        "goodbye",
        "greet",
        "health_matter",
        "homelessness",
        "housing_landlord",
        "immigration_question",
        "insult",
        "job_question",
        "legal_question",
        "new_resident",
        "noise",
        "not_fixed",
        "other_city_matter",
        "out_of_scope",
        "park_request",
        "permit_question",
        "person",
        "police_matter",
        "politics",
        "praise",
        "press_inquiry",
        "private_property",
        "provide_place",
        "records_request",
        "restart_over",
        "same_place",
        "school_matter",
        "small_talk",
        "stop_messages",
        "tax_question",
        "thanks",
        "traffic_request",
        "utility_company",
        "voting_question",
        "who_are_you",
    }
)
# Set by the channel or by a button; a text trained for one would reach the dialogue without its values.
NEVER_TRAINED = frozenset({"not_sure", "choose_service", "share_photo", "share_location"})
ENTITIES = frozenset({"place", "request_number", "date"})
SPANISH = re.compile(
    r"[áéíóúñ¿¡]|\b(el|la|los|las|mi|mis|un|una|uno|hay|si|por|de|que|se|me|le|lo|en|con|"
    r"no (es|hay|me|lo|se|sirve)|esta|este|ese|eso|ya|gracias|muy|buenas|buenos|hola|quiero|persona|para|"
    r"todo|bueno|claro|nada|cancelar|salir|inicio|otro|otra|mismo|misma|donde|correcto|perfecto|primero|"
    r"primera|segundo|ultima)\b"
)
ENGLISH = re.compile(r"\b(the|is|my|it|not|that|to|on|and|of|you|please|do|i|are|for)\b")
MARKED_UP = re.compile(r"\[([^\[\]]+)\]\(([^()]*)\)")


def report_intents() -> set[str]:
    catalog = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    return {f"report_{service['service_code']}" for service in catalog["services"]}


@functools.cache
def blocks(topic: Path) -> list[dict[str, str]]:
    return list(yaml.safe_load(topic.read_text(encoding="utf-8"))["nlu"])


def lines(block: dict[str, str]) -> list[str]:
    return [line.removeprefix("- ") for line in block["examples"].splitlines()]


def examples() -> list[tuple[str, str]]:
    return [
        (block["intent"], example)
        for topic in TOPICS
        for block in blocks(topic)
        if "intent" in block
        for example in lines(block)
    ]


def folded(example: str) -> str:
    """The example without markup, case and punctuation; a text of emoji alone stays as it is."""
    plain = unicodedata.normalize("NFKC", MARKED_UP.sub(r"\1", example)).casefold()
    return re.sub(r"[\W_]+", " ", plain).strip() or plain.strip()


def is_spanish(text: str) -> bool:
    """A rough look: Spanish letters or small words, and none that only English has."""
    plain = MARKED_UP.sub(r"\1", text).casefold()
    return bool(SPANISH.search(plain)) and not ENGLISH.search(plain)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.stem)
def test_topic_is_rasa_3_1_with_one_example_a_line(topic: Path) -> None:
    document = yaml.safe_load(topic.read_text(encoding="utf-8"))
    assert document["version"] == "3.1"
    assert set(document) == {"version", "nlu"}
    for block in document["nlu"]:
        assert set(block) in ({"intent", "examples"}, {"lookup", "examples"})
        for line in block["examples"].splitlines():
            assert line.startswith("- "), line
            assert line[2:].strip() == line[2:], line
            assert len(line) > 2, block


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.stem)
def test_topic_holds_nothing_that_rasa_expands_or_misreads(topic: Path) -> None:
    text = topic.read_text(encoding="utf-8")
    assert "${" not in text, "Rasa expands it from the environment"
    assert not re.search(r"^\s*(rules|stories)\s*:", text, re.MULTILINE), (
        "Rasa takes the file for dialogue data"
    )


def test_an_intent_stands_in_one_file_only() -> None:
    homes = defaultdict(list)
    for topic in TOPICS:
        for block in blocks(topic):
            homes[block.get("intent", f"lookup {block.get('lookup')}")].append(topic.name)
    assert {intent: names for intent, names in homes.items() if len(names) > 1} == {}


def test_every_intent_is_there_with_enough_examples() -> None:
    counts = Counter(intent for intent, _ in examples())
    expected = dict.fromkeys(report_intents(), MINIMUM_PER_REPORT)
    expected |= dict.fromkeys(TALK_INTENTS, MINIMUM_PER_INTENT)
    expected |= dict.fromkeys(BROAD_MATTERS, MINIMUM_PER_BROAD_MATTER)
    expected |= {"emergency": EMERGENCY_MINIMUM} | MINIMUM_EXCEPTIONS
    assert len(expected) >= LEAST_INTENTS
    assert set(counts) == set(expected)
    assert {intent: counts[intent] for intent, least in expected.items() if counts[intent] < least} == {}
    assert not set(counts) & NEVER_TRAINED


def test_no_text_is_repeated() -> None:
    seen: dict[str, str] = {}
    repeated = []
    for intent, example in examples():
        key = folded(example)
        if key in seen:
            repeated.append((seen[key], intent, example))
        seen[key] = intent
    assert repeated == []


def test_no_example_is_empty_or_a_command() -> None:
    wrong = [example for _, example in examples() if not folded(example) or example.startswith("/")]
    assert wrong == [], "Rasa takes a leading slash for an intent"


def test_markup_names_known_entities_and_defines_no_synonyms() -> None:
    wrong = []
    for _, example in examples():
        names = {match.group(2) for match in MARKED_UP.finditer(example)}
        rest = MARKED_UP.sub("", example)
        if not names <= ENTITIES or "[" in rest or "]" in rest or "{" in example:
            wrong.append(example)
    assert wrong == []


def test_looked_up_places_are_places_of_the_city() -> None:
    known = (ROOT / "city" / "places" / "streets.geojson").read_text(encoding="utf-8")
    known += (ROOT / "city" / "places" / "gazetteer.csv").read_text(encoding="utf-8")
    lookups = [block for topic in TOPICS for block in blocks(topic) if "lookup" in block]
    places = [line for block in lookups for line in lines(block)]
    full_names = [name for name in places if not re.search(r" (St|Ave|Ln|Rd|Dr|Blvd|Pkwy|Pl)$", name)]
    assert len(full_names) > 100
    assert [name for name in full_names if name not in known] == []


@pytest.mark.parametrize("intent", sorted(TALK_INTENTS))
def test_every_intent_of_talk_is_taught_in_spanish_too(intent: str) -> None:
    texts = [example for name, example in examples() if name == intent]
    assert sum(1 for text in texts if is_spanish(text)) >= MINIMUM_EXCEPTIONS.get(intent, 20) * 2 // 3


def test_domain_and_rules_know_every_intent() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    assert len(domain) == len(set(domain))
    assert {intent for intent, _ in examples()} | NEVER_TRAINED == set(domain) - {"choose_value"}
    heard = [
        step["intent"]
        for path in sorted((ROOT / "data" / "rules").glob("*.yml"))
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
        for step in rule["steps"][0].get("or", rule["steps"][:1])
    ]
    assert sorted(heard) == sorted(domain)
