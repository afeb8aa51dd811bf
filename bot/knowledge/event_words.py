"""Which events fit what a resident asks for: "for kids", "something free", "live music"."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from bot.knowledge.stems import stem
from bot.knowledge.tokens import tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.knowledge.events import Event

# Words that residents use for one thing, and the words of calendars that count as it.
_MEANS = {
    "kids": "kids kid children child toddler toddlers baby babies daughter grandkids families family "
    "ninos nino ninas hijos bebe youth preschool",
    "teens": "teens teen teenager teenagers adolescentes jovenes tween",
    "seniors": "seniors senior elderly older retired grandma grandpa mayores ancianos",
    "free": "free gratis cheap gratuito gratuita",
    "music": "music concert concerts band musica concierto",
    "sports": "sports sport exercise fitness deporte deportes",
    "soccer": "soccer futbol",
    "meetings": "meetings meeting reunion reuniones",
    "council": "council concejo ayuntamiento",
    "market": "market markets mercado",
    "movie": "movie movies film pelicula cine",
    "story": "story stories storytime cuento cuentos",
    "book": "book books libro libros reading lectura",
    "spanish": "spanish espanol bilingual",
    "swim": "swim swimming pool nadar piscina alberca",
    "shot": "shot shots vaccine vaccines vacuna vacunas",
    "library": "library biblioteca",
}
_AUDIENCES = frozenset({"kids", "teens", "seniors"})
_MEANING_OF = {stem(word): key for key, words in _MEANS.items() for word in words.split()}
# Words of a question that say nothing about the event itself.
_EMPTY = frozenset(map(stem, [
    "what", "whats", "is", "are", "there", "theres", "any", "anything", "something", "going", "on",
    "happening", "happen", "event", "events", "activity", "activities", "do", "to", "for", "the", "a",
    "an", "in", "at", "of", "my", "me", "i", "we", "us", "our", "with", "and", "or", "this", "next",
    "weekend", "week", "today", "tonight", "tomorrow", "morning", "afternoon", "evening", "night", "day",
    "days", "month", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "can",
    "could", "you", "tell", "please", "show", "list", "know", "about", "around", "here", "town", "city",
    "millbrook", "near", "nearby", "hi", "hello", "hey", "im", "looking", "fun", "good", "stuff",
    "things", "thing", "take", "bring", "go", "gonna", "some", "have", "has", "need", "want", "would",
    "like", "will", "be", "it", "that", "coming", "up", "soon", "upcoming", "calendar", "january",
    "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "time", "spend", "out", "when", "where", "start", "starts", "que", "hay", "hoy", "manana",
    "este", "esta", "fin", "de", "semana", "para", "los", "las", "el", "la", "en", "un", "una", "algo",
    "evento", "eventos", "actividad", "actividades", "sabado", "domingo", "lunes", "martes", "miercoles",
    "jueves", "viernes", "noche", "tarde", "por", "proxima", "proximo", "mes", "se", "puede", "hacer",
    "mis", "con", "am", "pm", "noon", "all", "year", "old", "years", "olds", "age", "ages", "son", "hija",
    "hijo",
]))  # fmt: skip
_ALIKE = 88.0


def matching(events: list[Event], query: str) -> list[Event]:
    """The events that fit every thing asked for; all of them when nothing in particular is."""
    wanted = _wanted(query)
    if not wanted:
        return events
    fitting = [event for event in events if _fits(event, wanted)]
    if not fitting and "free" in wanted and len(wanted) > 1:
        # Nothing of the kind is free: what there is is shown with its cost.
        rest = [w for w in wanted if w != "free"]
        return [event for event in events if _fits(event, rest)]
    return fitting


def _wanted(query: str) -> list[str]:
    words = (stem(t.word) for t in tokenize(query[:600]) if t.word[0].isalpha())
    meant = (_MEANING_OF.get(w, w) for w in words if (w in _MEANING_OF or w not in _EMPTY) and len(w) > 2)
    return list(dict.fromkeys(meant))


def _fits(event: Event, wanted: Iterable[str]) -> bool:
    categories = frozenset[str]().union(*map(_words, event.categories))
    text = _words(event.name) | _words(event.description) | _words(event.place) | categories
    for word in wanted:
        if word == "free":
            fits = bool({"free", "grati"} & _words(event.cost))
        elif word in _AUDIENCES and categories:
            # Whom an event is for stands in its categories; a description mentions children in passing.
            fits = word in categories | _words(event.name)
        else:
            fits = word in text or _near(word, text)
        if not fits:
            return False
    return True


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    stems = (stem(t.word) for t in tokenize(text))
    return frozenset(_MEANING_OF.get(s, s) for s in stems)


def _near(word: str, words: frozenset[str]) -> bool:
    return len(word) > 4 and any(len(w) > 4 and fuzz.ratio(word, w) >= _ALIKE for w in words)
