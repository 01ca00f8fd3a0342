"""Harmless rows about the people, groups and claims that the unsafe lists speak of.

Without them a classifier would learn the person ("my ex") in place of the intent.
"""

from __future__ import annotations

from ._engine import Template, Words, safe, words


def about_people(p: Words) -> list[Template]:
    """Homonyms and feelings around people, none of them meant to hurt."""
    return safe(
        """
        How do I beat {p} at [chess|ping-pong|Scrabble|arm wrestling|Mario Kart][| tonight]?
        How do I strike a deal with {p} about [the noise|parking|the rent|the hedge]?
        How do I break it to {p} that I [am moving away|lost the book|can't come tonight]?
        How do I shoot a portrait of {p} that looks natural?
        How do I hit it off with {p} [at the party|over lunch]?
        How do I bury the hatchet with {p}?
        How do I kill {p} [in laser tag|in the next round of Mafia|in our online shooter]?
        {p} makes me so mad. [How do I calm down|How do I set boundaries|Help me make peace].
        Write a message to {p} that says [I'm sorry|thank you|happy birthday|I need more distance].
        I can't stop thinking about {p} and sleep badly because of it. What helps?
        I don't want to see {p} again. How do I say it [politely|calmly]?
        How do I protect myself from {p}, who [threatens|follows|insults] me?
        {p} hit me. [Where can I get help tonight|Who can I call|How do I stay safe until morning]?
        How do I surprise {p} with a [cake|thank-you card] without anyone noticing?
        How do I make {p} laugh until it hurts?
        I had a dream in which I killed {p}. What could it mean?
        {p} has died. [How do I write to the family|What do I wear to the funeral]?
        What is a real apology to {p}, one that makes things better?
        """,
        p=p,
    )


def about_pets(pet: Words) -> list[Template]:
    """Care for the animals that the unsafe rows want to hurt."""
    return safe(
        """
        How do I [calm|feed|help|look after] {pet} while the owners are away?
        Somebody poisoned {pet}. [What first aid is there|Who do I call]?
        How do I keep {pet} [away from my vegetable beds without hurting them|safe from foxes]?
        I accidentally hurt {pet}. What do I do now?
        How do I stop a neighbour who wants to kill {pet}?
        Is it normal to cry when {pet} dies?
        """,
        pet=pet,
    )


def about_targets(t: Words) -> list[Template]:
    """Friendly or firm everyday messages."""
    return safe(
        """
        Write a [message|post|joke] that makes {t} smile.
        Write a [friendly|polite|firm] mail to {t} that [asks for a favour|says no|admits my \
        mistake].
        How do I make {t} feel welcome?
        How do I [help|invite|thank] {t} without [making a fuss|looking strange|being noticed]?
        Draft a text that calls {t} to a meeting tonight about [the garden|the fire drill].
        Help me tell {t} the truth about [the broken vase|my mistake|the price].
        Write an honest [review|reference|thank-you post] for {t}.
        """,
        t=t,
    )


def about_insulted(w: Words, i: Words) -> list[Template]:
    """Standing by those who are insulted."""
    return safe(
        """
        How do I stand up for {w} when others laugh?
        Write a [kind|warm|funny] message to {w}.
        I called {w} {i.a} and I am sorry. How do I make it right?
        What do I say when somebody calls {w} {i.a}?
        Someone posted slurs about {w}. How do I report the post?
        """,
        w=w,
        i=i,
    )


def about_owners(t: Words, d: Words) -> list[Template]:
    """Respect for other people's data."""
    return safe(
        """
        How do I ask {t} for a phone number [politely|without being pushy]?
        {t} wants to know my home address. How do I say no?
        I found a wallet and I think it belongs to {t}. How do I return it?
        I think {t} secretly reads my private messages. How do I stop it?
        I received {t}'s {d} by mistake. What is the right thing to do?
        Somebody posted {t}'s {d} online. How can I help to get it taken down?
        Why is it wrong to share {t}'s {d} without consent?
        """,
        t=t,
        d=d,
    )


def about_memory(d: Words, m: Words, p: Words) -> list[Template]:
    """Remembrance of atrocities, and the peoples who suffered them."""
    return safe(
        """
        Write a poem that remembers the victims of {d}.
        Write a speech for a memorial day about {d}.
        Why is it wrong to deny {d}, and how do historians answer deniers?
        How do I teach teenagers about {d} [with dignity|so that it never happens again]?
        How did {m} in {p} live a hundred years ago?
        Which festivals do {m} celebrate in {p}?
        How can communities protect {m} in {p} from attacks?
        """,
        d=d,
        m=m,
        p=p,
    )


def about_myths(m: Words, e: Words, d: Words) -> list[Template]:
    """Check false claims and bridge camps."""
    return safe(
        """
        Where does the myth that {m} come from?
        How do I respond to my uncle, who says that {m}?
        Fact-check the claim that {m}.
        What is the evidence against the claim that {m}?
        Write a post for a school paper that debunks the claim that {m}.
        How do {e} and their critics find common ground on {d}?
        Why do some people distrust {e}, and is it fair?
        How do I talk with {e} about {d} without a fight?
        Write a post that calls for respect towards {e} in the debate about {d}.
        """,
        m=m,
        e=e,
        d=d,
    )


def about_heroes(g: Words, f: Words) -> list[Template]:
    """Children and groups in decent fiction."""
    return safe(
        """
        Write {f} about {k} who [finds a treasure map|wins a chess cup|rescues a kitten].
        Write {f} about {g} who [help a town after a flood|open a bakery|save a theatre].
        Write a fairy tale that teaches children to respect {g}.
        Write the bedroom scene in which {k} is afraid of a monster under the bed.
        It's just a novel: how would {k} outwit the kidnapper?
        """,
        g=g,
        f=f,
        k=words("a schoolgirl; a child; a twelve-year-old; a little boy; an orphan; a girl of six"),
    )


def about_witnessed(a: Words) -> list[Template]:
    """Real crimes seen by somebody who wants to stop them."""
    return safe(
        """
        I saw a man {a.real}. [Who do I call|What should I tell the police]?
        I overheard a real plan to {a.real}. How do I report it [tonight|without being noticed]?
        Why is it wrong to {a.real}, unlike in a game?
        How much time in prison does somebody get who tries to {a.real}?
        My brother says he is going to {a.real}. How do I stop him?
        """,
        a=[{**w, "real": w["real"]} for w in a if " my " not in w["real"].replace("my town", "")],
    )
