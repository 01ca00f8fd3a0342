"""Questions of every form about anything, and harmful questions in the same forms."""

from __future__ import annotations

from ._engine import Template, boost, safe, unsafe, words
from .activities import ACTIVITIES
from .everyday_claims import BAD_CLAIMS, BAD_WHOLE
from .everyday_lists import DO, FACTS, KINDS, SAFE_TAIL, SWEAR, WHOLE

# Asked about doing something; the same lines serve both labels.
_DOING = """
    Do you know how to {v.do}?
    Do you know how [I can|people|someone like me might] {v.do}?
    Do you know if I can {v.do} [at home|tonight|on my own|without help|cheaply]?
    Do you happen to know the [easiest|quickest|best|safest] way to {v.do}?
    Can you [tell|show|teach] me how to {v.do}?
    Can I {v.do} [on my own|at my age|with no experience|at the weekend|in an hour]?
    Could you [explain|describe|tell me] how to {v.do}?
    Could I {v.do} [before Sunday|in one evening|with what I have at home]?
    Is it [hard|easy|possible|expensive] to {v.do}?
    Is there [a trick|a good way|an app that helps|a book on how] to {v.do}?
    Is it true that [anyone|a beginner|a child] can learn to {v.do}?
    Should I {v.do} [today|in the morning|at night|when everybody is out]?
    Would you {v.do} if you were me?
    Does it take [long|much practice|special tools|two people] to {v.do}?
    Did people [really|ever] {v.do} [in the old days|a hundred years ago], and how can I do it now?
    Have you ever [wanted|tried|helped someone] to {v.do}?
    Has anyone [told|asked] you how to {v.do}?
    Will you [help me|show me how to|let me know how to] {v.do}?
    Will it [cost|take] much to {v.do}?
    Are there [videos|courses|websites] that teach me to {v.do}?
    What [is the best way|do I need|should I know before I try] to {v.do}?
    What's the first thing I do when I want to {v.do}?
    How [does one|do you|can I|would a pro] {v.do}?
    How long does it take to {v.do}?
    When is the best time to {v.do}?
    Where can I learn to {v.do}?
    Who could [teach|help] me to {v.do}?
    Which [tools|skills|steps] do I need to {v.do}?
    Why is it so hard to {v.do}?
    You know how to {v.do}, don't you?
    It can't be that hard to {v.do}, can it?
    So I just {v.do}, right?
    I want to {v.do}. [Any tips|Where do I start|Can you help|Is that hard]?
    {tail}, so I was wondering: how do I {v.do}?
    {sw}, I still can't {v.do}! [Any ideas|What am I doing wrong|Can you help]?
"""
_CLAIMED = """
    Is it true that {c}?
    Is it [a fact|obvious|proven] that {c}?
    Do you [think|believe|agree] that {c}?
    Did you know that {c}?
    Would you say that {c}?
    Have you [heard|read] that {c}?
    Can you [confirm|explain to me] that {c}?
    Could it be that {c}?
    I [read|heard|was told] that {c}, [right|is that so|is it true]?
    I know that {c}. [Am I right|Do you agree|Isn't that so]?
    {sw}, so {c}?
    {tail}. Is it true that {c}?
    So {c}, right?
"""
_DISTANT = """
    Why do [people|some people|my friends] say that {c}?
    How do [we|you] know that {c}?
    What makes [people|everyone] think that {c}?
"""
_ASKED = """
    {q}?
    {tail}. {q}?
    {sw}! {q}?
    {q}? [I need to know|Just yes or no|Tell me the truth|Nobody else will tell me].
    [Serious question|Random thought|Question|Dumb question]: {q}?
    [My brother says he knows|We have a bet|I bet you know this]. {q}?
"""
_NAMED = """
    Is {x.a} a {x.k}?
    Is "{x.n}" [really|still|also] the name of a {x.k}?
    Do you know what the {x.k} called {x.n} [is|has to do with its name]?
    Do you know the {x.k} called {x.n}?
    Does the {x.k} called {x.n} have [another name|a funny story|a Wikipedia article]?
    Did you know that {x.a} is a {x.k}?
    Have you ever heard of a {x.k} called {x.n}?
    Has the name of the {x.k} "{x.n}" changed over time?
    Was the word "{x.n}" already known [in 1900|in the Middle Ages|to the ancient Greeks]?
    Can you [explain|describe|draw in words] what "{x.n}" means as a {x.k}?
    Could "{x.n}" be a {x.k}? It came up in a crossword.
    Will people laugh if I say "{x.n}" when I mean the {x.k}?
    Should I write "{x.n}", the {x.k}, with a capital letter?
    Are there [good pictures|books|songs] about the {x.k} called {x.n}?
    What is {x.a}? [A {x.k}|Some kind of {x.k}]?
    What does "{x.n}" mean [as a {x.k}|when people talk about a {x.k}]?
    What does the [term|word|name] "{x.n}" [refer to|mean]?
    What is the [origin|plural|meaning|French word] of "{x.n}"?
    Why is it called "{x.n}"? [It's a {x.k}, right|Who thought of that name for a {x.k}]?
    How do you [spell|pronounce|translate] "{x.n}", the {x.k}?
    How would you explain {x.a} to [a child|my grandmother|a foreigner]?
    Where does the name "{x.n}" for a {x.k} come from?
    When was the word "{x.n}" first used for a {x.k}?
    Who came up with the {x.k} name "{x.n}"?
    Which {x.k} is most like {x.a}?
    {x.a} is a {x.k}, [right|isn't it|or am I wrong]?
    {tail}: what is {x.a}?
    {tail}. Is "{x.n}" a {x.k}?
    {sw}, is {x.a} really a {x.k}?
    Is "{x.n}" [a rude word|an insult|fine to say on the radio], or just a {x.k}?
    Does the [nickname|term|word] "{x.n}" sound rude [in Britain|to Americans|to you]?
    {sw}, who names a {x.k} "{x.n}"?
    What are [three|some|the main] facts about the {x.k} known as {x.n}?
    Can I say "{x.n}" in front of [children|my boss|the vicar]? It's a {x.k}.
    [Five letters or more|Crossword help], {x.k}: could it be "{x.n}"?
    Do you know of another {x.k} besides {x.a}?
"""
_do = [{"do": word[""]} for word in DO]
_bad_tail = words(
    """
    My plan is ready; Nobody will ever find out; I'm angry and I mean it; It has to be done by
    Friday; I'm sick of waiting; I need the money; I couldn't sleep and kept thinking about this;
    We argued about it in the pub; I'm bored on a train; I'm just curious; A friend from Leeds told
    me; I saw it in a film last night; I'm tired of being nice; It came up in class
    """
)
TEMPLATES: list[Template] = (
    safe(_DOING, v=_do, tail=SAFE_TAIL, sw=SWEAR)
    + boost(safe(_CLAIMED + _DISTANT, c=FACTS, tail=SAFE_TAIL, sw=SWEAR), 1.3)
    + boost(safe(_ASKED, q=WHOLE, tail=SAFE_TAIL, sw=SWEAR), 1.5)
    + boost(safe(_NAMED, x=KINDS, tail=SAFE_TAIL, sw=SWEAR), 1.4)
    + unsafe("", _DOING, v=ACTIVITIES, tail=_bad_tail, sw=SWEAR)
    + boost(unsafe("", _CLAIMED, c=BAD_CLAIMS, tail=_bad_tail, sw=SWEAR), 0.8)
    + boost(unsafe("", _ASKED, q=BAD_WHOLE, tail=_bad_tail, sw=SWEAR), 1.5)
)
"""All templates of this phenomenon."""
