"""The words that place names are made of and stand among, in English and Spanish.

Tables only. A city's own names are in `city/places`; what is here holds for every city.
"""

from __future__ import annotations

SUFFIXES = {
    "street": ("street", "st", "str", "strt", "streets"),
    "avenue": ("avenue", "ave", "av", "aven", "avenu", "avenues", "avenida", "avda"),
    "lane": ("lane", "ln", "lanes", "callejon"),
    "road": ("road", "rd", "roads", "camino"),
    "drive": ("drive", "dr", "drv"),
    "boulevard": ("boulevard", "blvd", "boul", "bulevar"),
    "court": ("court", "ct"),
    "place": ("place", "pl"),
    "parkway": ("parkway", "pkwy", "pkway", "pky"),
    "circle": ("circle", "cir"),
    "terrace": ("terrace", "ter", "terr"),
    "highway": ("highway", "hwy"),
    "alley": ("alley",),
    "trail": ("trail", "trl"),
    "way": ("way",),
    "row": ("row",),
}
SUFFIX_OF = {word: suffix for suffix, words in SUFFIXES.items() for word in words}

# Spanish puts the kind of street first. "Calle" is said of any street, so it only leans towards "Street".
LEADING_KINDS = {
    "calle": "street",
    "avenida": "avenue",
    "ave": "avenue",
    "av": "avenue",
    "avda": "avenue",
    "camino": "road",
    "carretera": "road",
    "callejon": "lane",
    "bulevar": "boulevard",
}

DIRECTIONS = {
    "north": ("north", "n", "norte"),
    "south": ("south", "s", "so", "sur"),
    "east": ("east", "e", "este"),
    "west": ("west", "w", "oeste"),
    "northeast": ("northeast", "ne"),
    "northwest": ("northwest", "nw"),
    "southeast": ("southeast", "se"),
    "southwest": ("southwest", "sw"),
}
DIRECTION_OF = {word: direction for direction, words in DIRECTIONS.items() for word in words}

_ORDINAL_WORDS = (
    ("first", "primera", "primero", "primer", "frist"),
    ("second", "segunda", "segundo", "secound"),
    ("third", "tercera", "tercero", "tercer"),
    ("fourth", "cuarta", "cuarto", "forth"),
    ("fifth", "quinta", "quinto", "fith", "fifht"),
    ("sixth", "sexta", "sexto"),
    ("seventh", "septima", "septimo"),
    ("eighth", "octava", "octavo", "eigth"),
    ("ninth", "novena", "noveno", "nineth"),
    ("tenth", "decima", "decimo"),
    ("eleventh", "undecima"),
    ("twelfth", "duodecima", "twelth"),
    ("thirteenth",),
    ("fourteenth",),
    ("fifteenth",),
    ("sixteenth",),
    ("seventeenth",),
    ("eighteenth",),
    ("nineteenth",),
    ("twentieth",),
)


