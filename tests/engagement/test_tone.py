"""How a text is measured: grade, promises, words, greeting, signs; short texts; no network."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from bot.engagement import reading_grade, rulesets, tone
from bot.engagement.keywords import KeywordIndex, Keywords, parse
from bot.engagement.policy import ToneRules
from bot.engagement.syllables import syllables
from bot.engagement.tone import Writer
from tests.engagement.bot_texts import ROOT

RULES = ToneRules(
    promises=("we guarantee", "i promise", "we will fix + tomorrow", "te prometo"),
    legal_advice=("you should sue",),
    forbidden=("calm down",),
    greeting={"en": ("hi", "hello", "good morning"), "es": ("hola",)},
    signature="{name}, {department}",
    emoji=("⚠",),
    advice={"promise": "Say the date on the clock."},
)
CITY = rulesets.load(ROOT / "city").policy.tone

EASY = {
    "en": "The cat sat on the mat. It was a warm day. We went to the shop and got some milk.",
    "es": "El gato duerme en la casa. Hoy hace sol. Vamos a la tienda y compramos pan.",
}
OFFICIAL = {
    "en": (
        "Notwithstanding the foregoing, residents are hereby advised that applications submitted subsequent "
        "to the aforementioned deadline will be considered only at the discretion of the administering "
        "department. Supplementary documentation substantiating eligibility must accompany every application."
    ),
    "es": (
        "Sin perjuicio de lo anteriormente expuesto, se comunica a los interesados que las solicitudes "
        "presentadas con posterioridad al vencimiento del plazo establecido serán consideradas a discreción "
        "del departamento administrativo correspondiente. La documentación acreditativa es obligatoria."
    ),
}


def flags(text: str, rules: ToneRules = RULES, language: str = "en", **more: object) -> list[str]:
    return [finding.flag for finding in tone.check(text, rules, language, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("cat", "en", 1), ("water", "en", 2), ("library", "en", 3), ("automatic", "en", 4), ("CITY", "en", 2),
        ("called", "en", 1), ("reported", "en", 3), ("table", "en", 2), ("people", "en", 2),
        ("sidewalk", "en", 2), ("4:30", "en", 1), ("re-open", "en", 3), ("places", "en", 2),
        ("calle", "es", 2), ("ciudad", "es", 2), ("día", "es", 2), ("guerra", "es", 2), ("pingüino", "es", 3),
        ("aéreo", "es", 4), ("reunión", "es", 2), ("ley", "es", 1), ("automático", "es", 5),
        ("país", "es", 2), ("", "en", 1), ("🙂", "es", 1),
    ],
)  # fmt: skip
def test_syllables(word: str, language: str, count: int) -> None:
    assert syllables(word, language) == count


@pytest.mark.parametrize("language", ["en", "es"])
def test_plain_and_official_language_are_told_apart(language: str) -> None:
    assert reading_grade.grade(EASY[language], language) < 4
    assert reading_grade.grade(OFFICIAL[language], language) > 14
    assert "hard_to_read" in flags(OFFICIAL[language], CITY, language)


def test_the_formula_is_flesch_kincaid() -> None:
    # 30 words of one syllable in three sentences of ten: 0.39 × 10 + 11.8 × 1 − 15.59.
    sentence = "we can see the red car that went down here. "
    assert reading_grade.grade(sentence * 3, "en") == pytest.approx(0.39 * 10 + 11.8 - 15.59)


def test_the_spanish_score_falls_into_the_school_years_of_its_own_table() -> None:
    years = [reading_grade.school_year(score) for score in (120, 100, 90, 80, 70, 60, 50, 30, 0, -50)]
    assert years == [3, 3, 4, 5, 6, 8, 11, 14, 17, 17]
    assert reading_grade.school_year(65) == 7


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Unfortunately closed.", "en"),
        ("Documentation required.", "en"),
        ("OK.", "en"),
        ("Asistente automático.", "es"),
        ("Reportarlo inmediatamente.", "es"),
        ("Elizabeth Montgomery, Neighborhood Services", "en"),
    ],
)
def test_a_few_long_words_do_not_make_a_short_text_hard(text: str, language: str) -> None:
    assert reading_grade.grade(text, language) <= 8
    assert "hard_to_read" not in flags(text, CITY, language)


def test_a_long_sentence_is_found_among_short_ones_and_underlined() -> None:
    long = (
        "We have looked at what you sent and it seems to us that the light which you told us of is one of "
        "those that the company and not the city looks after so that we must ask and wait for what they say."
    )
    text = f"Hi. Thanks. {long} Bye. See you. We are here. Write to us. Call us."
    (found,) = [f for f in tone.check(text, RULES, "en") if f.flag == "hard_to_read"]
    assert text[found.start : found.end] == found.found == long


def test_units_of_speech_end_where_flesch_ended_them() -> None:
    text = "Call 555-0100; ask for Ana: she knows. Is it open at 4:30 p.m. today? See https://a.example/b.c!"
    said = [text[s.start : s.end].strip() for s in reading_grade.sentences(text, "en")]
    assert said == [
        "Call 555-0100;",
        "ask for Ana:",
        "she knows.",
        "Is it open at 4:30 p.m. today?",
        "See https://a.example/b.c!",
    ]


def test_promises_words_and_signs_are_found_where_they_stand() -> None:
    text = "Hi, please calm down 🎉. We will come and fix it; I PROMISE. You should sue them ⚠"
    found = {finding.flag: finding.found for finding in tone.check(text, RULES, "en")}
    assert found == {
        "forbidden_word": "calm down",
        "emoji": "🎉",
        "promise": "I PROMISE",
        "legal_advice": "You should sue",
    }
    (promise,) = [f for f in tone.check("Te   prometo que sí", RULES, "es") if f.flag == "promise"]
    assert (promise.found, promise.advice, promise.clause) == (
        "Te   prometo",
        "Say the date on the clock.",
        "tone.promise",
    )
    assert flags("We will fix the big hole tomorrow") == ["promise"]
    assert flags("We fix bikes. Tomorrow is free.") == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We will fix it tomorrow.", "en"),
        ("We guarantee it.", "en"),
        ("I promise you that.", "en"),
        ("Te prometo que sí.", "es"),
        ("Lo arreglaremos mañana.", "es"),
        ("Le garantizo que estará listo.", "es"),
    ],
)
def test_the_citys_own_list_knows_the_usual_promises(text: str, language: str) -> None:
    assert "promise" in flags(text, CITY, language)


def test_an_exception_of_the_list_is_no_promise() -> None:
    words = Keywords((parse("guarantee"),), (("cannot", "guarantee"),))
    rules = ToneRules(promises=("guarantee",), index=KeywordIndex.build({1: words}))
    assert flags("I cannot guarantee it.", rules) == []
    assert flags("I guarantee it.", rules) == ["promise"]


def test_a_first_answer_greets_and_says_who_writes() -> None:
    ana = Writer("Ana Ruiz", "Public Works")
    assert flags("The crew comes.", first_answer=ana) == ["no_greeting", "no_signature"]
    assert flags("Hi, Ana here. The crew comes.", first_answer=ana) == []
    assert flags("Hola. Va la cuadrilla. Ana", RULES, "es", first_answer=ana) == []
    assert flags("Anaheim says hi", first_answer=ana) == ["no_signature"]
    advice = [f.advice for f in tone.check("Hi.", RULES, "en", first_answer=ana)]
    assert advice == ["Say who you are: Ana Ruiz, Public Works."]
    assert Writer("Ana", "").signature("{name}, {department}") == "Ana"
    assert flags("The crew comes.") == []


def test_personal_data_is_named_only_where_the_caller_found_it() -> None:
    (found,) = tone.check("Call 555-0142.", RULES, "en", personal_data=[(5, 13)])
    assert (found.flag, found.found) == ("personal_data", "555-0142")


def test_signs_that_are_allowed_or_no_emoji_stay() -> None:
    assert flags("⚠ Stay away. ⚠️ 5 < 6 © 2026 “ok” — 20 °C ½") == []
    assert flags("👩‍🚒👍🏽", ToneRules(emoji=("any",))) == []
    assert flags("👩‍🚒") == ["emoji"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "…", "?!", "\x00", "\ud800", "a" * 4000, "a. " * 2000])
def test_odd_texts_are_measured_without_a_fault(text: str) -> None:
    for language in ("en", "es", "xx"):
        tone.check(text, CITY, language, first_answer=Writer("", ""))


def test_a_long_draft_is_checked_while_somebody_types() -> None:
    text = (OFFICIAL["en"] + " ") * 12
    tone.check(text, CITY, "en")
    started = time.perf_counter()
    tone.check(text[:4000], CITY, "en")
    assert time.perf_counter() - started < 0.1


def test_nothing_is_fetched_and_no_word_list_of_others_is_loaded() -> None:
    """In a process of its own, in which a socket is an error, as at a first run without a network."""
    program = (
        "import pytest_socket, sys; pytest_socket.disable_socket()\n"
        "from bot.engagement import tone\n"
        "from bot.engagement.policy import ToneRules\n"
        "tone.check('Unquestionably internationalisation.', ToneRules(), 'en')\n"
        "tone.check('Incuestionablemente internacional.', ToneRules(), 'es')\n"
        "assert not {'textstat', 'nltk', 'pyphen'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
