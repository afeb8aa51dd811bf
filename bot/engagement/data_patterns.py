"""How personal data looks in English and Spanish texts; `personal_data.py` says what counts.

Every repetition is bounded: these run on whatever anybody writes.
"""

from __future__ import annotations

import re

SIGNS = re.compile(r"\d|@|\b(?:arroba|dot|punto)\b")
MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]{0,7}\.?"
    r"|mayo|septiembre|setiembre"
)
STREET = (
    r"(?:st|street|ave|avenue|rd|road|ln|lane|dr|drive|blvd|boulevard|ct|court|pl|place|way|ter|terrace|"
    r"cir|circle|"
    r"pkwy|parkway|calle|avenida|camino|trail|square)"
)

# --- numbers that tell by their form ---------------------------------------------------------------
SOCIAL = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d{2}\1(?!0000)\d{4}(?![\w-])")
SOCIAL_NAMED = re.compile(
    r"\b(?:ssn|itin|social security|(?:my|mi|n[uú]mero de|de mi) (?:seguro )?social|seguro social)"
    r"\b[^\d\n]{0,30}?"
    r"(\d{3}[- .]?\d{2}[- .]?\d{4}|\d{4})(?![\w-])",
    re.IGNORECASE,
)
CARD = re.compile(r"(?<![\w-])(?:\d{4}[ -]?){3}\d{1,7}(?![\w-])|(?<![\w-])\d{4}[ -]?\d{6}[ -]?\d{5}(?![\w-])")

# --- numbers that a word tells ---------------------------------------------------------------------
NUMBER_OF = (
    r"(?:[ :#.,]|\b(?:numbers?|num|no|nbr|id|ending|ends|in|is|was|its|n[uú]mero|n[uú]m|nro|es|termina|"
    r"en|la|el|"
    r"de|agua|water|luz|gas|bill|for|my|the|mi)\b){0,12}"
)
ACCOUNT = re.compile(
    r"(?<!into )(?<!by )(?<!on )(?<!en )\b(?:account|acc?t|a/c|cuenta|(?:customer|client|member"
    r"|meter|policy|cliente|contrato|medidor|"
    r"p[oó]liza|usuario)"
    r"(?= ?(?:num|no\b|n[uú]m|nro|#|id\b|:| \d)))"
    rf"{NUMBER_OF}(?<![\w$])((?=[\w-]{{0,9}}\d[\w-]{{0,9}}\d[\w-]{{0,9}}\d)"
    r"[a-z]{0,4}\d?[a-z\d]*(?:-[a-z\d]+){0,4})(?!\w)"
    r"(?! ?(?:%|dollars?|d[oó]lares|days?|d[ií]as|years?|a[nñ]os|usd|bucks|pesos))(?![.,]\d)",
    re.IGNORECASE,
)
ACCOUNT_AFTER = re.compile(
    r"(?<![\w$])((?=[\w-]{0,9}\d[\w-]{0,9}\d[\w-]{0,9}\d)[a-z]{0,4}\d[\w-]{2,15}),? (?:is|es|was|=) "
    r"(?:my|mi|our|the|el)(?: water| utility| city| n[uú]mero de)? (?:account|acct|cuenta)\b",
    re.IGNORECASE,
)
BORN = re.compile(
    r"\b(?:born|dob|d\.o\.b|date of birth|birth ?dates?|birthday|nac[ií]|naci[oó]|nacid[oa]|nacimiento|"
    r"fecha de nac|f\. ?nac|cumplea[nñ]os)\b[^\d\n]{0,30}?"
    r"(\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})"
    rf"|(?:\b(?:{MONTH}) )?\d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:de |of )?(?:{MONTH}))?,? (?:del? |of )?(?:19|"
    rf"20)\d\d)(?!\d)",
    re.IGNORECASE,
)
PLATE = re.compile(
    r"\b(?:plates?|placas?|matr[ií]culas?|(?:licen[cs]e|lic\.?|car|truck|vehicle) tags?|patente)\b"
    r"(?:[ :#.,(“\"']|\b(?:numbers?|num|no|is|are|was|reads?|says?|with|de|del|la|el|n[uú]mero|n[uú]m|es|"
    r"son|dice|"
    r"of|the|it|that|ohio|ct|ny|nj|pa|ga|tx|ca|fl|ma|state|auto|carro)\b){0,8}"
    r"((?=[a-z\d -]{0,8}\d)(?:[a-z]{2,3}[ -]?\d{3,4}(?:[ -]?[a-z]{1,2})?|\d{1,3}[ -]?[a-z]{2,3}[ -]?\d{1,4}|"
    r"\d{3}[ -]?[a-z]{3}|[a-z\d]{5,8}))(?![\w-])",
    re.IGNORECASE,
)
HOUSE = (
    rf"\d{{1,6}}[a-z]?(?: (?:[nsew]\.?|north|south|east|west))?(?: [\w'’.-]+){{1,4}}? {STREET}\b\.?"
    r"|(?:calle|avenida|av\.?|avda\.?) (?:[\w'’.-]+ ){1,4}?(?:#|no\.? ?|n[uú]m\.? ?|n[uú]mero )?\d{1,6}\b"
)
UNIT = (
    r"(?:,? ?(?:(?:apartment|apartamento|apto|apt|unit|suite|departamento|depto|dpto|piso|"
    r"interior)\b|#)\.? ?#? ?\w{1,5}\b)"
)
HOME = re.compile(
    r"\b(?:(?:i|we) (?:live|reside|stay) (?:at|in|on)|living at|my (?:home |house |street |mailing "
    r")?address\b(?: is|'s)?|"
    r"my (?:house|home|apartment|apt|place|condo)\b(?: is)?(?: at| on|,)?|our (?:house|home|apartment)"
    r"\b(?: is)?(?: at| on|,)?|"
    r"address:|viv(?:o|imos) en|mi (?:direcci[oó]n|casa|domicilio|departamento|apartamento)\b(?: es| "
    r"est[aá])?(?: en)?|"
    r"nuestra casa\b(?: est[aá])?(?: en)?|direcci[oó]n:|domicilio:)[ :,]{0,3}(?:la |el |the |number |"
    r"n[uú]mero )?"
    rf"((?:{HOUSE}){UNIT}?)",
    re.IGNORECASE,
)
HOUSE_WITH_UNIT = re.compile(
    rf"(?<![\w-])((?:\d{{1,6}}[a-z]?(?: [\w'’.-]+){{1,3}}? {STREET}\b\.?){UNIT})", re.IGNORECASE
)
BOX = re.compile(
    r"\b(?:p\.? ?o\.? ?box|apartado(?: postal| de correos)?) ?#?(?:n[uú]m\.? )?\d{1,6}\b", re.IGNORECASE
)

