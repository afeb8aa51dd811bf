"""How well languages are told apart: this rule, the engine's word lists, and libraries if they are installed.

    .venv/bin/python -m benchmarks.language [--json FILE]

Texts: those of data/nlu whose language is beyond doubt for two of three deciders, the sentences of
benchmarks/understanding/sets/bilingual.jsonl if it is there, and short messages. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.conversations.language_words import TELLING
from bot.conversations.languages import Languages, warm

ROOT = Path(__file__).parents[1]
BILINGUAL = ROOT / "benchmarks/understanding/sets/bilingual.jsonl"
SHORT = {
    "en": """
no trash pickup; broken sidewalk; street light out; dead raccoon; help me please; when open; tree down;
where are you; thank you; thanks so much; it's leaking; car on fire; they never came; still not fixed;
hello there; a person please; my reports; what's the number; water everywhere; too loud""",
    "es": """
no pasó la basura; banqueta rota; luz apagada; mapache muerto; ayuda por favor; cuándo abren; árbol caído;
dónde están; muchas gracias; mil gracias; está goteando; carro quemándose; nunca vinieron; sigue igual;
buenos días; una persona por favor; mis reportes; cuál es el número; hay agua por todos lados; mucho ruido""",
}
type Decide = Callable[[str], str | None]


def training_texts() -> Iterator[str]:
    """Every example of data/nlu, its marks taken off."""
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" not in block:
                continue
            for line in str(block["examples"]).splitlines():
                text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line.strip().removeprefix("- "))
                if text:
                    yield text


def by_words(text: str) -> str | None:
    """Word lists alone, for comparison."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {language: sum(word in told for word in words) for language, told in TELLING.items()}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] > min(counts.values()) else None


def deciders() -> dict[str, Decide]:
    """What is compared."""
    languages = Languages()
    warm()
    found: dict[str, Decide] = {
        "Townline, a first message": languages.read,
        "Townline, a later one": lambda text: languages.read(text, settled=True),
        "Townline, no conversation": languages.likeliest,
        "word lists alone": by_words,
    }
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - read when it is measured

    alone = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    alone.set_languages(["en", "es"])
    found["py3langid 0.4, en and es"] = lambda text: str(alone.classify(text)[0])
    if importlib.util.find_spec("lingua"):
        from lingua import Language, LanguageDetectorBuilder  # type: ignore[import-not-found] # noqa: PLC0415

        lingua = LanguageDetectorBuilder.from_languages(Language.ENGLISH, Language.SPANISH).build()
        names = {"ENGLISH": "en", "SPANISH": "es"}

        def ask(text: str) -> str | None:
            told = lingua.detect_language_of(text)
            return names[told.name] if told else None

        found["lingua, en and es"] = ask
    return found


def sets(found: dict[str, Decide]) -> dict[str, list[tuple[str, str]]]:
    """The texts with their languages, by set."""
    others = [decide for name, decide in found.items() if not name.startswith("Townline")]
    training = []
    for text in training_texts():
        votes = Counter(told for decide in others if (told := decide(text)))
        if votes and (best := votes.most_common(1)[0])[1] >= 2:
            training.append((text, best[0]))
    named = {
        "training texts": training,
        "short messages": [
            (text.strip(), code) for code, texts in SHORT.items() for text in texts.split(";")
        ],
    }
    if BILINGUAL.exists():
        rows = [json.loads(line) for line in BILINGUAL.read_text(encoding="utf-8").splitlines() if line]
        named["bilingual set"] = [
            (str(row[code]), code) for row in rows for code in ("en", "es") if isinstance(row.get(code), str)
        ] or [(str(row["text"]), str(row.get("language", row.get("lang")))) for row in rows]
    return named


def measure() -> list[dict[str, Any]]:
    """One row a set and decider."""
    found = deciders()
    rows = []
    for name, texts in sets(found).items():
        for decider, decide in found.items():
            started = time.process_time()
            told = [decide(text) for text, _ in texts]
            spent = time.process_time() - started
            rows.append(
                {
                    "set": name,
                    "texts": len(texts),
                    "decider": decider,
                    "right": round(
                        100 * sum(a == b for a, (_, b) in zip(told, texts, strict=True)) / len(texts), 2
                    ),
                    "not_told": round(100 * told.count(None) / len(texts), 2),
                    "wrong": round(
                        100
                        * sum(a not in (None, b) for a, (_, b) in zip(told, texts, strict=True))
                        / len(texts),
                        2,
                    ),
                    "cpu_ms": round(1000 * spent / len(texts), 3),
                }
            )
    return rows


def main() -> int:
    """Print the table; write it as JSON where a file is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language", description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = measure()
    columns = ("set", "texts", "decider", "right", "not_told", "wrong", "cpu_ms")
    lines = [
        "| set | texts | told by | right % | not told % | told wrongly % | CPU ms |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(str(row[column]) for column in columns) + " |" for row in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