def ordinal(number: int) -> str:
    """Write a number as English street signs do: 1st, 2nd, 3rd, 11th, 22nd."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


ORDINAL_OF = {word: ordinal(i) for i, words in enumerate(_ORDINAL_WORDS, 1) for word in words}
ORDINAL_ENDINGS = frozenset(
    {"st", "nd", "rd", "th", "ra", "da", "ta", "va", "na", "a", "ro", "do", "to", "er"}
)

# Spellings that are the same word to a reader.
SPELLINGS = {
    "rte": "route",
    "rt": "route",
    "centre": "center",
    "theatre": "theater",
    "harbour": "harbor",
    "grey": "gray",
}

ARTICLES = frozenset({"the", "la", "el", "los", "las", "our", "your", "that", "this", "teh"})

# How two streets are joined into a corner, and the small words that may stand beside the joint.
JOINTS = frozenset({
    "and", "&", "@", "/", "+", "at", "n", "x", "y", "e", "con", "near", "by", "off", "meets", "crosses",
    "crossing", "junto", "cerca", "nearby", "around", "past", "before", "after", "corner", "nr",
    "intersection", "intersects", "intersecting", "esquina",
})  # fmt: skip
STRONG_JOINTS = frozenset({"and", "&", "@", "/", "+", "x", "y", "e", "n", "meets", "crosses", "intersects"})
JOINT_FILLERS = frozenset({
    "the", "of", "with", "where", "a", "de", "la", "el", "just", "right", "corner", "intersection", "it",
    "street", "avenue", ",", ".", "on", "streets", "cerca", "close", "to",
})  # fmt: skip
CORNER_WORDS = frozenset({"corner", "corners", "intersection", "esquina", "cruce", "interseccion", "cnr"})
BETWEEN_WORDS = frozenset({"between", "btwn", "betwen", "bet", "btw", "entre", "beetween", "from", "desde"})
BETWEEN_JOINTS = frozenset({"and", "&", "y", "to", "a", "n", "until", "hasta", "through", "-", "e", "/"})

# A street's bare name ("on oak") counts as a place after one of these.
BEFORE_STREET = frozenset({
    "on", "along", "off", "at", "down", "up", "of", "near", "by", "to", "from", "between", "and", "&", "@",
    "onto", "toward", "towards", "blocking", "across", "en", "sobre", "por", "de", "calle", "corner", "past",
    "in", "entre", "y", "con", "is", "its", "meant", "mean", "no", "not", "around", "nr", "/", "es",
})  # fmt: skip
# The same for names that are also everyday words ("main", "park", "school").
BEFORE_EVERYDAY = frozenset(
    {"on", "along", "off", "of", "calle", "en", "&", "onto", "down", "between", "entre"}
)
# After a bare name these show that the thing was meant, not the street: "oak tree", "2nd floor", "5th time".
NOT_A_STREET_AFTER = frozenset({
    "tree", "trees", "branch", "branches", "limb", "limbs", "bark", "leaves", "leaf", "stump", "stumps",
    "wood", "lumber", "cone", "cones", "nuts", "needles", "log", "logs", "roots", "root", "trunk", "break",
    "valve", "pipe", "floor", "time", "times", "grade", "day", "week", "month", "year", "one", "house",
    "graders", "request", "report", "call", "complaint", "of", "attempt", "hand", "party", "line", "bus",
    "entrance", "reason", "thing", "problem", "concern", "season", "office", "bin", "can", "light",
    "lane", "pole", "car", "door",
})  # fmt: skip
NOT_A_STREET_BEFORE = frozenset({
    "water", "sewer", "gas", "storm", "dead", "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
    "sep", "sept", "oct", "nov", "dec", "every",
})  # fmt: skip
EVERYDAY_WORDS = frozenset({
    "main", "mill", "church", "school", "garden", "park", "market", "union", "commerce", "river", "depot",
    "dock", "ferry", "bridge", "industrial", "prospect", "water", "front", "high", "state", "center", "court",
    "spring", "grove", "lake", "hill", "forest", "meadow", "orchard", "sunset", "highland", "college",
    "central", "broad", "grand", "pleasant", "summer", "winter", "rose", "king", "queen", "liberty", "canal",
    "principal", "iglesia", "mayor",
    "railroad", "mechanic", "pearl", "silver", "short", "cross", "second", "third", "first", "foundry",
})  # fmt: skip

# How a thing lies to a landmark, as residents write it → as the bot says it. Longest first within a start.
RELATIONS: dict[tuple[str, ...], str] = {
    ("across", "the", "street", "from"): "across from",
    ("across", "the", "road", "from"): "across from",
    ("across", "from"): "across from",
    ("accross", "from"): "across from",
    ("across",): "across from",
    ("opposite",): "across from",
    ("in", "front", "of"): "in front of",
    ("front", "of"): "in front of",
    ("outside", "of"): "in front of",
    ("outside",): "in front of",
    ("next", "to"): "next to",
    ("next", "door", "to"): "next to",
    ("beside",): "next to",
    ("alongside",): "next to",
    ("behind",): "behind",
    ("in", "back", "of"): "behind",
    ("under",): "under",
    ("underneath",): "under",
    ("below",): "under",
    ("near",): "near",
    ("nearby",): "near",
    ("by",): "near",
    ("nr",): "near",
    ("around",): "near",
    ("close", "to"): "near",
    ("past",): "near",
    ("at",): "at",
    ("@",): "at",
    ("in",): "at",
    ("inside",): "at",
    ("on",): "at",
    ("into",): "at",
    ("entering",): "at",
    ("frente", "a"): "across from",
    ("frente", "al"): "across from",
    ("enfrente", "de"): "across from",
    ("enfrente", "del"): "across from",
    ("al", "lado", "de"): "next to",
    ("al", "lado", "del"): "next to",
    ("junto", "a"): "next to",
    ("junto", "al"): "next to",
    ("detras", "de"): "behind",
    ("detras", "del"): "behind",
    ("atras", "de"): "behind",
    ("atras", "del"): "behind",
    ("debajo", "de"): "under",
    ("debajo", "del"): "under",
    ("bajo",): "under",
    ("cerca", "de"): "near",
    ("cerca", "del"): "near",
    ("por",): "near",
    ("en",): "at",
    ("fuera", "de"): "in front of",
}
RELATION_SLUGS = {phrase.replace(" ", "-"): phrase for phrase in set(RELATIONS.values())}

BLOCK_WORDS = frozenset({"block", "blk", "blks", "blocks", "blck", "cuadra", "bloque"})
NUMBER_WORDS = frozenset({"#", "number", "no", "num", "numero", "nr", "nro"})
ASSET_WORDS = frozenset({
    "pole", "poles", "light", "lamp", "streetlight", "lamppost", "lightpole", "number", "#", "no", "num",
    "poste", "luz", "farola", "hydrant", "hidrante", "signal", "cabinet", "asset", "tag", "id", "post",
    "numero", "says", "reads", "stop", "sign", "box", "dice",
})  # fmt: skip

# Words that are never a misspelt name, however near they come to one.
NO_NAMES = ARTICLES | JOINTS | BETWEEN_WORDS | frozenset(p[-1] for p in RELATIONS) | frozenset({
    "a", "about", "above", "again", "ago", "all", "almost", "along", "already", "also", "always", "an",
    "any", "anyone", "are", "area", "as", "back", "bad", "be", "because", "been", "big", "block", "both",
    "but", "call", "can", "cant", "car", "cars", "city", "come", "comes", "coming", "corner", "could",
    "cross", "curb", "damage", "day", "days", "dead", "did", "directly", "do", "does", "dont", "down",
    "drive", "driveway", "driving", "each", "end", "every", "everyone", "first", "fix", "for", "found",
    "front", "full", "get", "gets", "getting", "go", "goes", "going", "gone", "good", "got", "great", "had",
    "half", "hard", "has", "have", "he", "her", "here", "high", "him", "his", "hit", "hole", "house", "how",
    "if", "into", "is", "it", "its", "just", "keep", "large", "last", "left", "light", "lights", "like",
    "line", "little", "live", "long", "lot", "low", "made", "make", "many", "may", "me", "middle", "month",
    "months", "more", "morning", "most", "much", "must", "my", "need", "needs", "never", "new", "next",
    "night", "nobody", "not", "now", "of", "off", "old", "one", "only", "open", "or", "other", "out",
    "over", "own", "park", "parked", "parking", "people", "person", "place", "pothole", "potholes", "put",
    "really", "right", "road", "run", "runs", "said", "same", "sat", "says", "see", "seen", "several",
    "she", "should", "side", "sidewalk", "sign", "since", "sit", "small", "so", "some", "someone",
    "something", "still", "stop", "street", "such", "take", "than", "their", "them", "then", "there",
    "theres", "these", "they", "thing", "things", "think", "those", "through", "time", "times", "today",
    "too", "traffic", "trash", "tree", "trees", "try", "turn", "two", "under", "up", "us", "use", "very",
    "walk", "was", "wasnt", "water", "way", "we", "week", "weeks", "went", "were", "what", "when", "where",
    "which", "while", "who", "whole", "why", "will", "with", "would", "yard", "year", "years", "yes", "yet",
    "you", "un", "una", "mi", "hay", "que", "se", "es", "esta", "no", "muy", "mas", "calle", "luz",
    "basura", "arbol",
})  # fmt: skip
