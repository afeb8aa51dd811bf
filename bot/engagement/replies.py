"""The city's own sentences, `city/saved_replies.yml`: by key, language, and whether the office is open.

Values are put in by plain replacement, once: what a resident wrote is never read for placeholders.
What it is not for: the sentences of the dialogue, which are the actions'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from bot.engagement import marked_yaml
from bot.engagement.clauses import Decision
from bot.engagement.deadlines import Promise
from bot.engagement.marked_yaml import Place
from bot.engagement.wording import LANGUAGES
from bot.errors import ConfigError

PROMISED = frozenset({"by", "opening", "department", "minutes", "counter_hours", "details"})
"""Placeholders that a hand-over fills, see deadlines.Promise; `details` names what personal data was seen."""
PROMISES = frozenset({"by", "minutes"})
"""Those of them that say by when."""
MODERATED = frozenset({"rule", "appeal_to", "appeal_days", "block_days", "link", "by"})
"""What a notice about a comment fills: the rule's text, who hears an appeal and within how many days, the
block's length, where to appeal, by when an appeal is decided. Their keys begin with `moderation_`."""

EXPECTED: dict[str, frozenset[str]] = {
    "already_waiting": frozenset({"by"}),
    "already_waiting_overdue": frozenset(),
    "attachment_broken": frozenset(),
    "attachment_quota": frozenset(),
    "attachment_refused": frozenset(),
    "attachment_too_large": frozenset(),
    "attachment_too_many": frozenset(),
    "attachment_type": frozenset(),
    "choice_expired": frozenset(),
    "disclosure": frozenset(),
    "gave_back": frozenset({"name"}),
    "message_too_long": frozenset(),
    "moderation_appeal_overturned": MODERATED,
    "moderation_appeal_received": MODERATED,
    "moderation_appeal_upheld": MODERATED,
    "public_details_seen": frozenset({"details"}),
    "public_where_to_write": frozenset(),
    "public_write_first": frozenset({"link"}),
    "opted_in": frozenset(),
    "opted_out": frozenset(),
    "request_status": frozenset({"number", "service", "place", "status"}),
    "request_status_note": frozenset({"number", "service", "place", "status", "note"}),
    "slow_down": frozenset(),
    "took_over": frozenset({"name"}),
    "transferred": frozenset({"name", "department", "by"}),
    "unsupported_message": frozenset(),
    "untranslated": frozenset(),
}
"""Keys that the software itself says, with the values it gives. All other keys belong to clauses."""

VARIANTS = ("open", "closed")
LONGEST = 700
"""Characters of a reply; a text message to a phone has 1,600 at most."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class AboutEntry:
    """A sentence about an entry of the directory, by language, while it is open and while it is not."""

    service: str
    open: Mapping[str, str]
    closed: Mapping[str, str]


@dataclass(frozen=True)
class SavedReplies:
    """Every reply.

    Attributes:
        values: what the file itself fills placeholders with.
        texts: the texts by language, by key, or by key and variant ("hand_off.closed").
        staff: texts that staff may start from, by the word they type, by language.
        directory: sentences about entries of the directory, by the placeholder that they fill.
        foreign: one sentence each in languages that the city does not answer in, by ISO 639 code.
    """

    version: str
    values: Mapping[str, str]
    texts: Mapping[str, Mapping[str, str]]
    staff: Mapping[str, Mapping[str, str]]
    foreign: Mapping[str, str]
    directory: Mapping[str, AboutEntry]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `saved_replies.yml`; the whole file is refused if anything in it is wrong.

        Raises:
            ConfigError: lists every fault with its line.
        """
        marked = marked_yaml.read(path)
        content = marked.value if isinstance(marked.value, dict) else {}
        values, texts = content.get("values"), content.get("replies")
        if not isinstance(values, dict) or not isinstance(texts, dict):
            raise ConfigError([marked.fault((), "needs `version`, `values` and `replies`")])
        staff = content.get("staff") if isinstance(content.get("staff"), dict) else {}
        shown = {str(name): str(value) for name, value in values.items()}
        flat = dict(_flattened(texts))
        faults = [marked.fault(place, text) for place, text in _faults(content, shown, flat)]
        if faults:
            raise ConfigError(faults)
        return cls(
            str(content["version"]),
            shown,
            {".".join(place): entry for place, entry in flat.items()},
            staff or {},
            content.get("foreign") or {},
            {name: AboutEntry(**entry) for name, entry in (content.get("directory") or {}).items()},
        )

    def has(self, key: str) -> bool:
        """Tell whether there is such a reply, with or without variants."""
        return key in self.texts or f"{key}.open" in self.texts

    def promises(self, key: str) -> bool:
        """Tell whether every variant of the reply says by when somebody will answer."""
        variants = [self.texts[name] for name in (key, f"{key}.open", f"{key}.closed") if name in self.texts]
        return all(PROMISES & _placeholders(text) for texts in variants for text in texts.values())

    def left_open(self, key: str) -> frozenset[str]:
        """Return the placeholders of a reply, in every variant, that this file does not fill by itself."""
        variants = [self.texts[name] for name in (key, f"{key}.open", f"{key}.closed") if name in self.texts]
        used = {name for texts in variants for text in texts.values() for name in _placeholders(text)}
        return frozenset(used - set(self.values) - set(self.directory))

    def counts_minutes(self, key: str) -> bool:
        """Tell whether the reply says in how many minutes somebody answers, and not at what time."""
        variants = (self.texts.get(name, {}) for name in (key, f"{key}.open", f"{key}.closed"))
        named = {name for texts in variants for text in texts.values() for name in _placeholders(text)}
        return "minutes" in named and "by" not in named

    def render(self, key: str, language: str, **values: str | int) -> str:
        """Return a reply in that language (English where there is none) with its values.

        Raises:
            KeyError: no such reply, or a value that it needs was not given.
        """
        texts = self.texts[key]
        given = {**self.values, **{name: str(value) for name, value in values.items()}}
        return fill(texts, language, given)

    def say(
        self,
        decision: Decision,
        promise: Promise | None,
        language: str,
        told: Mapping[str, str] | None = None,
    ) -> str:
        """Return what a resident is told about a decision; "" if its clause has no reply.

        Args:
            decision: what the rules said.
            promise: of a hand-over, made in the same language; None for other outcomes.
            language: of the resident.
            told: the sentences about entries of the directory, by placeholder, and `details`: what personal
                data was seen, in words.
        """
        key = decision.reply_key
        if key is None:
            return ""
        about = {name: (told or {}).get(name, "") for name in self.directory}
        unnamed = "datos personales" if language == "es" else "personal details"
        about["details"] = (told or {}).get("details") or unnamed
        if promise is None:
            return self.render(key, language, **about).strip()
        if key not in self.texts:
            key = f"{key}.{'open' if promise.open else 'closed'}"
        return self.render(
            key,
            language,
            by=promise.text,
            opening=promise.opening,
            department=promise.department,
            minutes=promise.minutes,
            counter_hours=promise.counter_hours,
            **about,
        ).strip()


