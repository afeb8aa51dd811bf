"""The telephone numbers and addresses that the city itself gives out: nobody's personal data."""

from __future__ import annotations

from bot.engagement import personal_data
from bot.engagement.rulebook import RulesInForce

_last: list[tuple[RulesInForce, frozenset[str]]] = []


def published(rules: RulesInForce) -> frozenset[str]:
    """Return them, of the owners, the offices and the saved replies, as `personal_data.find` wants them.

    Those of the version asked last are kept, for there is one in force for thousands of messages.
    """
    if _last and _last[0][0] is rules:
        return _last[0][1]
    owners = rules.ruleset.owners.values()
    texts = [value for owner in owners for value in (owner.contact, owner.email) if value]
    texts += [office.phone for office in rules.calendar.file.offices.values() if office.phone]
    texts += rules.replies.values.values()
    texts += [text for by_language in rules.replies.texts.values() for text in by_language.values()]
    found = personal_data.published(*texts)
    _last[:] = [(rules, found)]
    return found
