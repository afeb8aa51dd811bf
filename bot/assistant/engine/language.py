"""Decide between the city's languages, English and Spanish, for one message.

Short messages are the rule ("gracias", "bache en la 5"), so this counts function words, city words and
letters that only one of the two uses. It is not a language identifier: any third language
comes out as English.
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_SPANISH_WORDS = """
el la los las un una unos unas de del al que y o u en con por para sin sobre entre hasta desde cuando
donde como cual quien porque pero mi mis su sus tu tus este esta estos estas ese esa eso hay es son está
están estoy soy fue era tengo tiene tienen quiero quisiera puedo puede pueden necesito no sí si ya muy
más mas también tambien aquí aqui allí alli ayer hoy mañana manana gracias hola buenos buenas días dias
tardes noches favor adiós adios calle avenida esquina frente cerca lado casa bache hoyo hueco basura luz
poste semáforo semaforo árbol arbol alcantarilla banqueta acera carro coche agua fuga ruido perro perros
vecino vecinos persona hablar reporte reportar solicitud número numero roto rota caído caido lleno llena
recogieron recoger pasaron cuándo dónde cómo qué cuál ayuda nieve biblioteca parque escuela iglesia
puente ciudad alcalde cita vacuna evento eventos horario abierto cierra abre otra otro vez correcto
incorrecto cancelar empezar nuevo vale claro bueno pues le les me nos se lo han ha he
"""
_SPANISH = frozenset(_SPANISH_WORDS.split())
_ENGLISH_WORDS = """
the a an of to in on at by for with from and or is are was were be been it its this that these those
there here i im my me we our you your he she they them their has have had do does did not no yes please
thanks thank can could would should will what when where which who why how near street avenue road lane
pothole light sign tree trash garbage sidewalk water leak drain dog dogs car cars house hello hi hey
broken out someone need want get report request number cancel person talk right wrong ok okay sure up
over out down next front corner between
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_ONLY_SPANISH = re.compile(r"[¿¡ñáíóú]|ción\b", re.IGNORECASE)


def language_of(text: str) -> str:
    """Return "es" where Spanish has the better evidence, else "en". `text` is folded text."""
    spanish = english = 0.0
    for word in _WORD.findall(text.lower()):
        in_spanish, in_english = word in _SPANISH, word in _ENGLISH
        if in_spanish and not in_english:
            spanish += 1
        elif in_english and not in_spanish:
            english += 1
    spanish += 1.5 * len(_ONLY_SPANISH.findall(text))
    return "es" if spanish > english else "en"