def fill(texts: Mapping[str, str], language: str, values: Mapping[str, str]) -> str:
    """Return a text in that language (English where there is none) with its values."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], texts.get(language, texts["en"]))


def _flattened(texts: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    for key, entry in texts.items():
        if isinstance(entry, dict) and set(VARIANTS) & set(entry):
            for variant, inner in entry.items():
                yield (key, variant), inner
        else:
            yield (key,), entry


def _faults(
    content: Mapping[str, Any], values: Mapping[str, str], flat: Mapping[tuple[str, ...], Any]
) -> Iterator[tuple[Place, str]]:
    for name in sorted(set(content) - {"version", "values", "replies", "staff", "foreign", "directory"}):
        yield (name,), "unknown key; known here: version, values, replies, staff, foreign, directory"
    if not isinstance(content.get("version"), str):
        yield ("version",), 'is missing; write it in quotes, like "2026-05"'
    staff = content.get("staff", {})
    for word, entry in staff.items() if isinstance(staff, dict) else ():
        yield from _text_faults(("staff", word), entry, set())
    yield from _foreign_faults(content.get("foreign") or {})
    about = content.get("directory") or {}
    yield from _directory_faults(about)
    about = about if isinstance(about, dict) else {}
    keys = {place[0] for place in flat}
    for name in sorted(set(EXPECTED) - keys):
        yield ("replies",), f"the reply {name!r} is missing"
    for place, entry in flat.items():
        here = ("replies", *place)
        if len(place) == 2 and place[1] not in VARIANTS:
            yield here, "a reply has texts by language, or `open` and `closed` with texts by language"
            continue
        if len(place) == 2 and (place[0], *{"open", "closed"} - {place[1]}) not in flat:
            yield here, "a reply with one of `open` and `closed` needs the other too"
        filled = MODERATED if place[0].startswith("moderation_") else PROMISED
        allowed = set(values) | set(about) | EXPECTED.get(place[0], filled)
        if len(place) == 2 and place[1] == "open":
            allowed -= {"opening"}
        yield from _text_faults(here, entry, allowed)


def _foreign_faults(foreign: Any) -> Iterator[tuple[Place, str]]:
    if not isinstance(foreign, dict):
        yield ("foreign",), "must hold one text a language"
        return
    for code, text in foreign.items():
        if not isinstance(text, str) or not 0 < len(text) <= LONGEST or code in LANGUAGES:
            yield ("foreign", str(code)), "must be one short text in a language that has no texts of its own"
        elif re.search(r"[{}]", text):
            yield ("foreign", str(code)), "has braces; nothing is filled in here"


def _directory_faults(about: Any) -> Iterator[tuple[Place, str]]:
    if not isinstance(about, dict):
        yield ("directory",), "must hold an entry each, by the placeholder that it fills"
        return
    for name, entry in about.items():
        here = ("directory", str(name))
        if not isinstance(entry, dict) or set(entry) != {"service", *VARIANTS}:
            yield here, "needs `service`, `open` and `closed`, and nothing else"
            continue
        if not isinstance(entry["service"], str):
            yield (*here, "service"), "must be the name of an entry of directory/"
        for variant, filled in zip(VARIANTS, ("until", "opens"), strict=True):
            yield from _text_faults((*here, variant), entry[variant], {"address", "checked", filled})


def _text_faults(here: Place, entry: Any, allowed: set[str]) -> Iterator[tuple[Place, str]]:
    if not isinstance(entry, dict):
        yield here, "must hold one text a language"
        return
    missing = [language for language in LANGUAGES if not entry.get(language)]
    if missing:
        yield here, f"no text in: {', '.join(missing)}"
    for language, text in entry.items():
        if language not in LANGUAGES or not isinstance(text, str):
            yield (*here, language), f"must be a text in one of: {', '.join(LANGUAGES)}"
            continue
        if len(text) > LONGEST:
            yield (*here, language), f"is longer than {LONGEST} characters"
        for name in sorted(_placeholders(text) - allowed):
            yield (*here, language), f"nothing fills {{{name}}}; known here: {', '.join(sorted(allowed))}"
        if re.search(r"[{}]", _PLACEHOLDER.sub("", text)):
            yield (*here, language), "has a brace without its partner"


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))
