"""Machine translation by a server that speaks LibreTranslate's HTTP API: `POST /translate`.

LibreTranslate itself (AGPL-3.0, free to host), and services that took over its API, can stand behind the
address. Nothing is sent to any of them unless TOWNLINE_TRANSLATION_URL names one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import aiohttp

from bot.errors import TranslationUnavailable

PROVIDER = "libretranslate"
_LARGEST_ANSWER = 1_000_000
_CODES = {"zh": "zh-Hans"}
"""Where the server's code for a language differs from ours; asked for again with ours if it refuses."""


class LibreTranslate:
    """A translation server.

    Args:
        url: where it is, without `/translate`.
        key: its API key; "" where it wants none.
        timeout: seconds to wait for a translation.
    """

    name = PROVIDER

    def __init__(self, url: str, key: str = "", timeout: float = 4.0) -> None:
        self._url = f"{url.rstrip('/')}/translate"
        self._key = key
        self._timeout = aiohttp.ClientTimeout(total=timeout)

    async def translate(self, texts: Sequence[str], source: str, target: str) -> list[str]:
        """Return the texts in another language, in order.

        Args:
            texts: what to translate; plain text, line breaks and `**bold**` included.
            source: ISO 639 code of what they are in.
            target: ISO 639 code of what is wanted.

        Raises:
            TranslationUnavailable: no answer in time, a refusal, or an answer of another shape.
        """
        if not texts:
            return []
        body: dict[str, object] = {
            "q": list(texts),
            "source": _CODES.get(source, source),
            "target": _CODES.get(target, target),
            "format": "text",
        }
        if self._key:
            body["api_key"] = self._key
        status, content = await self._post(body)
        try:
            given = json.loads(content)
        except ValueError as fault:
            raise TranslationUnavailable(f"answered {status} without JSON") from fault
        if status != 200:
            reason = given.get("error") if isinstance(given, dict) else None
            raise TranslationUnavailable(f"answered {status}: {str(reason)[:200]}")
        translated = given.get("translatedText") if isinstance(given, dict) else None
        if isinstance(translated, str):
            translated = [translated]
        if (
            not isinstance(translated, list)
            or len(translated) != len(texts)
            or not all(isinstance(text, str) and text.strip() for text in translated)
        ):
            raise TranslationUnavailable("the answer has another shape")
        return translated

    async def _post(self, body: dict[str, object]) -> tuple[int, bytes]:
        # A session a call: translations are rare, and none then outlives the loop it was made in.
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, trust_env=False) as session,
                session.post(self._url, json=body, allow_redirects=False) as response,
            ):
                return response.status, await response.content.read(_LARGEST_ANSWER)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise TranslationUnavailable(f"the server failed: {type(fault).__name__}") from fault
