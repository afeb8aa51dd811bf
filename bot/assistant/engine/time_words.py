"""Words for days, months, holidays and amounts of time, English and Spanish, with what they mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from bot.assistant.engine.word_sets import word_set

_WEEKDAY_TEXT = (
    "monday mon mondays lunes",
    "tuesday tue tues tuesdays martes",
    "wednesday wed weds wednesdays wensday wednsday miércoles miercoles",
    "thursday thu thur thurs thursdays thrusday jueves",
    "friday fri fridays viernes",
    "saturday sat saturdays saterday sábado sabado sábados sabados",
    "sunday sun sundays domingo domingos",
)
WEEKDAYS = {word: number for number, line in enumerate(_WEEKDAY_TEXT) for word in line.split()}
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DOUBTFUL_DAYS = frozenset({"sun", "sat", "mon", "wed", "fri", "tue", "thu"})
"""Short forms that are other words too: they need a word of time in front."""

_MONTH_TEXT = (
    "january jan enero",
    "february feb febrero",
    "march mar marzo",
    "april apr abril",
    "may mayo",
    "june jun junio",
    "july jul julio",
    "august aug agosto",
    "september sept sep septiembre setiembre",
    "october oct octubre",
    "november nov noviembre",
    "december dec diciembre",
)
MONTHS = {word: number for number, line in enumerate(_MONTH_TEXT, 1) for word in line.split()}
MONTH_NAMES = tuple(line.split()[0] for line in _MONTH_TEXT)

_NUMBER_TEXT = (
    "a an one un una uno",
    "two dos",
    "three tres",
    "four cuatro",
    "five cinco",
    "six seis",
    "seven siete",
    "eight ocho",
    "nine nueve",
    "ten diez",
    "eleven once",
    "twelve doce",
)
NUMBERS = {word: number for number, line in enumerate(_NUMBER_TEXT, 1) for word in line.split()}
NUMBERS |= {"couple": 2, "par": 2, "few": 3, "quince": 15, "fifteen": 15, "veinte": 20, "twenty": 20}
VAGUE_NUMBERS = word_set("several many some varios varias muchos muchas unos unas algunos algunas")

_UNIT_TEXT = {
    "minute": "minute minutes min mins minuto minutos",
    "hour": "hour hours hr hrs hora horas",
    "day": "day days día días dia dias",
    "week": "week weeks wk wks semana semanas",
    "month": "month months mes meses",
    "year": "year years yr yrs año años ano anos",
}
UNITS = {word: unit for unit, line in _UNIT_TEXT.items() for word in line.split()}

# Parts of a day, as hours from and to; a night goes on after midnight.
PARTS = {"morning": (5, 12), "noon": (12, 13), "afternoon": (12, 18), "evening": (17, 22), "night": (18, 30)}
_PART_TEXT = {
    "morning": "morning mornings mañana manana madrugada",
    "noon": "noon lunchtime mediodía mediodia",
    "afternoon": "afternoon afternoons tarde tardes",
    "evening": "evening evenings",
    "night": "night nights noche noches",
}
PART_OF = {word: part for part, line in _PART_TEXT.items() for word in line.split()}


def _nth(month: int, weekday: int, count: int) -> Callable[[int], dt.date]:
    """Return the rule of the `count`th weekday of a month; -1 is the last."""

    def on(year: int) -> dt.date:
        if count > 0:
            first = dt.date(year, month, 1)
            return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))
        after = dt.date(year + month // 12, month % 12 + 1, 1)
        last = after - dt.timedelta(days=1)
        return last - dt.timedelta(days=(last.weekday() - weekday) % 7)

    return on


def _fixed(month: int, day: int) -> Callable[[int], dt.date]:
    return lambda year: dt.date(year, month, day)


def _easter(days: int) -> Callable[[int], dt.date]:
    """Return the rule of a day so many days after Easter (Gregorian computus, Meeus)."""

    def on(year: int) -> dt.date:
        a, b, c = year % 19, year // 100, year % 100
        d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
        e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
        f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
        return dt.date(year, f // 31, f % 31 + 1) + dt.timedelta(days=days)

    return on


# As written in lower case without apostrophes and without "day" or "día de" behind or in front.
HOLIDAYS: dict[str, Callable[[int], dt.date]] = {
    "new years": _fixed(1, 1),
    "new years eve": _fixed(12, 31),
    "año nuevo": _fixed(1, 1),
    "fin de año": _fixed(12, 31),
    "mlk": _nth(1, 0, 3),
    "martin luther king day": _nth(1, 0, 3),
    "martin luther king jr day": _nth(1, 0, 3),
    "presidents": _nth(2, 0, 3),
    "valentines": _fixed(2, 14),
    "san valentín": _fixed(2, 14),
    "good friday": _easter(-2),
    "viernes santo": _easter(-2),
    "easter": _easter(0),
    "easter sunday": _easter(0),
    "easter monday": _easter(1),
    "pascua": _easter(0),
    "mothers day": _nth(5, 6, 2),
    "memorial": _nth(5, 0, -1),
    "juneteenth": _fixed(6, 19),
    "fathers day": _nth(6, 6, 3),
    "independence day": _fixed(7, 4),
    "fourth of july": _fixed(7, 4),
    "cuatro de julio": _fixed(7, 4),
    "labor": _nth(9, 0, 1),
    "labour": _nth(9, 0, 1),
    "columbus": _nth(10, 0, 2),
    "indigenous peoples": _nth(10, 0, 2),
    "halloween": _fixed(10, 31),
    "día de los muertos": _fixed(11, 2),
    "veterans": _fixed(11, 11),
    "thanksgiving": _nth(11, 3, 4),
    "acción de gracias": _nth(11, 3, 4),
    "accion de gracias": _nth(11, 3, 4),
    "black friday": lambda year: _nth(11, 3, 4)(year) + dt.timedelta(days=1),
    "christmas eve": _fixed(12, 24),
    "nochebuena": _fixed(12, 24),
    "christmas": _fixed(12, 25),
    "xmas": _fixed(12, 25),
    "navidad": _fixed(12, 25),
}

PAST_WORDS = word_set("""
was were did didn didnt reported called came fell happened missed skipped broke stopped started began
wrote told filed submitted collected picked emptied hasn hasnt haven havent been since ago yesterday
last fue fui pasó paso pasaron cayó cayo reporté reporte llamé llamaron rompió estaba estuvo desde ayer
pasado pasada recogieron vinieron dejaron hace
""")
SEASONS = {
    "spring": 3, "summer": 6, "fall": 9, "autumn": 9, "winter": 12,
    "primavera": 3, "verano": 6, "otoño": 9, "invierno": 12,
}  # fmt: skip

TIME_WORDS = (
    WEEKDAYS.keys()
    | MONTHS.keys()
    | UNITS.keys()
    | PART_OF.keys()
    | SEASONS.keys()
    | {word for name in HOLIDAYS for word in name.split()}
    | word_set("""
today tonight tomorrow tomorow tommorow tommorrow tmrw yesterday hoy ayer anoche anteayer antier
daily nightly weekly diario diariamente midnight medianoche clock o'clock past las la new year's
presidents' valentine's mother's father's veterans' labour people's thanksgiving día acción weekend
finde fin
""")
)
"""A text without any of these words and without a digit speaks of no time."""
