"""What is amiss in how a text is written, measured against the city's `tone` section. Advice, never a block.

Pure: no file, no clock, no network. Whether a finding needs a second person is a clause's matter (`flags`).
What it is not for: what is said (the rules' other sections) and finding personal data (`personal_data.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.engagement import keywords, reading_grade
from bot.engagement.keywords import NEAR, Phrase
from bot.engagement.policy import TextFlag, ToneRules
from bot.engagement.wording import fold, words

ONE_HARD_SENTENCE = 4.0
"""Grades by which one sentence may stand above the limit of the text around it."""
FIRST_WORDS = 8
"""Words of a text among which a greeting stands."""

ADVICE: Mapping[TextFlag, str] = {
    "promise": "Say what happens next and by when the clock says, not what nobody can be sure of.",
    "legal_advice": "Say where to ask; only a lawyer says what somebody's rights are.",
    "personal_data": "Others can read this. Leave it out, or ask to go on in private.",
    "forbidden_word": "The city does not use this word. Say it in another way.",
    "hard_to_read": "Hard to read. Make two sentences of it, or use shorter words.",
    "no_greeting": "Greet them first: this is the first they hear from you.",
    "no_signature": "Say who you are: {signature}.",
    "emoji": "Leave the emoji out; screen readers read it aloud, and not everybody sees the same one.",
}
"""What staff read about a flag where the rules say nothing of their own."""

_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a\u231b\u23e9-\u23f3]\ufe0f?"
    "(?:[\U0001f3fb-\U0001f3ff]|\u200d[\U0001f300-\U0001faff\u2600-\u27bf]\ufe0f?)*"
)
_TOKEN = re.compile(r"[^\W_]+(?:['’`´][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is amiss, where it stands, and what to do instead.

    Attributes:
        start, end: of the span in the text; both 0 where the matter is what is missing.
        found: the words of the span.
    """

    flag: TextFlag
    start: int
    end: int
    found: str
    advice: str

    @property
    def clause(self) -> str:
        """The id of the policy that asks for it, for the record."""
        return f"tone.{self.flag.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who signs a first answer."""

    name: str
    department: str = ""

    def signature(self, pattern: str) -> str:
        """Return the city's signature with the writer's name; without an empty department's comma."""
        filled = pattern.replace("{name}", self.name).replace("{department}", self.department)
        return filled.strip().strip(",").strip()


def check(
    text: str,
    tone: ToneRules,
    language: str,
    *,
    personal_data: Sequence[tuple[int, int]] = (),
    first_answer: Writer | None = None,
) -> tuple[Finding, ...]:
    """Return what is amiss in a text, in the order of the text; empty when nothing is.

    Args:
        text: as it would leave.
        tone: how the city writes.
        language: of the text.
        personal_data: spans of personal data in a text that others can read; empty for a private one.
        first_answer: who writes, if this is their first answer in the conversation; such a one greets and
            says who writes.
    """
    if not text.strip():
        return ()
    found = [
        *_phrases(text, tone),
        *(_finding(tone, "personal_data", text, span) for span in personal_data),
        *_emoji(text, tone),
        *_hard(text, tone, language),
    ]
    if first_answer is not None:
        found += _first_answer(text, tone, language, first_answer)
    return tuple(sorted(found, key=lambda finding: (finding.start, finding.end, finding.flag)))


def grade_limit(tone: ToneRules, language: str) -> float:
    """Return the highest grade that a text may have in a language."""
    return tone.grade.get(language, tone.grade.get("en", 8.0))


def _finding(
    tone: ToneRules, flag: TextFlag, text: str, span: tuple[int, int], *, signature: str = ""
) -> Finding:
    advice = (tone.advice.get(flag) or ADVICE[flag]).replace("{signature}", signature)
    return Finding(flag, *span, text[slice(*span)], advice)


