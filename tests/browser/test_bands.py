"""The three bands as a resident sees them in the chat, with the real engine, in both languages.

What is sure is proposed, what is not is asked about with two or three choices, what is for people goes there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import scrolls_both_ways, violations
from tests.town import Town, running_town

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300, func_only=True)]

SHOTS = os.environ.get("BAND_SHOTS", "")
"""A folder for pictures of what is tested, for whoever wants to look at it."""

ACT, CONFIRM, HAND_OVER = "act", "confirm", "hand over"
SAID = {
    ("en", ACT): "huge pothole on elm st right by the library",
    ("en", CONFIRM): "its all over the sidewalk again",
    ("en", HAND_OVER): "my landlord turned off the heat with kids in here",
    ("es", ACT): "hay un bache enorme en la calle elm junto a la biblioteca",
    ("es", CONFIRM): "está todo por la calle otra vez",
    ("es", HAND_OVER): "mi casero apagó la calefacción y tengo niños aquí",
}
ANSWERED = {
    (
        "en",
        ACT,
    ): "Sounds like a pothole on Elm Street near the Public Library (100 block). Shall I report it?",
    ("en", CONFIRM): "I want to get this to the right crew. Is it one of these?",
    ("en", HAND_OVER): "That's urgent, and a person should handle it. I've passed it to Housing",
    (
        "es",
        ACT,
    ): "Entiendo que es un bache en Elm Street, al lado de la Biblioteca Pública (cuadra 100). ¿Lo reporto?",
    ("es", CONFIRM): "Quiero que le llegue a la cuadrilla correcta. ¿Es una de estas cosas?",
    ("es", HAND_OVER): "Es urgente y debe ocuparse una persona. Lo he pasado a Vivienda",
}
PROPOSED = {"en": ["Yes", "Different place", "Something else"], "es": ["Sí", "Otro lugar", "Otra cosa"]}
LOOKS = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 375, "height": 720}, "color_scheme": "light", "has_touch": True},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    yield from running_town(tmp_path_factory.mktemp("bands") / "var")


@pytest.fixture(params=list(LOOKS))
def look(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def chat(browser: Browser, town: Town, look: str) -> Iterator[Page]:
    # Contrast is measured on what stands still: lines fade in where motion is welcome.
    context = browser.new_context(base_url=town.url, reduced_motion="reduce", **LOOKS[look])
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def ask(page: Page, language: str, band: str) -> list[str]:
    """Say it in a new chat; returns the labels of the choices under the answer."""
    page.goto(f"/?lang={language}")
    page.locator("#main").fill(SAID[language, band])
    page.keyboard.press("Enter")
    answer = page.locator(".line .bubble").nth(1)
    expect(answer).to_contain_text(ANSWERED[language, band])
    return [label.strip() for label in page.locator("#choices button").all_inner_texts()]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_three_bands(chat: Page, language: str, look: str) -> None:
    for band in (ACT, CONFIRM, HAND_OVER):
        chat.context.clear_cookies()
        chat.goto(f"/?lang={language}")
        chat.evaluate("localStorage.clear()")
        labels = ask(chat, language, band)
        if band == ACT:
            assert labels == PROPOSED[language]
        elif band == CONFIRM:
            *readings, last = labels
            assert 2 <= len(readings) <= 3
            assert last == PROPOSED[language][-1]
        else:
            assert labels == []
        assert violations(chat) == []
        assert not scrolls_both_ways(chat)
        if SHOTS:
            name = f"bands-{language}-{band.replace(' ', '-')}-{look}.png"
            chat.screenshot(path=Path(SHOTS) / name)
