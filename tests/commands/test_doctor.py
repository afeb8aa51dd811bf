"""`townline doctor` says what is wrong and what to do, without starting anything."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest
from rich.console import Console

from bot import settings as setting_values
from bot.commands.doctor import doctor

ROOT = Path(__file__).parents[2]


def told(**settings: str) -> tuple[int, str]:
    said = io.StringIO()
    values = {f"TOWNLINE_{name.upper()}": value for name, value in settings.items()}
    code = doctor(
        setting_values.load({"TOWNLINE_HOME": str(ROOT), **values}),
        argparse.Namespace(),
        Console(file=said, width=400),
    )
    return code, said.getvalue()


@pytest.mark.engine
def test_a_model_of_somebody_else_is_no_model(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "20261122-000000-foreign.tar.gz").write_bytes(b"not ours")
    code, said = told(var=str(tmp_path), models=str(models))
    assert code == 1
    assert "✗ model: no model in" in said
    assert "run `townline train`" in said


def test_an_engine_that_is_missing_is_named_once(tmp_path: Path) -> None:
    code, said = told(var=str(tmp_path), engine_python=str(tmp_path / "python"))
    assert code == 1
    assert f"✗ engine: {tmp_path / 'python'} is missing; run `make setup`" in said
    assert "model:" not in said


def test_faults_of_channels_are_listed(tmp_path: Path) -> None:
    code, said = told(var=str(tmp_path), channels="webchat,telegram", telegram_token="change-me")
    assert code == 1
    assert "✗ TOWNLINE_TELEGRAM_TOKEN is an example value" in said
    assert "✗ TOWNLINE_TELEGRAM_SECRET is missing" in said
