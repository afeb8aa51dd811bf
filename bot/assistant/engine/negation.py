"""What a text says that is not so, and what it only asks or imagines.

"It's not the light, it's the sidewalk" reports a sidewalk; "do you fix potholes?" and "what if a tree fell?"
report nothing. A negated verb is left alone: "the light is not working" is a report like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# ------------------------------------------------------------------------------------------------- denials
_LEAD = (
    "(?:(?:no|nope|nah|well|sorry|hey|hi|hello|actually|oh|and|but|so|wait|i mean|"
    r"pues|bueno|perd[oó]n|oye|hola|y|pero|en realidad|espera)[\s,.!:]+)*"
)
_SUBJECT = "(?:it|this|that|they|these|those|there|the (?:problem|issue|thing)|what i mean|i|we)"
_IS = r"(?:'?s|'?re|'?m|\s+(?:is|are|am|was|were))"
_NOT = "(?:not|isn'?t|wasn'?t|aren'?t|ain'?t|weren'?t)"
_SPEAKING = r"(?:reporting|(?:talking|asking|complaining|here|calling|writing) about)\s+"
_ES = (
    "(?:es|son|era|eran|fue|se trata del?|hablo del?|hablamos del?|me refiero al?|estoy hablando del?|"
    "estoy reportando|quiero reportar|quiero hablar del?|necesito)"
)
_TEMA = "(?:(?:el problema|el asunto|esto|eso|lo m[ií]o|yo)\\s+)?"
_THE = "(?:a|an|the|my|our|your|any|about|that|those|these)"
_WANT = (
    r"(?:(?:i|we)\s+(?:do not|don'?t|did not|didn'?t)\s+(?:want|need|mean)|(?:please\s+)?(?:do not|don'?t))"
    r"(?:\s+(?:to|you to))?"
    r"(?:\s+(?:report|file|fix|talk about|send (?:anyone|anybody|someone|a crew) for))?"
)
# Behind these a "not" denies nothing that could be reported: "not only", "not the first time", "no solo".
_NO_THING = (
    r"(?!(?:(?:the|a|my|our|an|el|la|un|una|mi)\s+)?(?:only|just|merely|simply|solely|first|second|third|\d|last|"
    "best|same|way|case|point|big|good|great|joke|fun|sure|working|fair|safe|responsible|emergency|city|owner|one|"
    r"s[oó]lo|solamente|primera|segunda|[uú]ltima|mejor|justo|culpa|problema)\b)"
)
# "not working", "not picked up", "not here": a verb or an adverb is no thing.
_NO_VERB = (
    r"(?!\w+(?:ing|ed|en)\b|(?:out|on|off|up|down|here|there|far|near|clear|lit|so|very|too|really|any|to|me|yet|"
    r"been|get|got|done|in|at|by|from|me|you|us)\b)"
)
_NAMED = r"(?P<named>[^\s,.;!?]+(?:\s+[^\s,.;!?]+){0,6})"
_SHORT = r"(?P<named>[^\s,.;!?]+(?:\s+[^\s,.;!?]+){0,2})"
_OBJECT = r"\w+\s+\w+(?:ron|an|en|ó|ado|ido)\b"
_DENIED = tuple(
    re.compile(rf"^{_LEAD}{form}[\s.!]*$", re.IGNORECASE)
    for form in (
        # it's not the light; not a pothole; I'm not talking about the pothole
        rf"(?:{_SUBJECT}{_IS}?\s*)?{_NOT}\s+(?:{_SPEAKING})?{_NO_THING}(?={_THE}\s){_NAMED}",
        # not bulk pickup; it isn't illegal dumping; I'm not reporting graffiti
        rf"(?:{_SUBJECT}{_IS}?\s*)?{_NOT}\s+(?:{_SPEAKING})?{_NO_THING}{_NO_VERB}{_SHORT}",
        # i don't want to report a pothole; don't fix the light
        rf"{_WANT}\s+{_NO_THING}(?={_THE}\s){_SHORT}",
        # no es el semáforo; no hablo de la basura; no quiero reportar un bache
        rf"{_TEMA}no\s+{_ES}\s+{_NO_THING}{_NAMED}",
        # no la basura; but "no la recogieron" is a verb with its object
        rf"no\s+(?=(?:el|la|los|las|un|una|al|del)\s)(?!{_OBJECT}){_NO_THING}{_NAMED}",
    )
)
# Where a denial ends and what is meant instead begins.
_TURN = re.compile(
    r"\s*[,;.!?-]+\s+(?:(?:but|rather|instead|sino|si no)\s+)?|\s+(?:but(?: rather)?|sino|rather)\s+"
    # without a comma: "its not a tree its a pole"
    r"|(?<!\bno)\s+(?=(?:it'?s|it is|that'?s|they'?re|es|son)\s+(?:a|an|the|my|un|una|el|la|los|las|mi)\s)",
    re.IGNORECASE,
)

# ----------------------------------------------------------------------------------------------- questions
_OPENING = re.compile(
    r"^[¿¡\s]*(?:(?:hi|hello|hey|quick question|question|so|ok|okay|please|excuse me|and|"
    r"hola|buenos d[ií]as|buenas(?: tardes| noches)?|y|pregunta|oiga|disculpe)[\s,.!:]+)*[¿¡\s]*",
    re.IGNORECASE,
)
_DONE = (
    "(?:fix|repair|fill|pick|take|collect|remove|handle|deal|clean|cut|trim|tow|plow|plough|replace|repaint|"
    "maintain|respond|do|cover|service|clear|haul|accept|patch|pave|paint|treat|empty|sweep|mow)"
)
_HECHO = (
    "(?:arreglan?|reparan?|recogen?|limpian?|podan?|quitan?|tapan?|retiran?|cortan?|atienden?|se encargan?)"
)
_CITY = r"(?:you(?: guys| all| people| folks)?|u|y'?all|the city|the town|city hall|public works|they|we)"
_CIUDAD = "(?:ustedes|uds|la ciudad|el municipio|el ayuntamiento)"
_ONE = "(?:i|we|you|people|one|someone)"
_QUESTION = re.compile(
    # do you fix potholes; does the city plow alleys; is the city responsible for sidewalks
    rf"(?:do|does|would|will|can|could|are|is)\s+{_CITY}\s+(?:(?:ever|even|also|still|usually|actually)\s+)*"
    rf"(?:{_DONE}|responsible|in charge|able to {_DONE})\b"
    rf"|(?:is|are)\s.{{2,40}}\bsomething\s+{_CITY}\s+{_DONE}\b"
    rf"|what\s+(?:number|department|office|place)\s+(?:do|should|would)\s+{_ONE}\s+(?:call|contact)\b"
    rf"|do\s+(?:i|we)\s+(?:call|contact|tell|ask)\s+{_CITY}\b"
    r"|if\s+(?:i|we|you|there|a|an|my|someone|somebody|something)\b(?!.*(?:\bthis\b|n'?t\b)).*\b(?:who|what|how|would|do)\b.*\?"
    r"|(?:what|what's|whats)\s+(?:if|happens (?:if|when)|would happen if)\b"
    rf"|what\s+(?:do|should|would) {_ONE} do (?:if|when)\b"
    r"|(?:suppose|supposing|imagine|hypothetically|let'?s say)\b"
    # who do i call when a light is out; but "who do i call about the light on my street" reports it
    rf"|(?:who|whom)\s+(?:do|should|would|can|could)\s+{_ONE}\s+(?:call|contact|tell|talk to|ask|write|"
    r"notify|report to|reach)\b(?!.*\b(?:about|for)\s+(?:the|this|that|my|our)\b).*\b(?:when|if|for|about)\b"
    r"|who\s+(?:fixes|repairs|picks up|handles|takes care|cleans|removes|clears|maintains|deals|"
    r"is responsible)\b"
    rf"|(?:how|where)\s+(?:do|would|can|should|could)\s+{_ONE}\s+(?:go about\s+|go to\s+)?"
    r"(?:report|request|schedule|file|submit|make|get rid)\w*\b"
    r"|is\s+it\s+(?:the city'?s|your)\s+(?:job|responsibility)\b"
    rf"|{_CIUDAD}\s+{_HECHO}\b|{_HECHO}\s+(?:ustedes|uds|de)\b"
    r"|qu[eé]\s+(?:pasa|pasar[ií]a|hago|hacemos|debo hacer|se hace)\s+(?:si|cuando)\b"
    r"|si\s+(?:se|tuviera|hubiera|viera|veo|hay|quisiera|alguien)\b.*\?"
    r"|a\s+qui[eé]n\s+(?:llamo|llamar|aviso|contacto|debo llamar|puedo llamar|le (?:hablo|digo|aviso))\b"
    r"(?!.*\b(?:por|sobre)\s+(?:el|la|este|esta|mi)\b).*\b(?:si|cuando|para|por|sobre)\b"
    r"|qui[eé]n\s+(?:arregla|repara|recoge|se encarga|limpia|poda|quita|atiende)\b"
    r"|(?:c[oó]mo|d[oó]nde)\s+(?:puedo\s+|se\s+|hago para\s+)?(?:report|solicit|pid|ped)\w+",
    re.IGNORECASE,
)
# "can you fix the pothole on Elm" is a request: who speaks of one thing, here and now, means it.
_REQUEST = re.compile(r"(?:can|could|would|will|are)\b", re.IGNORECASE)
_THIS_ONE = re.compile(
    r"\b(?:the|this|that|my|our|these|those|please|pls|asap|el|la|este|esta|mi)\b", re.IGNORECASE
)


def denials(text: str) -> list[tuple[int, int, str]]:
    """Return each clause of folded `text` that denies: start, end, and the words for what it is not."""
    found = []
    for start, end in _clauses(text):
        for form in _DENIED:
            if match := form.match(text[start:end]):
                found.append((start, end, match["named"]))
                break
    return found


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _TURN.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def without(text: str, spans: list[tuple[int, int, str]]) -> str:
    """Return the text without those clauses, and without the words that led over to the next one."""
    kept, start = [], 0
    for since, until, _ in spans:
        kept.append(text[start:since])
        turn = _TURN.match(text, until)
        start = turn.end() if turn else until
    kept.append(text[start:])
    joined = re.sub(r"^[\s,.;:!?-]+|[\s,;:-]+$", "", " ".join(part.strip() for part in kept))
    return re.sub(rf"^{_LEAD}", "", joined, flags=re.IGNORECASE)


def only_asks(text: str, *, names_a_place: bool) -> bool:
    """Tell whether folded `text` asks what would be done, or by whom, and reports nothing.

    Args:
        text: one clause or sentence, or a short message.
        names_a_place: it says where; then "do you fix ..." means this one.
    """
    asked = text[_OPENING.match(text).end() :]  # type: ignore[union-attr] # it matches the empty string
    if names_a_place or not _QUESTION.match(asked):
        return False
    return not (_REQUEST.match(asked) and _THIS_ONE.search(asked))
