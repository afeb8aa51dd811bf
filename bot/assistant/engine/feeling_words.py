"""Words and phrases by which staff can see at a glance how a message is meant, English and Spanish.

Single words and phrases stand together, parted by "|"; a phrase is looked for word by word. Accents are
written as people write them and are also found without.
"""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """Return `text` in lower case without accents."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in parts if not unicodedata.combining(char))


def _phrases(text: str) -> frozenset[str]:
    return frozenset(plain(" ".join(phrase.split())) for phrase in text.split("|"))


# Danger that cannot wait: with these a message is shown as an emergency, whatever else it says.
EMERGENCY = _phrases("""
gas leak|leaking gas|smell gas|smells like gas|smell of gas|gas smell|smelling gas|carbon monoxide|
live wire|live wires|downed wire|downed wires|downed power line|power line down|power lines down|
wires down|wire down|sparking|sparks|on fire|house fire|is burning|smoke coming|explosion|exploded|
shooting|shots fired|gunshots|gunshot|stabbed|stabbing|has a gun|with a gun|has a knife|unconscious|
not breathing|cant breathe|can't breathe|bleeding|overdose|overdosed|drowning|trapped|collapsed|
collapsing|kill myself|suicide|heart attack|seizure|hit by a car|ambulance|call 911|need 911|
child missing|missing child|electrocuted|people inside|fuga de gas|huele a gas|olor a gas|
cable caído|cables caídos|cable suelto|chispas|echando chispas|se está quemando|incendio|explosión|
explotó|balazos|disparos|balacera|tiroteo|apuñalaron|apuñalado|con un arma|con una pistola|
inconsciente|no respira|no puede respirar|sangrando|sobredosis|ahogando|atrapado|atrapada|atrapados|
se derrumbó|se cayó el techo|matarme|suicidio|infarto|convulsión|lo atropellaron|atropellado|
ambulancia|llamen al 911|monóxido|niño perdido|niña perdida
""")
NO_EMERGENCY = _phrases("""
not an emergency|no emergency|isn't an emergency|isnt an emergency|non emergency|not emergency|
no es emergencia|no es una emergencia|fire hydrant|fire station|fire truck|fire department|fire lane|
fire extinguisher
""")

DANGER = _phrases("""
dangerous|danger|hazard|hazardous|unsafe|not safe|safety hazard|safety issue|risk|risky|accident|
accidents|injured|injury|hurt|get hurt|get killed|someone will die|going to die|killed|fell and|
tripped|trip hazard|crash|crashed|sinkhole|cave in|caving in|exposed wire|exposed wires|
exposed nails|broken glass|needles|syringes|about to fall|going to fall|could fall|ready to fall|
blocking the road|blocking the street|stop sign is missing|stop sign down|traffic light is out|
signal is out|signals are out|all red|flood|flooding|flooded|sewage|sewage backup|peligroso|
peligrosa|peligro|riesgo|inseguro|insegura|accidente|accidentes|herido|herida|lastimó|lastimado|
se cayó|me caí|tropecé|choque|socavón|vidrios|jeringas|por caerse|se va a caer|a punto de caer|
inundación|inundado|inundada|inundando|drenaje tapado|aguas negras|semáforo apagado|
no sirve el semáforo|bloquea la calle
""")
UTILITY = _phrases("""
no water|without water|water main|main break|no heat|without heat|no power|without power|
power is out|power outage|no electricity|no gas|no hot water|lights are out|all the lights|sin agua|
no hay agua|no tenemos agua|sin luz|no hay luz|se fue la luz|sin electricidad|sin calefacción|
sin gas|fuga de agua|tubería rota
""")
VULNERABLE = _phrases("""
child|children|kid|kids|baby|babies|toddler|students|elderly|senior|seniors|old people|older people|
disabled|disability|handicapped|handicap|wheelchair|wheelchairs|walker|blind|deaf|pregnant|stroller|
grandmother|grandma|grandfather|oxygen|niño|niños|niña|niñas|bebé|bebés|estudiantes|ancianos|anciana|
anciano|adultos mayores|persona mayor|personas mayores|tercera edad|discapacitado|discapacitada|
discapacidad|silla de ruedas|embarazada|ciego|ciega|abuela|abuelo|carriola|oxígeno
""")
REPEATED = _phrases("""
second time|third time|fourth time|fifth time|2nd time|3rd time|4th time|5th time|many times|
several times|multiple times|numerous times|again and again|over and over|countless times|
times already|already reported|reported this before|reported before|reported it before|reported this|
i have reported|still not|still hasn't|still hasnt|still no|still there|still haven't|still havent|
still broken|yet again|every week|each week|no response|nobody came|no one came|no one has come|
never came|nothing has been done|nothing was done|nothing happened|no action|keeps happening|
segunda vez|tercera vez|cuarta vez|quinta vez|muchas veces|varias veces|otra vez|ya reporté|
ya lo reporté|ya había reportado|ya avisé|sigue igual|siguen sin|sigue sin|todavía no|aún no|
nadie ha venido|nadie viene|nadie vino|no han venido|no hacen nada|sin respuesta|cada semana|
una y otra vez
""")
URGENT = _phrases("""
asap|urgent|urgently|immediately|right away|right now|as soon as possible|at once|
immediate attention|emergency|before someone|hurry|today please|urgente|urgentemente|inmediatamente|
de inmediato|lo antes posible|cuanto antes|lo más pronto posible|ahora mismo|ya mismo|emergencia|
antes de que alguien|apúrense
""")
NO_HURRY = _phrases("""
no rush|no hurry|when you get a chance|when you can|whenever you can|whenever possible|not urgent|
no big deal|just a suggestion|just wondering|at your convenience|sin prisa|no es urgente|
cuando puedan|cuando pueda|cuando tengan tiempo|una sugerencia
""")
ANGRY = _phrases("""
ridiculous|unacceptable|disgusting|disgrace|disgraceful|outrageous|outrage|furious|angry|pissed|
fed up|sick of|sick and tired|had enough|incompetent|incompetence|useless|worthless|pathetic|idiots|
idiot|stupid|morons|moron|joke|bullshit|shit|damn|crap|hell|wtf|fuck|fucking|lazy|shame on you|shame|
liars|lawyer|sue|lawsuit|on the news|going to the news|tax dollars|my taxes|do your job|do your jobs|
corrupt|screw|ridículo|inaceptable|asco|asqueroso|vergüenza|indignante|furioso|furiosa|enojado|
enojada|harto|harta|hartos|inútiles|inútil|incompetentes|ineptos|idiotas|estúpidos|mierda|carajo|
pinche|chingada|pendejos|flojos|mentirosos|abogado|demanda|demandar|mis impuestos|hagan su trabajo|
corruptos|sinvergüenzas|ya basta|burla
""")
UPSET = _phrases("""
frustrated|frustrating|frustration|disappointed|disappointing|annoying|annoyed|upset|terrible|
horrible|awful|worried|worry|concerned|scared|afraid|tired of|nuisance|eyesore|ignored|ignoring|
nobody cares|no one cares|please help|begging|desperate|waiting|how long|when will|complain|
complained|complaint|sad|bad service|poor service|frustrado|frustrada|frustrante|decepcionado|
decepcionada|molesto|molesta|preocupado|preocupada|preocupa|miedo|terrible|pésimo|pésima|cansado|
cansada|ignoran|a nadie le importa|ayúdenme|por favor ayuda|desesperado|desesperada|esperando|
hasta cuándo|cuándo van a|queja|quejas|mal servicio
""")
PLEASED = _phrases("""
great job|good job|nice job|nice work|great work|well done|thank you so much|thanks so much|
many thanks|thanks again|really appreciate|appreciated|appreciate it|appreciate your|love it|
love the|awesome|excellent|wonderful|amazing|fantastic|perfect|so happy|very happy|so fast|so quick|
quick response|kudos|you guys rock|bravo|excelente|buen trabajo|muy buen|muchas gracias|mil gracias|
les agradezco|lo agradezco|perfecto|maravilloso|qué bueno|felicidades|bravo|muy rápido|me encanta|
contento|contenta|encantado|encantada
""")
THANKS = _phrases("thanks|thank you|thx|ty|gracias|thank u")
