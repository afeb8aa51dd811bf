"""Words by which places are recognised, English and Spanish. A city's own names come with its data."""

from __future__ import annotations

from bot.assistant.engine.word_sets import phrases, word_set

# Each kind of street in every way it is written, misspelt too; the first is the full form.
SUFFIX_FORMS = (
    "street st str strt stret streat steet sreet streets sts",
    "avenue ave av aven avn avnu aveneu avenu avune avnue avenues aves",
    "road rd raod roads rds",
    "lane ln lanes",
    "drive dr drv driv",
    "court ct crt",
    "place pl",
    "boulevard blvd boul bvd boulevar boulevad blvrd bulevard boulvard boulevarde",
    "terrace ter terr",
    "circle cir circ",
    "parkway pkwy pky pakway pkway parkwy",
    "highway hwy higway hghwy hgwy highwy hiway freeway fwy",
    "square sq",
    "alley aly",
    "trail trl",
    "turnpike tpke tpk",
    "crescent cres",
    "extension ext",
    "expressway expy expwy",
    "causeway cswy",
    "connector conn",
    "way",
    "loop",
    "row",
    "pike",
    "plaza plz",
    "path",
    "run",
    "walk",
    "bend",
    "cove cv",
    "crossing xing",
    "ridge rdg",
    "pointe",
    "trace trce",
)
SUFFIXES = {form: line.split()[0] for line in SUFFIX_FORMS for form in line.split()}

# Strong even after a word in lower case: nothing else is written so.
ABBREVIATED = word_set("""
st str strt stret ave aven avn avenue avenu rd ln blvd boulevard pkwy parkway hwy tpke turnpike
""")
# Also everyday words: a lower-case word in front is not enough to make a street of them.
LOOSE_SUFFIXES = word_set("""
way place court square drive driv loop row trail circle plaza path run walk bend cove crossing ridge
pointe trace extension ext connector pike ct dr pl ter conn streets roads lanes xing
""")
# Not after every capital: "North Loop", "Oak Ridge" are, "Good Run" is not; a number or a lead-in is wanted.
WILD_SUFFIXES = word_set("run walk path bend crossing ridge ext extension conn row way place drive")

SPANISH_STREETS = word_set("""
calle avenida avda av avd carretera camino bulevar blvd boulevard paseo callejón callejon calzada c/
privada cerrada prolongación prolongacion autopista calles avenidas
""")
SPANISH_PARTICLES = word_set("de del la las los el . san santa")

DIRECTIONS = word_set("""
n s e w north south east west ne nw se sw northeast northwest southeast southwest no so norte sur este
oeste oriente poniente
""")
# "No" and "so" are directions only beside a house number: "12 so main st".
DOUBTFUL_DIRECTIONS = frozenset(["no", "so", "este", "s", "e"])

STOP = word_set("""
the a an of to in on at by for with from and or is are was were be been it its this that these those
there here i im i've i'd i'm me my mine we our us you your he she they him them their has have had
having do does did not no yes dont don't can't cant won't isn't doesn't didn't please pls plz thanks
thank can could would should will shall may might must what when where which who whose why how near next
front corner between btwn behind across all every each some any none one two three four five six seven
eight nine ten several many much more most few lots lot big huge large deep small little tiny bad badly
broken new old main-road side sides down up over out off under along until till after before since about
around into onto upon through via toward towards against beside opposite past just very still also only
same other others another whole entire cross street road avenue lane block blocks intersection city town
county state hole holes pothole potholes light lights sign signs tree trees trash garbage water car cars
truck trucks bus buses house houses home homes door doors yard yards sidewalk sidewalks driveway
driveways curb curbs drain drains report reported reporting request requests fix fixed need needs needed
left right half middle end top bottom back low high low-hanging get getting got go goes going gone come
comes coming came went left-over dead-end double busy quiet private public narrow steep dirt gravel wet
icy dark dirty own our-own their-own cut access service someone somebody people person persons kids
neighbor neighbors neighbour neighbours everyone anyone nobody thing things stuff time times day days
week weeks month months year years hour hours minute minutes today tomorrow yesterday tonight morning
afternoon evening night ago now then again always never often sometimes already yet soon late early
almost nearly really too so if but because as than like make makes made making take takes taken taking
put puts keep keeps kept let lets look looks looking see seen saw say says said tell told ask asked want
wants wanted try tried use used using work works working call called know knows think thinks happen
happened fell falling fallen hanging standing sitting parked parking lying laying leaning blocked
blocking growing overgrown missing damaged cracked leaking flooded flooding clogged dumped dumping
abandoned stolen dead dangerous unsafe illegal illegally el la los las lo un una unos unas de del al que
y o en con por para sin sobre entre hasta desde cuando donde dónde mi mis su sus tu tus es está esta
este esto son hay ha han fue ser estar muy más mas pero porque como cómo ya no sí si se le les nos me te
bache baches luz luces basura agua carro carros coche coches perro perros frente cerca esquina esquinas
arbol árbol arboles árboles semáforo semaforo poste cuadra casa casas banqueta acera alcantarilla favor
gracias hola ayuda necesito necesita quiero hace días dias semanas meses lado who's whats what's it's
there's theres shes hes
""")

