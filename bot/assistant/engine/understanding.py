"""From a text to everything that is understood of it. The whole of it runs without Rasa."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

from bot.assistant.engine.bands import ACT, HAND_OVER, merged_limits
from bot.assistant.engine.clauses import line_breaks
from bot.assistant.engine.feelings import feelings_of
from bot.assistant.engine.language import language_of
from bot.assistant.engine.mentions import MentionFinder
from bot.assistant.engine.normalise import fold
from bot.assistant.engine.reader import IntentReader
from bot.assistant.engine.segments import PART_KEYS, several

MAX_CHARACTERS = 2000  # what is read of a message; all of it is kept in the record


class Understander:
    """Reader, mentions and limits of one trained model."""

    def __init__(
        self,
        reader: IntentReader,
        mentions: MentionFinder,
        limits: dict[str, dict[str, float]],
        probe: dict[str, str] | None = None,
        examples: bytes = b"[]",
    ) -> None:
        self._reader = reader
        self._mentions = mentions
        self._overruled = limits
        self._limits = merged_limits(reader.limits, limits)
        self.probe = probe or {}
        self._kept = examples
        self.model = ""

    @property
    def intents(self) -> list[str]:
        """The intents that the model was taught."""
        return self._reader.intents

    @property
    def reader(self) -> IntentReader:
        """What reads the intent."""
        return self._reader

    @property
    def limits(self) -> dict[str, dict[str, float]]:
        """The limits that hold: those that training found, overruled by config.yml."""
        return self._limits

    def folded(self, text: str) -> str:
        """Return what is read of `text`."""
        return fold(text, MAX_CHARACTERS).text.lstrip("/ ")

    def examples(self) -> list[tuple[str, str]]:
        """Return the training examples (text, intent) in the order of their vectors.

        They are parsed when asked for, which reading never does. A model older than this has none.
        """
        return [(text, intent) for text, intent in json.loads(self._kept)]

    def understand(self, text: str, now: dt.datetime | None = None) -> dict[str, Any]:
        """Return the understanding of `text` (the shape of `bot.messages.Understanding`, and `scope`).

        `now` is the moment of the message in the city's zone; without it dates keep their words only.

        Slashes in front are not read: they are Rasa's sign for a command, and mean nothing in a sentence.
        """
        folded = fold(text, MAX_CHARACTERS)
        reading = self._reader.read(folded.text.lstrip("/ "), self._limits)
        language = language_of(folded.text)
        mentions = self._mentions.find(folded.text, now, language)
        said = several(
            folded.text,
            reading,
            self._read,
            places=[(mention.start, mention.end) for mention in mentions if mention.kind == "place"],
            numbers=[
                (mention.start, mention.end) for mention in mentions if mention.kind == "request_number"
            ],
            breaks=line_breaks(text, folded),
        )
        parts = []
        for part in said.parts:
            start, end = folded.original_span(part.start, part.end)
            parts.append({"start": start, "end": end, **{key: part.reading[key] for key in PART_KEYS}})
        entities = []
        for mention in mentions:
            start, end = folded.original_span(mention.start, mention.end)
            entity = {
                "kind": mention.kind,
                "value": mention.value or text[start:end],
                "start": start,
                "end": end,
                "confidence": mention.confidence,
            }
            entities.append({**entity, "detail": mention.detail} if mention.detail else entity)
        emergency = said.reading["intent"] == "emergency" and said.reading["band"] != HAND_OVER
        return {
            **said.reading,
            "entities": entities,
            "parts": parts,
            "feelings": feelings_of(folded.text, read_as_emergency=emergency),
            "language": language,
            "model": self.model,
        }

    def _read(self, texts: list[str]) -> list[dict[str, Any]]:
        return [self._reader.read(text.lstrip("/ "), self._limits) for text in texts]

    def understand_timed(self, text: str) -> dict[str, Any]:
        """Return the understanding with `ms`, the wall milliseconds it took."""
        started = time.perf_counter()
        understanding = self.understand(text)
        return {**understanding, "ms": round((time.perf_counter() - started) * 1000, 2)}

    def probe_holds(self) -> bool:
        """Return whether the sentence that the model knew when it was trained is still known."""
        if not self.probe:
            return False
        reading = self.understand(self.probe["text"])
        return bool(reading["intent"] == self.probe["intent"])

    def save(self, folder: Path, examples: list[tuple[str, str]]) -> None:
        """Write the model into `folder`, with one sentence of `examples` by which its health is known.

        `examples` are kept whole, in the order in which they were taught: explanations name the nearest.
        """
        self._reader.save(folder)
        self._mentions.save(folder)
        self.probe = self._choose_probe(examples)
        self._kept = json.dumps(examples, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
        (folder / "examples.json").write_bytes(self._kept)
        (folder / "limits.json").write_text(json.dumps(self._overruled), encoding="utf-8")
        (folder / "probe.json").write_text(json.dumps(self.probe, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Understander:
        """Read what `save` wrote.

        Raises:
            EncoderMismatch: the encoder it was trained with is not the one installed.
        """
        limits = json.loads((folder / "limits.json").read_text(encoding="utf-8"))
        probe = json.loads((folder / "probe.json").read_text(encoding="utf-8"))
        kept = folder / "examples.json"
        examples = kept.read_bytes() if kept.exists() else b"[]"
        return cls(IntentReader.load(folder), MentionFinder.load(folder), limits, probe, examples)

    def _choose_probe(self, examples: list[tuple[str, str]]) -> dict[str, str]:
        """Choose the first example, in the order of the data, that is read rightly and acted on."""
        fallback: dict[str, str] = {}
        for text, intent in examples[:400]:
            reading = self.understand(text)
            if reading["intent"] == intent:
                fallback = fallback or {"text": text, "intent": intent}
                if reading["band"] == ACT:
                    return {"text": text, "intent": intent}
        return fallback
