"""Words by which a language is told, and the sentences by which one is asked for. Data only.

A word stands under a language only if the other one does not have it: "no", "me", "a", "once" and "son" are
in neither list, nor are "street" and "avenue", which stand in the city's names whatever is spoken.
"""

from __future__ import annotations

import re

FOREIGN = (
    *("fr", "pt", "ht", "de", "it", "pl", "ro", "vi", "tl", "zh", "ja", "ko"),
    *("ar", "fa", "ru", "uk", "hi", "bn", "pa", "gu", "ur", "ne", "so", "sw", "am", "hy", "el"),
)
"""Languages that are recognised, so that who writes in them is not answered in a wrong one."""

_ENGLISH = """
the is are was were been being has it its it's this that that's these those there there's here of to at by
from with and or but if my i i'm i've im ive our we we're you your they their them he's she what what's whats
when where who why how which can can't cant could would should will won't wont did didn't didnt does doesn't
doesnt do don't dont isn't isnt aren't wasn't wasnt not have haven't need needs want wants get got please
thanks thank someone somebody something anyone anybody anything nothing everyone out up off over again still
about because been into just like really very too much many every all any some more most near down broken
pothole potholes light lights sidewalk trash garbage tree trees water drain leak leaking sewer manhole
neighbor neighbors neighbour landlord dog dogs dead raccoon squirrel deer rats mice weeds grass
yard today yesterday tomorrow week weeks month months year years days day morning night
monday tuesday wednesday thursday friday saturday sunday big huge small bad good right left between
corner front behind across next stop fix fixed pick picked pickup report reported call called help hello hi
hey yes yeah nope sorry speak talk person human
"""
_SPANISH = """
el los las un una unos unas del al que qué por para con sin mi mis tu tus su sus hay está están esta este esto
estos estas ese esa eso es son se lo le les nos y o pero como cómo cuando cuándo donde dónde quien quién cual
cuál porque porqué si sí ya muy más mas también tambien aquí aqui allí alli ahí ahi ayer hoy mañana manana
quiero quisiera tengo tiene tienen tenemos necesito necesita necesitamos puedo puede pueden podría podria
quieren hace hacen hacer fue era fueron soy estoy estamos gracias hola buenas buenos días dias tardes noches
favor adiós adios desde hasta entre sobre frente cerca lado afuera enfrente detrás detras junto atrás
calle calles avenida esquina casa bache baches hoyo hueco basura basurero luz luces poste farola faro
semáforo semaforo árbol arbol árboles arboles rama ramas alcantarilla drenaje banqueta acera carro coche
camión camion agua fuga tubería tuberia ruido perro perros gato ratas ratones vecino vecina vecinos dueño
casero renta persona alguien nadie nada algo todo todos todas hablar reporte reportar reporto solicitud
número numero roto rota rotos caído caido caída caida lleno llena tapado tapada recogieron recogen recoger
pasaron pasó cómo ayuda ayúdeme ayudarme nieve hielo biblioteca parque escuela puente ciudad alcalde cita
vacuna evento eventos horario abierto abierta cerrado cerrada cierra abre otra otro otras otros vez veces
cancelar cancela empezar volver nuevo nueva claro bueno buena pues correcto incorrecto verdad
animal animales atropellado muerto muerta gente niños ninos abuela abuelo madre padre esposo hijo hija
llevo llevan lleva semana semanas mes meses año años martes miércoles miercoles jueves viernes sábado sabado
domingo lunes apagado apagada apagadas encendido fundió fundio fuerte olor huele gas humo fuego chispas cable
cables grafiti pintada pintadas lote abandonado abandonada estacionado estacionada cochera entrada salida
arreglar arreglen arreglaron limpiar limpien cortar corten quitar quiten vengan manden mandar dígame digame
dime entiendes entiendo sabe saben sé quisieran gustaría gustaria dónde adónde adonde vivo vive viven
pagar cuenta factura permiso multa perdón perdon oiga oye señor señora señorita usted ustedes
"""
_IN_BOTH = """
has no me a once son gas animal over pie he sin as real actual fin red do si
"""
_BOTH = frozenset(_IN_BOTH.split())