def _phrases(text: str, tone: ToneRules) -> Iterator[Finding]:
    said = [(fold(token[0]), token.start(), token.end()) for token in _TOKEN.finditer(text)]
    kinds: tuple[tuple[TextFlag, tuple[str, ...]], ...] = (
        ("promise", tone.promises),
        ("legal_advice", tone.legal_advice),
        ("forbidden_word", tone.forbidden),
    )
    # Which kinds fit at all, exceptions and all, the index says; where they stand is looked for only then.
    fitting = tone.index.matches(text) if tone.index.sets else frozenset(range(1, len(kinds) + 1))
    for number, (flag, written) in enumerate(kinds, start=1):
        if number not in fitting:
            continue
        taken: list[tuple[int, int]] = []
        for span in sorted(_spans(said, written), key=lambda each: (each[0], -each[1])):
            if not any(start <= span[0] and span[1] <= end for start, end in taken):
                taken.append(span)
                yield _finding(tone, flag, text, span)


def _spans(said: list[tuple[str, int, int]], written: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield where each keyword stands, from its first word to its last."""
    begun = _by_first_word(written)
    for position, (word, _, _) in enumerate(said):
        for keyword in (*begun.get(word, ()), *begun.get(f"{word[: keywords.SHORTEST_BEGINNING]}*", ())):
            last = _ends(said, position, keyword)
            if last is not None:
                yield said[position][1], said[last][2]


def _ends(said: list[tuple[str, int, int]], position: int, keyword: tuple[Phrase, ...]) -> int | None:
    """Return the position of a keyword's last word if its first phrase stands here and the others near it."""
    if not _stands(said, position, keyword[0]):
        return None
    last = position + len(keyword[0]) - 1
    for phrase in keyword[1:]:
        near = (
            start
            for start in range(max(0, position - NEAR), min(len(said), position + NEAR))
            if _stands(said, start, phrase)
        )
        start = next(near, None)
        if start is None:
            return None
        last = max(last, start + len(phrase) - 1)
    return last


def _stands(said: list[tuple[str, int, int]], position: int, phrase: Phrase) -> bool:
    if position + len(phrase) > len(said):
        return False
    return all(
        word == part or (part.endswith("*") and word.startswith(part[:-1]))
        for part, (word, _, _) in zip(phrase, said[position : position + len(phrase)], strict=True)
    )


@lru_cache(maxsize=32)
def _by_first_word(written: tuple[str, ...]) -> Mapping[str, tuple[tuple[Phrase, ...], ...]]:
    begun: dict[str, list[tuple[Phrase, ...]]] = {}
    for keyword in map(keywords.parse, written):
        first = keyword[0][0]
        key = f"{first[: keywords.SHORTEST_BEGINNING]}*" if first.endswith("*") else first
        begun.setdefault(key, []).append(keyword)
    return {key: tuple(found) for key, found in begun.items()}


def _emoji(text: str, tone: ToneRules) -> Iterator[Finding]:
    if "any" in tone.emoji:
        return
    allowed = {mark.rstrip("\ufe0f") for mark in tone.emoji}
    for mark in _EMOJI.finditer(text):
        if mark[0].rstrip("\ufe0f") not in allowed:
            yield _finding(tone, "emoji", text, mark.span())


def _hard(text: str, tone: ToneRules, language: str) -> Iterator[Finding]:
    """Yield the hardest sentence of a text that is too hard, and any that is much too hard by itself."""
    found = reading_grade.sentences(text, language)
    if not found:
        return
    limit = grade_limit(tone, language)
    graded = [(reading_grade.grade_of(sentence, language), sentence) for sentence in found]
    hardest = max(graded, key=lambda pair: pair[0])[1]
    too_hard = reading_grade.grade(text, language) > limit
    for its, sentence in graded:
        if its > limit + ONE_HARD_SENTENCE or (too_hard and sentence is hardest):
            inner = text[sentence.start : sentence.end]
            start = sentence.start + len(inner) - len(inner.lstrip())
            yield _finding(tone, "hard_to_read", text, (start, start + len(inner.strip())))


def _first_answer(text: str, tone: ToneRules, language: str, writer: Writer) -> Iterator[Finding]:
    said = words(text)
    begins = " ".join(said[:FIRST_WORDS])
    greetings = tone.greeting.get(language, ())
    if greetings and not any(_has(begins, fold(greeting)) for greeting in greetings):
        yield _finding(tone, "no_greeting", text, (0, 0))
    if tone.signature and not _has(" ".join(said), fold(writer.name.split(" ")[0])):
        signature = writer.signature(tone.signature)
        yield _finding(tone, "no_signature", text, (0, 0), signature=signature)


def _has(said: str, phrase: str) -> bool:
    return bool(phrase) and f" {phrase} " in f" {said} "