# Words that describe a street and name none: "on a residential street", "the flooded road".
DESCRIBING = word_set("""
residential main side back dead busy quiet private public one-way two-way narrow wide steep dirt paved
unpaved gravel wet icy dark dirty clean nearby local adjacent neighboring neighbouring connecting
parallel cross slow fast passing turning bike bicycle cycle car fire turn travel traffic left-hand
right-hand middle center outer inner northbound southbound eastbound westbound long short same wrong
correct right first whole new old major minor small large public open closed broken bumpy rough smooth
uneven pothole-ridden muddy snowy frozen salted unsalted plowed unplowed flooded washed winding curved
straight hilly shared community gated city county state federal town country rural access service
frontage emergency parking loading no-parking school-bus night day street-sweeping another every any
each safe unsafe dangerous entire beautiful lovely awful terrible horrible ugly nice great good better
worse worst best express hov exit entrance entry driving moving walking running test block blocked
concrete asphalt brick cobblestone cross-walk nice nasty parallel principal oscura oscuro llena lleno
mojada inundada rota entera completa lateral siguiente tranquila sola pública publica abierta cerrada
peligrosa estrecha sucia limpia misma toda todas muchas varias aquí aqui alrededor
""")

# Names of streets that are common everywhere. On their own, in lower case, after "on" or with a number, these
# are streets; a list, because "on elm" and "on fire" have the same shape.
COMMON_NAMES = word_set("""
oak pine maple cedar elm walnut chestnut willow birch spruce hickory sycamore poplar magnolia dogwood
cherry ash laurel locust mulberry holly cypress juniper aspen peachtree olive orange lemon washington
lincoln jefferson madison adams jackson monroe franklin hamilton grant sherman lee harrison cleveland
roosevelt kennedy wilson johnson taylor clinton martin luther mlk columbus lafayette highland hillcrest
hillside sunset ridge fairview pleasant prospect spring summer winter walnut lakeview riverside lakewood
woodland forest meadow orchard valley broadway main park church school center central union state water
mill front market high court college university station depot railroad canal bridge river lake chapel
temple elmwood peach plum pear apple rose violet lilac ivy fern hawthorn hazel beech linden alder
redwood sequoia palm delaware virginia georgia pennsylvania michigan ohio illinois texas california
florida carolina arizona houston dallas austin atlanta boston cambridge oxford windsor york london essex
sussex kent bristol chester warren mercer marshall morgan murray nelson parker perry porter quincy ross
scott stewart stanton thomas tyler webster whitney wood woodlawn academy liberty independence congress
commerce commercial industrial pearl grove garden green greene grand broad division dock wharf hudson
howard henry hancock clark clay clayton douglas davis dwight edwards ellsworth elliott fulton garfield
gilbert george william charles james john joseph frank albert edward first second third fourth fifth
sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth primera segunda
tercera cuarta quinta sexta séptima septima octava novena décima decima roble pino olmo nogal cedro
juárez juarez hidalgo morelos madero zaragoza allende reforma insurgentes independencia libertad
revolución revolucion constitución constitucion
""")

