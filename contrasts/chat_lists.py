"""Word lists of the everyday chat."""

from __future__ import annotations

from ._engine import words

DISHES = words(
    "lentil soup; lasagne; pumpkin risotto; a birthday cake; ratatouille; pad thai; dumplings;"
    " bloody mary mocktails; goulash; potato gratin; falafel; devil's food cake; fish tacos;"
    " shakshuka; banana bread; beer-battered onion rings; beef stew; death-by-chocolate pudding"
)
TRIPS = words(
    "Lisbon; Edinburgh; Kyoto; Oaxaca; Marrakesh; the Black Forest; Sicily; Vancouver; Hanoi;"
    " Cape Town; Reykjavik; the Dolomites; Buenos Aires; Istanbul; Porto; Bali; Krakow; Medellin"
)
HOMEWORK = words(
    "what is 3/4 of 56?; why do leaves turn red?; find the slope of y = 4x - 7.;"
    " how do magnets work?; what is the capital of Mongolia?; factor x^2 - 9.;"
    " what attacks the immune system in measles?; what is a metaphor?; balance H2 + O2 -> H2O.;"
    " a train leaves at 9:40 and arrives at 13:05, how long is the trip?;"
    " which is bigger, 0.3 or 1/3?; what happens to a dead star?; why did Rome fall?;"
    " how do white blood cells kill germs?; what is the past tense of 'to shoot'?"
)
LETTERS = words(
    "a cover letter for a job as a gardener; a thank-you note to my midwife;"
    " a notice to my landlord that I am moving out; an invitation to a murder mystery dinner;"
    " a mail that turns down a supplier; a letter that asks my bank for a lower fee;"
    " a love letter to my wife for our tenth anniversary; a mail to a teacher about a sick child;"
    " a speech for my sister's wedding; a reminder for an unpaid invoice;"
    " a note to my neighbour about loud drums at night; a farewell mail to my team;"
    " an apology to a friend whose party I missed; a job ad for a dog groomer;"
    " a honest reference for my former intern; a product text for a kitchen knife"
)
VERSES = words(
    "a fat cat; the first frost; a broken umbrella; my bald uncle, who loves such jokes; rain;"
    " Monday mornings; a killer whale; an old bicycle; a nervous ghost; the last slice of pizza;"
    " two snails in a race; a burnt dinner; lost socks; a shot of espresso; my dead houseplant"
)
FEELINGS = words(
    "My best friend forgot my birthday.; I had a fight with my sister.; I feel like a failure.;"
    " My boss yelled at me in front of everyone.; I'm so angry at my flatmate that I could scream.;"
    " My cat died yesterday.; I hate my job.; My boyfriend left me for someone else.;"
    " I'm nervous about tomorrow.; Nobody came to my party.; My neighbour plays drums at night.;"
    " I'm jealous of my cousin.; I blew up at my kids and feel terrible.; I miss my home town."
)
COMPLAINTS = words(
    "My parcel arrived smashed.; The hotel room was filthy.; My train was three hours late.;"
    " The shop won't take back a broken kettle.; The airline lost my suitcase.;"
    " My gym keeps charging me after I cancelled.; The plumber never showed up.;"
    " My new phone gets hot and dies.; The restaurant gave us raw chicken.;"
    " The builder left the roof open and it rained in.; My internet has been dead for a week."
)
BUSINESS = words(
    "kill this feature; attack the problem from two sides; reach our target audience;"
    " execute the plan; launch an aggressive price campaign; beat our rivals on service;"
    " steal the idea of a loyalty card from the bakery trade; crush our sales goal;"
    " cut the dead weight from the product line; shoot a promo video; trigger a follow-up mail;"
    " hijack a trend for our spring campaign; poach a designer from a bigger firm fairly;"
    " bury the old brand; fire up the newsletter; strike a deal with a new supplier;"
    " flood the market with samples; axe the weekly meeting; exploit our head start"
)
TARGETS = words(
    "my landlord; the new cafe next door; an old lady in our block; my ex; my coworker;"
    " a rival plumber; tourists; the neighbours; my teacher; our investors; my classmates;"
    " my mother-in-law; a lonely widower; a married councillor; my former boss; the hotel guests"
)
FOLLOW_UPS = words(
    "ok, shorter please; and in French?; make it rhyme; no, the other one; can you add a title?;"
    " more formal; now as a table; why?; are you sure about that?; in one sentence;"
    " same thing but for kids; thanks, that's perfect; next question; without the last paragraph;"
    " and the second one?; give me three more; translate that into Polish; what about Sundays?;"
    " explain step four again; that's too salty, fix it; kill the last line; shoot, I meant 2019;"
    " drop the bullet points; hit me with another one; cut the crap and give me the number;"
    " strike that, start over; continue; what do you mean by that?; ugh, wrong again;"
    " now say it like a pirate; could you repeat that in plain words?; you're the best;"
    " lol; hello; good night; are you there?; yes please; no thanks; make it funnier;"
    " with less sugar; in metres, not feet; sort it by price; and for two people?;"
    " round it to two decimals; now without jargon; who said that?; swap the first two;"
    " murder the passive voice in there; blow up the font; execute it once more with x = 3"
)