TELLING = {
    "en": frozenset(_ENGLISH.split()) - frozenset(_SPANISH.split()) - _BOTH,
    "es": frozenset(_SPANISH.split()) - frozenset(_ENGLISH.split()) - _BOTH,
}
"""Words that only one of the languages has."""

_ENGLISH_ALONE = """
hello hi hey thanks please help pothole trash garbage sidewalk streetlight
"""
_SPANISH_ALONE = """
hola gracias buenas buenos sí ayuda auxilio socorro bache baches basura fuga ruido nieve persona semáforo
semaforo farola alcantarilla árbol arbol adiós adios perdón perdon oiga español
"""
SINGLE = {"en": frozenset(_ENGLISH_ALONE.split()), "es": frozenset(_SPANISH_ALONE.split())}
"""Words that tell by themselves, at the start of a conversation."""

_NAMES = {"en": r"(?:english|ingl[eé]s|ingles)", "es": r"(?:spanish|espa[nñ]ol|castellano)"}
_POLITE = (
    r"(?:please|pls|plz|thanks?(?:\s+you)?|thx|por\s+favor|porfa|gracias|ok(?:ay)?|yes|no|s[ií]|hi|hello|hey|hola|"
    r"sorry|excuse\s+me|perd[oó]n|disculpe|mejor|better|instead|now|ahora|entonces|solo|only|just|y|and)"
)
_LEADS = (
    r"(?:(?:can|could|may)\s+(?:we|you|i|u)\s+(?:please\s+)?(?:speak|talk|write|chat|continue|go\s+on|switch|"
    r"change|have\s+(?:this|it)|get\s+(?:this|it))(?:\s+(?:to\s+me|with\s+me))?|(?:let'?s\s+)?(?:speak|talk|write|"
    r"answer|reply|respond|continue|switch|change)(?:\s+(?:to\s+me|with\s+me|it|language|the\s+language))?|"
    r"(?:i\s+(?:only\s+|just\s+)?(?:speak|want|prefer|need)|i'?d\s+(?:prefer|like|rather(?:\s+(?:speak|have))?))|"
    r"(?:do|does)\s+(?:you|u|anyone|anybody)\s+(?:speak|talk|understand)|"
    r"(?:se\s+)?(?:habla|hablan|hablas|hable|h[aá]bleme|h[aá]blame|hablemos|hablar|hablo|conteste|cont[eé]steme|"
    r"cont[eé]stame|responda|resp[oó]ndame|resp[oó]ndeme|escr[ií]bame|escr[ií]beme|escriba|siga|sigue|sigamos|"
    r"seguir|seguimos|cambia|cambie|cambiar|cambiemos|contin[uú]e|continuemos|continuar)|"
    r"(?:puede[ns]?|podemos|podr[ií]amos|podr[ií]a[ns]?|me\s+puede[ns]?)\s+(?:hablar(?:me)?|contestar(?:me)?|"
    r"responder(?:me)?|escribir(?:me)?|seguir|cambiar|continuar)|"
    r"(?:solo\s+|nom[aá]s\s+)?(?:hablo|entiendo)|(?:prefiero|quiero|quisiera|necesito)(?:\s+(?:hablar|seguir|escribir))?)"
)
_LINK = r"(?:in|to|into|en|a|al|el|idioma|the|language|de|lengua|only|solo)"
_ASKS = {
    language: re.compile(
        rf"^(?:{_POLITE}\s+)*(?:{_LEADS}\s+)?(?:{_LINK}\s+)*{name}(?:\s+(?:{_POLITE}|language|idioma))*$"
    )
    for language, name in _NAMES.items()
}
_BLANKS = re.compile(r"[\s,.;:!¡?¿\-_*\"()]+")
_LONGEST_ASK = 80


def asked_for(text: str) -> str | None:
    """Return the language that a message asks to go on in; None if it asks for something else, or for more.

    >>> asked_for("can we speak Spanish?"), asked_for("English teachers wanted")
    ('es', None)
    """
    if len(text) > _LONGEST_ASK:
        return None
    plain = _BLANKS.sub(" ", text.replace("’", "'")).strip().lower()
    return next((language for language, asks in _ASKS.items() if asks.match(plain)), None)