# Of these, what also is an everyday word: in lower case and without "street" it names nothing.
EVERYDAY = word_set("""
main park water bridge school high college front mill spring market church station center union river
lake hill ridge meadow forest garden court grand broad green summer winter state university depot
railroad canal wood central valley orchard academy liberty industrial commercial commerce division dock
wharf first second third fourth fifth sixth seventh eighth ninth tenth pleasant grove pearl independence
congress high frank grant scott church temple chapel rose ash palm cherry orange lemon apple peach plum
pear holly ivy primera segunda tercera cuarta quinta sexta octava novena libertad reforma clay porter
marshall warren mercer parker perry
""")

# Words of descriptions that also begin names: behind a house number they do ("12 Old Mill Rd", "9 Park Ln").
NAMES_BEHIND_NUMBERS = word_set("""
old new big little county state city town park high low main cross tree water lake school house home
house court garden long short river light private country upper lower left right half day top end white
black red blue brown gray grey winding hidden busy quiet free three two five six seven la las los el san
santa del de light falling leaning standing center middle front back bend service access
""")

# After these words "2 oak" or "on elm" is a thing, not a street.
NOT_A_STREET_AFTER = word_set("""
tree trees branch branches limb limbs log logs leaf leaves wood stump stumps mulch bark bush bushes
hedge table chair furniture floor board boards desk shavings seedlings seedling
""")
NO_NAME_AFTER = word_set("light lights lamp lamps lighting cleaning sweeping sweeper vendor vendors")

# Capitals that are no places, although they follow "on" or stand behind "near".
NOT_PLACES = word_set("""
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
january february march april may june july august september october november december jan feb mar apr
jun jul aug sep sept oct nov dec christmas easter halloween thanksgiving i i'm i've dpw facebook google
twitter nextdoor seeclickfix english spanish god police fire mayor sir madam mr mrs ms dr usps ups fedex
pm am tv asap ok id lunes martes miércoles miercoles jueves viernes sábado sabado domingo enero febrero
marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre navidad día dia days street
road also there this that
""")

# What is counted, so that "at 20 mph" or "2 weeks" is no house number.
UNITS = word_set("""
am pm a.m p.m mph kph feet foot ft inches inch yards miles mile meters metres minutes minute min mins
hours hour hrs hr days day weeks week months month years year yrs times people persons cars car kids
children bags bag o'clock oclock noon midnight percent dollars bucks degrees lbs pounds gallons seconds
years-old metros pies horas hora minutos días dias semanas meses años anos veces personas carros bolsas
grados de january february march april may june july august september october november december enero
febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre of or to and st nd rd
th
""")

