"""Trains and asks stock Rasa 3.6.21; run by `runners` with `.venv-stock/bin/python`, Python 3.10.

`rasa-default` is the pipeline that Rasa itself fills in where config.yml names none (DIET, 100 epochs);
`rasa-linear` is its CountVectors features with its LogisticRegressionClassifier. Both see NLU data only.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.understanding.job import read_job, report_progress, resident_mb, write_answer

_CONFIG = "recipe: default.v1\nassistant_id: benchmark\nlanguage: en\n"
_LINEAR = """\
pipeline:
  - name: WhitespaceTokenizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: LogisticRegressionClassifier
"""
_FALLBACK = "nlu_fallback"


def main() -> None:
    """Answer the job of the first argument into the file of the second."""
    os.environ.update(
        RASA_TELEMETRY_ENABLED="false",
        TF_CPP_MIN_LOG_LEVEL="3",
        SQLALCHEMY_SILENCE_UBER_WARNING="1",
        RASA_MAX_CACHE_SIZE="0",
        LOG_LEVEL="ERROR",
    )
    job = read_job()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        report_progress("loading Rasa")
        import rasa.model_training  # noqa: PLC0415 - reads the environment set above

        quiet()
        started, model = time.process_time(), job.get("model")
        if model is None:
            report_progress(f"training {job['pipeline']} on {len(job['train'])} examples")
            model = train(rasa.model_training.train_nlu, job, folder)
        trained = time.process_time() - started
        rows, milliseconds = asyncio.run(ask(model, job["measure"]))
        size = Path(model).stat().st_size / 1e6
    write_answer(
        {
            "rows": rows,
            "train_cpu_s": trained,
            "cpu_ms": statistics.median(milliseconds) if milliseconds else None,
            "memory_mb": resident_mb(),
            "archive_mb": size,
        }
    )


def quiet() -> None:
    """Keep Rasa's debug lines, which repeat every message, off standard output."""
    import logging  # noqa: PLC0415

    import structlog  # noqa: PLC0415

    logging.disable(logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def train(train_nlu: Any, job: dict[str, Any], folder: Path) -> str:
    """Train and return the path of the archive."""
    examples = [{"text": text, "intent": intent, "entities": []} for text, intent in job["train"]]
    data = folder / "nlu.json"
    # Rasa's JSON form: no brackets in a text are taken for markup.
    data.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}), encoding="utf-8")
    config = folder / "config.yml"
    config.write_text(_CONFIG + (_LINEAR if job["pipeline"] == "rasa-linear" else ""), encoding="utf-8")
    model = train_nlu(config=str(config), nlu_data=str(data), output=str(folder / "models"))
    if not model:
        sys.exit("Rasa made no model")
    return str(model)


async def ask(model: str, texts: list[str]) -> tuple[list[Any], list[float]]:
    """Return the ranking of each text, and the CPU milliseconds of each."""
    from rasa.core.agent import Agent  # noqa: PLC0415

    agent = Agent.load(model)
    await agent.parse_message("warm up")
    rows, milliseconds = [], []
    for number, text in enumerate(texts):
        if number % 500 == 0:
            report_progress(f"measured {number} of {len(texts)}")
        started = time.process_time()
        parsed = await agent.parse_message(text.lstrip("/ "))
        milliseconds.append((time.process_time() - started) * 1000)
        ranking = [
            [each["name"], float(each["confidence"])]
            for each in parsed.get("intent_ranking", [])
            if each["name"] not in {_FALLBACK, None}
        ]
        ranking.sort(key=lambda pair: -pair[1])
        rows.append([ranking, ranking[0][1] if ranking else 0.0])
    return rows, milliseconds


if __name__ == "__main__":
    main()
