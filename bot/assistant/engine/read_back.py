"""What Rasa's own reader makes of data files: asked before an example is added, and by the fuzz test.

Nothing is trained and nothing is written. A file that cannot be read is answered with the reason.
"""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def answers(lines: Iterable[str]) -> Iterator[str]:
    """Answer each line, the path of a file, with one JSON object in one line."""
    for line in lines:
        if line.strip():
            yield json.dumps(read(Path(line.rstrip("\n"))))


def read(file: Path) -> dict[str, Any]:
    """Return the file's examples as `[intent, text, entities]`, and what else stands in it.

    `entities` are `[start, end, name, value]`; `fault` is None, or why the file cannot be read.
    """
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    reader = RasaYAMLReader()
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            found = reader.read(file)
    except Exception as fault:  # noqa: BLE001 - whatever Rasa makes of the file is the answer
        return {"fault": f"{type(fault).__name__}: {fault}"[:500], "examples": [], "others": 0}
    examples = [
        [
            str(message.get("intent")),
            message.get("text"),
            [
                [entity["start"], entity["end"], entity["entity"], entity["value"]]
                for entity in message.get("entities") or ()
            ],
        ]
        for message in found.training_examples
    ]
    others = (
        len(found.entity_synonyms)
        + len(found.regex_features)
        + len(found.lookup_tables)
        + len(found.responses)
        + len([one for one in warned if "Issue found" in str(one.message)])
    )
    return {"fault": None, "examples": examples, "others": others}
