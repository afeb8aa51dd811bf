"""Words by which places are recognised, English and Spanish. A city's own names come with its data."""

from __future__ import annotations

# Each kind of street in every way it is written; the first is the full form.
SUFFIX_FORMS = (
    "street st str strt",
    "avenue ave av aven",
    "road rd",
    "lane ln",
    "drive dr",
    "court ct",
    "place pl",
    "boulevard blvd boul",
    "terrace ter terr",
    "circle cir",
    "parkway pkwy pky",
    "highway hwy",
    "square sq",
    "alley aly",
    "trail trl",
    "turnpike tpke",
    "crescent cres",
    "extension ext",
    "way",
    "loop",
    "row",
    "plaza plz",
    "expressway expy",
)
SUFFIXES = {form: line.split()[0] for line in SUFFIX_FORMS for form in line.split()}

# Also everyday words: a lower-case word in front is not enough to make a street of them.
LOOSE_SUFFIXES = frozenset(
    {"way", "place", "court", "square", "drive", "loop", "row", "trail", "circle", "plaza"}
)

SPANISH_STREETS = frozenset(
    {"calle", "avenida", "avda", "carretera", "camino", "bulevar", "paseo", "callejón", "callejon", "c/"}
)

DIRECTIONS = frozenset(
    {"n", "s", "e", "w", "north", "south", "east", "west", "ne", "nw", "se", "sw", "northeast", "northwest"}
)

_STOP = """
the a an of to in on at by for with from and or is are was were be been it its this that these those
there here i im my me we our us you your he she they them their has have had do does did not no yes
please can could would should will what when where which who why how near next front corner between
behind across all every each some any one two three four five six several many big huge large deep small
bad broken new old main-road side down up over out off under along until after before since about left
right into onto around very just still also only same other another whole entire cross street road
avenue lane block intersection city town hole pothole potholes light lights sign tree trees trash water
car cars truck house home door yard sidewalk driveway drain report request fix need el la los las un una
unos de del al que y u en con por para sin sobre entre hasta desde cuando donde mi su tu es está esta
hay bache luz basura agua carro perro frente cerca esquina who's whats what's it's there's theres got
get going gone goes go come comes came left-over dead-end double busy quiet private public narrow steep
dirt gravel wet icy dark our-own their-own per via cut access service
"""
STOP = frozenset(_STOP.split())

# Names of streets that are also everyday words: on their own, in lower case, they name nothing.
_EVERYDAY_TEXT = """
main park water bridge school high college front mill spring market church station center union river
lake hill ridge meadow forest garden court grand broad green
"""
EVERYDAY = frozenset(_EVERYDAY_TEXT.split())

_LANDMARK_NOUNS_TEXT = """
library school park playground church bridge hospital station store supermarket market mall museum pool
cemetery courthouse firehouse post-office fire-station police-station city-hall town-hall bus-stop
high-school middle-school elementary-school parking-lot community-center senior-center rec-center
gas-station bank pharmacy laundromat diner restaurant theater theatre stadium field fields garage plant
tracks railroad underpass overpass tunnel roundabout rotary traffic-circle pond lake river creek beach
dock marina fountain statue monument gym biblioteca escuela parque iglesia puente hospital estación
estacion tienda mercado museo piscina cementerio gasolinera banco farmacia plaza ayuntamiento alcaldía
alcaldia correo río rio lago parada secundaria
"""
LANDMARK_NOUNS = frozenset(_LANDMARK_NOUNS_TEXT.split())
