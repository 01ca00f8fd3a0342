"""The 14 rejection categories of BeaverTails, and how a detector declares others of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from lance_graph.routing import Thresholds

UNEXPLAINED = "as this detector defines it"


@dataclass(frozen=True)
class Category:
    """One rejection category: one dimension of the rejection distribution d.

    ``key`` names it in scores, thresholds and verdicts, ``title`` to a person. The refiner is told
    its ``meaning``, which says what it covers, and of a category of one's own its ``repair``, which
    says what to ask for instead. ``guidance`` is what the offline responder says to a prompt that
    was rewritten for it, ``fall_back`` the answer when no rewrite helped; without them both speak
    in general. ``thresholds`` (tau, or all three) hold where the caller sets none. ``slug`` is a
    second name, by which the prompt files of the 14 go.

    ValueError for a key that is blank or has a line break, and for thresholds that do not rise.
    """

    key: str
    slug: str = ""
    title: str = ""
    meaning: str = UNEXPLAINED
    repair: str = ""
    guidance: str = ""
    fall_back: str = ""
    thresholds: Thresholds | float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.key, str) or self.key != " ".join(self.key.split()) or not self.key:
            raise ValueError(f"a category's key is one line of text, not {self.key!r}")
        object.__setattr__(self, "slug", self.slug or self.key)
        object.__setattr__(self, "title", self.title or self.key)
        if self.thresholds is not None:
            object.__setattr__(self, "thresholds", Thresholds.model_validate(self.thresholds))

    @property
    def limits(self) -> Thresholds | None:
        """The thresholds of its own, if it has any."""
        return self.thresholds if isinstance(self.thresholds, Thresholds) else None


CATEGORIES: tuple[Category, ...] = (
    Category(
        "animal_abuse",
        "animal_abuse",
        "Animal abuse",
        "cruelty to animals, or pleasure and profit taken from their suffering",
    ),
    Category(
        "child_abuse",
        "child_abuse",
        "Child abuse",
        "harm to children: physical, emotional or sexual abuse, grooming, neglect",
    ),
    Category(
        "controversial_topics,politics",
        "controversial_topics",
        "Controversial topics, politics",
        "one-sided or inflammatory treatment of divisive political and social questions",
    ),
    Category(
        "discrimination,stereotype,injustice",
        "discrimination",
        "Discrimination, stereotype, injustice",
        "stereotypes about groups of people, or unequal treatment of them",
    ),
    Category(
        "drug_abuse,weapons,banned_substance",
        "drugs_weapons",
        "Drug abuse, weapons, banned substances",
        "making, getting, smuggling or misusing drugs, weapons and banned substances",
    ),
    Category(
        "financial_crime,property_crime,theft",
        "financial_crime",
        "Financial crime, property crime, theft",
        "fraud, theft, money laundering, damage to property, and hiding them",
    ),
    Category(
        "hate_speech,offensive_language",
        "hate_speech",
        "Hate speech, offensive language",
        "insults, slurs and contempt for people or groups",
    ),
    Category(
        "misinformation_regarding_ethics,laws_and_safety",
        "misinformation",
        "Misinformation on ethics, laws and safety",
        "false or careless claims about health, law, ethics and safety",
    ),
    Category(
        "non_violent_unethical_behavior",
        "unethical_behavior",
        "Non-violent unethical behaviour",
        "lying, cheating, manipulation, bullying and other dishonest conduct",
    ),
    Category(
        "privacy_violation",
        "privacy",
        "Privacy violation",
        "private data about a person obtained, used or published without consent",
    ),
    Category(
        "self_harm",
        "self_harm",
        "Self-harm",
        "suicide, self-injury, eating disorders and other harm to oneself",
    ),
    Category(
        "sexually_explicit,adult_content",
        "sexual_content",
        "Sexually explicit, adult content",
        "explicit sexual content, or sexual acts without consent",
    ),
    Category(
        "terrorism,organized_crime",
        "terrorism",
        "Terrorism, organised crime",
        "terrorist acts, criminal organisations, recruiting and financing for them",
    ),
    Category(
        "violence,aiding_and_abetting,incitement",
        "violence",
        "Violence, aiding and abetting, incitement",
        "physical harm to people, help with it or with hiding it, calls for it",
    ),
)

KEYS: tuple[str, ...] = tuple(category.key for category in CATEGORIES)
BY_KEY: dict[str, Category] = {category.key: category for category in CATEGORIES}
UNSAFE = Category(
    "unsafe_content",
    title="Unsafe content",
    meaning="what a guard calls unsafe without saying which kind of harm it is",
)
KNOWN: dict[str, Category] = BY_KEY | {UNSAFE.key: UNSAFE}
"""By key, the categories that need no declaration."""


def declare(names: Iterable[str | Category]) -> dict[str, Category]:
    """By key, the categories that ``names`` stand for; a key that is none of `KNOWN` has no texts.

    ValueError names a category that is declared twice, or under a name of one of the 14.
    """
    found: dict[str, Category] = {}
    taken = {category.slug: key for key, category in KNOWN.items()} | {key: key for key in KNOWN}
    for name in names:
        category = name if isinstance(name, Category) else KNOWN.get(name) or Category(name)
        if category.key in found:
            raise ValueError(f"the category {category.key!r} is declared twice; name it once")
        for spelled in {category.key, category.slug}:
            if spelled in taken and KNOWN.get(category.key) != category:
                raise ValueError(
                    f"the category {category.key!r} cannot be declared: {spelled!r} is a name of "
                    f"{taken[spelled]!r}. Choose another key; the texts of that one are replaced by "
                    "LanceContext(prompts=…), its thresholds by category_thresholds"
                )
        taken |= dict.fromkeys((category.key, category.slug), category.key)
        found[category.key] = category
    return found


def united(declared: Iterable[Mapping[str, Category]]) -> dict[str, Category]:
    """Several declarations as one; of a key the one that has texts.

    ValueError where two of them explain the same key differently.
    """
    found: dict[str, Category] = {}
    for categories in declared:
        for key, category in categories.items():
            known = found.get(key, category)
            if known != category and Category(key) not in (known, category):
                raise ValueError(
                    f"two detectors declare the category {key!r} differently; give both the same"
                )
            found[key] = category if known == Category(key) else known
    declare(found.values())
    return found


def key_of(name: object, known: Mapping[str, Category] = BY_KEY) -> str | None:
    """The key of a category that is named by its key or by its slug; None for any other name."""
    if not isinstance(name, str):
        return None
    if name in known:
        return name
    return next((key for key, category in known.items() if category.slug == name), None)


def not_known(name: object, known: Mapping[str, Category] = BY_KEY) -> str:
    """What to tell somebody who named a category that there is not."""
    names = dict.fromkeys(name for key, c in known.items() for name in (key, c.slug))
    near = get_close_matches(str(name), names, n=2)
    meant = f" (did you mean {' or '.join(map(repr, near))}?)" if near else ""
    return (
        f"{name!r} is not a rejection category{meant}; known are {', '.join(known)}. A category of "
        "your own is declared by the `categories` of your detector"
    )
