"""Words to Slack that stay words, and words from Slack as a resident should read them.

What residents write goes into `rich_text` elements, which Slack shows as they are: no mention, link or star
in them means anything. The text of notifications has its three special characters escaped and no markup.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(r"<([^<>]*)>")
_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_SHORTCODE = re.compile(r":([a-z0-9_+'-]+):")


def escape(text: str) -> str:
    """Return a text whose `&`, `<` and `>` Slack shows and does not read."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return the text that was escaped."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def names_somebody(text: str) -> bool:
    """Tell whether a message of Slack mentions a person, a group, a channel or everybody."""
    return any(token.startswith(("@", "!", "#")) for token in _TOKEN.findall(text))


def plain(text: str, emoji: Mapping[str, str]) -> str:
    """Return what somebody wrote in Slack as other platforms show it.

    Args:
        text: the `text` of Slack's event: links in `<…>`, bold in one star, emoji as `:names:`.
        emoji: the emoji of the message by name, see `emoji_of`.
    """
    bare = _TOKEN.sub(lambda found: _link(found[1]), text)
    bold = _BOLD.sub(r"**\1**", bare)
    return unescape(_SHORTCODE.sub(lambda found: emoji.get(found[1], found[0]), bold))


def emoji_of(blocks: Any) -> dict[str, str]:
    """Return the emoji of a message by their names, as its blocks give them."""
    found: dict[str, str] = {}
    waiting = [blocks]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            if part.get("type") == "emoji" and isinstance(part.get("unicode"), str):
                found[str(part.get("name"))] = _characters(part["unicode"])
            waiting.extend(value for value in part.values() if isinstance(value, list))
    return found


def _characters(codes: str) -> str:
    try:
        return "".join(chr(int(code, 16)) for code in codes.split("-"))
    except (ValueError, OverflowError):
        return ""


def _link(token: str) -> str:
    target, _, label = token.partition("|")
    if target.startswith("mailto:"):
        return label or target.removeprefix("mailto:")
    if target.startswith("tel:"):
        return label or target.removeprefix("tel:")
    same = not label or label in target
    return target if same else f"{label} ({target})"
