"""The 14 rejection categories of BeaverTails, in the data set's own order and spelling."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Category:
    """One rejection category: one dimension of the rejection distribution d.

    ``key`` is BeaverTails' spelling, ``slug`` names its prompt files, ``meaning`` is what a
    textual gradient tells the refiner that the category covers.
    """

    key: str
    slug: str
    title: str
    meaning: str


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


BY_SLUG: dict[str, Category] = {category.slug: category for category in CATEGORIES}


def key_of(name: object) -> str | None:
    """The key of a category that is named by its key or by its slug; None for any other name."""
    if not isinstance(name, str):
        return None
    found = BY_KEY.get(name) or BY_SLUG.get(name)
    return found.key if found else None


def check_keys(keys: object, where: str) -> None:
    """Raise ValueError that names the first of ``keys`` that is no category; ``where`` says whose."""
    for key in keys if isinstance(keys, (list, tuple, set, dict)) else [keys]:
        if key not in BY_KEY:
            raise ValueError(
                f"{where}: {key!r} is not a rejection category; known are {', '.join(KEYS)}"
            )
