"""Tells whether a text asks its reader for personal data, in English or Spanish. Pure.

For texts of the assistant that others can read too. A text that warns ("please don't write your account
number here", "you may want to remove your phone number") asks for nothing.
"""

from __future__ import annotations

import re

from bot.engagement.policy import DataKind

_NOUNS: dict[DataKind, str] = {
    "phone": r"(?:tele)?phone(?: number)?|cell(?: ?phone)?(?: number)?|mobile(?: number)?|call-?back number|"
    r"n[uú]mero(?: de (?:tel[eé]fono|celular|m[oó]vil))?|tel[eé]fono|celular|m[oó]vil|number (?:we|to) "
    r"(?:can )?call",
    "email": r"e-?mail(?: address)?|correo(?: electr[oó]nico)?",
    "account_number": r"(?:\w+ )?account(?: number)?|customer number|(?:n[uú]mero de )?cuenta|n[uú]mero de "
    "cliente",
    "card_number": r"(?:credit |debit )?card(?: number)?|(?:n[uú]mero de (?:la )?|su )?tarjeta",
    "social_security": r"social security(?: number)?|ssn|social|(?:n[uú]mero de )?seguro social",
    "date_of_birth": r"date of birth|birth ?date|birthday|dob|fecha de nacimiento|cumplea[nñ]os",
    "address": r"(?:home |street |mailing |full |exact )?address|house number|street number|"
    "direcci[oó]n(?: de casa)?|"
    r"domicilio|n[uú]mero de (?:la |su )?casa",
    "plate": r"(?:licen[cs]e )?plate(?: number)?|(?:n[uú]mero de )?placas?|matr[ií]cula",
}
_YOUR = r"(?:your|su|sus|tu|tus|the (?:number|phone|email|e-mail) (?:we|to))"
_WHICH = r"(?:what|which|what's|whats|cu[aá]l|qu[eé]|a qu[eé]|at what|at which|to which|on which)"
_GIVE = (
    r"(?:send|give|tell|share|write|type|enter|provide|reply with|post|add|leave|include|confirm|need|want|"
    r"ask for|"
    r"have|env[ií]\w*|mand\w+|d[ií]ga\w+|de(?:nos|me)|d[eé](?:nos|me)|d[aá](?:nos|me)|escrib\w+|compart\w+|"
    r"indi\w+|"
    r"proporcion\w+|deje\w*|confirm\w+|necesit\w+|quiero|ponga|anote)"
)
_NOT = re.compile(
    r"\b(?:don'?t|do not|never|no need|without|not|remove|removed|hide|hidden|delete|deleted|take (?:it|"
    r"them) out|protect|"
    r"no (?:me |nos )?(?:escrib|env|mand|dig|comp|pong|public|dej|hace falta|necesit)\w*|nunca|sin|quit\w+|"
    r"borr\w+|elimin\w+|"
    r"ocult\w+)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(r"(?<=[.!?;\n])\s+|\n+|(?=¿)")
_LIVES = re.compile(
    r"\b(?:where (?:exactly )?do you live|d[oó]nde vive|en qu[eé] (?:calle y )?n[uú]mero vive)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:(?:what|which) number (?:can|should|do|may) (?:we|i) (?:call|reach|text)|how (?:can|do) (?:we|i)"
    r" reach you|"
    r"a qu[eé] n[uú]mero|when were you born|cu[aá]ndo naci[oó])\b",
    re.IGNORECASE,
)
_PATTERNS: tuple[tuple[DataKind, re.Pattern[str]], ...] = tuple(
    (
        kind,
        re.compile(
            rf"\b{_GIVE}\b[^.!?]{{0,60}}?\b{_YOUR} (?:[\w']+ ){{0,3}}?(?:{noun})\b"
            rf"|\b{_WHICH}\b[^.!?]{{0,20}}?(?: {_YOUR})? ?\b(?:{noun})\b[^.!]{{0,80}}\?"
            rf"|\b{_YOUR} (?:[\w']+ ){{0,2}}?(?:{noun})\b[^.!?]{{0,40}}(?:\?|,? please|,? por favor)",
            re.IGNORECASE,
        ),
    )
    for kind, noun in _NOUNS.items()
)


def asked(text: str) -> frozenset[DataKind]:
    """Return the kinds of personal data that a text asks for."""
    found: set[DataKind] = set()
    for part in _PARTS.split(text.replace("**", "").replace("’", "'")):
        if _NOT.search(part):
            continue
        found |= {kind for kind, pattern in _PATTERNS if pattern.search(part)}
        if _LIVES.search(part):
            found.add("address")
        if _CALLED.search(part):
            found.add("date_of_birth" if "born" in part.lower() or "naci" in part.lower() else "phone")
    return frozenset(found)