# The last word of a landmark.
LANDMARK_NOUNS = word_set("""
neighborhood neighbourhood district subdivision diner course jail
library school schools park parks playground church temple mosque synagogue chapel cathedral bridge
hospital clinic station store stores supermarket market mart grocery mall museum pool cemetery
courthouse firehouse post-office fire-station police-station city-hall town-hall bus-stop high-school
middle-school elementary-school parking-lot community-center senior-center rec-center gas-station bank
pharmacy laundromat laundry diner restaurant bakery deli bodega cafe café coffee pizzeria theater
theatre stadium arena field fields garage plant tracks railroad underpass overpass tunnel roundabout
rotary traffic-circle pond lake river creek brook beach dock marina pier fountain statue monument
memorial gym hotel motel bar tavern pub salon barbershop barber daycare preschool nursery university
college campus dormitory dorm condo condos condominiums apartments complex projects shelter warehouse
factory office tower trailhead trail reservoir dam airport depot terminal lot green commons common zoo
farm lighthouse ymca rink courts dispensary hall auditorium center centre plaza cul-de-sac
driveway-entrance building village estates biblioteca escuela parque iglesia templo puente hospital
clínica clinica estación estacion tienda mercado museo piscina alberca cementerio panteón panteon
gasolinera banco farmacia plaza ayuntamiento alcaldía alcaldia correo río rio lago parada secundaria
primaria preparatoria kínder kinder supermercado panadería panaderia restaurante lavandería lavanderia
glorieta rotonda estadio gimnasio guardería guarderia cancha estacionamiento teatro fuente cárcel
terminal kiosko quiosco jardín jardin
""")
# Of these a town has one or a few, so that the word alone says where.
FEW = word_set("""
library cemetery courthouse post-office fire-station police-station city-hall town-hall high-school
middle-school elementary-school community-center senior-center rec-center firehouse hospital museum
airport stadium zoo marina mall fairgrounds landfill ymca university college campus auditorium arena
lighthouse reservoir supermarket biblioteca cementerio panteón panteon ayuntamiento alcaldía alcaldia
correo hospital museo aeropuerto estadio secundaria primaria preparatoria kínder kinder terminal mercado
""")
FEW_PAIRS = frozenset(
    phrases(
        "post office|fire station|police station|city hall|town hall|high school|middle school|"
        "elementary school|community center|senior center|rec center|recreation center|train station|"
        "bus station|visitor center|golf course|transfer station|gas station|public library|primary school|"
        "county jail|farmers market|escuela primaria|escuela secundaria|palacio municipal|central camionera|"
        "estación de|estacion de"
    )
)
# As ours only behind a word of nearness: "across from the park".
FEW_NEAR = word_set(
    "park playground church bridge school parque iglesia plaza escuela gasolinera panadería panaderia"
)
# Too common to be landmarks without a name or a word of nearness in front.
WEAK_NOUNS = word_set("""
office building center centre green common lot green tracks complex hall store stores trail laundry
coffee bar plant courts field fields projects rio lake river creek brook beach dock pool garage market
apartments village estates neighborhood neighbourhood district subdivision heights farm common commons
driveway-entrance campus tower jardín jardin
""")
# What may stand after the noun and belongs to it.
LANDMARK_TAILS = word_set("lot entrance exit subdivision neighborhood building parking garage sign gate ramp")

BRANDS = word_set("""
walmart wal-mart target mcdonalds mcdonald's dunkin dunkins starbucks cvs walgreens shell exxon mobil
sunoco citgo chevron wawa 7-eleven 7-11 kroger publix safeway costco lowes lowe's oxxo soriana chedraui
subway wendys wendy's popeyes kfc ikea aldi staples walgreen's rite-aid bp arco quiktrip qt waffle-house
7eleven stop-and-shop shoprite ymca ywca
""")

# Relations to a landmark; the longest first where one begins another.
NEARNESS = phrases(
    "across the street from|across the road from|across from|in front of|on the corner by|right by|"
    "right next to|next to|next door to|close to|around the corner from|down the street from|"
    "up the street from|down the road from|up the road from|down from|adjacent to|on the side of|"
    "in back of|at the back of|at the end of|on the way to|by|near|nearby|behind|beside|opposite|"
    "outside|past|before|after|at|a/f|alongside|against|inside|frente al|frente a|enfrente del|"
    "enfrente de|en frente del|en frente de|cerca del|cerca de|al lado del|al lado de|junto al|junto a|"
    "detrás del|detrás de|detras del|detras de|atrás del|atrás de|atras de|a la altura del|"
    "a la altura de|delante del|delante de|afuera del|afuera de|fuera de|pasando|a un lado del|"
    "a un lado de|a la vuelta del|a la vuelta de|en la esquina del|en la esquina de"
)
NEAREST = frozenset(NEARNESS)
NEAR_BY_FIRST = {
    first: sorted((words for words in NEARNESS if words[0] == first), key=len, reverse=True)
    for first in {words[0] for words in NEARNESS}
}

LEAD_IN = word_set("""
on off along down at near by in from to en sobre por of de for toward towards outside onto up around
between btwn entre and & @ / y con at a/f front opposite past la el is corner across
""")
"""Words after which a street's name may stand without a capital."""

STREET_LEADS = word_set("on off along onto down up sobre")
"""Words after which a capitalised name alone is a street."""