# --- telephones ------------------------------------------------------------------------------------
BEFORE = r"(?<![\w.,/$#+-])"
AFTER = r"(?![\w/-]|[.,:]\d)"
EXTENSION = r"(?:,? ?(?:ext|extension|extensi[oó]n|x)\.? ?\d{1,5})?"
PHONE = re.compile(
    rf"{BEFORE}(?:(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]?\d{{4}}|"
    rf"[2-9]\d\d[.-]\d{{4}}|"
    rf"1?[2-9]\d\d[2-9]\d{{6}}){EXTENSION}{AFTER}",
    re.IGNORECASE,
)
ABROAD = re.compile(r"(?<![\w+])\+\d(?:[ .()-]{0,2}\d){8,13}(?![\w])")
CALL = re.compile(
    r"\b(?:call|text|txt|phone|cell|cel|tel|mobile|whatsapp|ring|reach|contact me|my number|number is|"
    r"ll[aá]m\w+|tel[eé]fono|"
    r"celular|m[oó]vil|mi n[uú]mero|marcar|marque|m[aá]rqueme|comun[ií]\w+|cont[aá]ct\w+)\b[^\d\n]{0,25}?"
    r"(?<![\w.,/$#-])(\d{3}[ .-]?\d{4}|\d{2}[ .-]\d{4}[ .-]\d{4}|\d{3}[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}|"
    r"\d(?:[ .-]\d){6,10})"
    r"(?![\w/-]|[.,:]\d)",
    re.IGNORECASE,
)
HOUSES_FOLLOW = re.compile(rf" (?:blk|block|bl\b|(?:[\w'.-]+ ){{1,3}}{STREET}\b)", re.IGNORECASE)
UNITS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis|"
    "siete|ocho|nueve"
)
TENS = (
    "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|"
    "fifty|sixty|"
    "seventy|eighty|ninety|diez|once|doce|trece|catorce|quince|veinte|treinta|cuarenta|cincuenta|sesenta|"
    "setenta|"
    "ochenta|noventa|veinti[a-zé]{3,6}|dieci[a-zé]{3,6}"
)
SPELLED = re.compile(
    rf"\b(?:(?:{TENS}|{UNITS}|o|\d{{1,4}})(?:[ ,.-]{{1,2}}(?:y |and )?)){{3,11}}(?:{TENS}|{UNITS}|o|"
    rf"\d{{1,4}})\b",
    re.IGNORECASE,
)
SPELLED_PART = re.compile(rf"({TENS})(?:[ -](?:y )?({UNITS})\b)?|({UNITS}|\bo\b)|(\d+)", re.IGNORECASE)
NUMBER_WORD = re.compile(rf"\b(?:{UNITS}|{TENS})\b", re.IGNORECASE)

# --- e-mail ----------------------------------------------------------------------------------------
EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
SPOKEN_EMAIL = re.compile(
    r"\b[\w.+-]{1,40}(?: (?:dot|punto) [\w+-]{1,30}){0,2} ?(?:[\[(] ?(?:at|arroba) ?[\])]|@|\bat\b|"
    r"\barroba\b) ?(?!the |el |la )"
    r"[a-z\d-]{2,30}(?: ?[\[(]dot[\])] ?| dot | punto |\.)"
    r"(?:com|net|org|edu|gov|mx|us|es|info|co)\b(?:(?: dot | punto |\.)(?:mx|us|es|uk)\b)?",
    re.IGNORECASE,
)
