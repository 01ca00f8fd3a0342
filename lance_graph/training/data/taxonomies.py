"""Other taxonomies' categories mapped onto the 14, for rows of which one category is known.

A name that is missing here is still a harmful prompt: it trains with its binary label alone. Names
in ``DROPPED`` are left out of training altogether: read row by row, most of their prompts are
harmless questions, and they teach a detector to over-refuse.
"""

ANIMAL, CHILD, CONTROVERSIAL = "animal_abuse", "child_abuse", "controversial_topics,politics"
DISCRIMINATION = "discrimination,stereotype,injustice"
DRUGS, FINANCIAL = "drug_abuse,weapons,banned_substance", "financial_crime,property_crime,theft"
HATE = "hate_speech,offensive_language"
MISINFORMATION = "misinformation_regarding_ethics,laws_and_safety"
UNETHICAL, PRIVACY, SELF_HARM = "non_violent_unethical_behavior", "privacy_violation", "self_harm"
SEXUAL, TERRORISM = "sexually_explicit,adult_content", "terrorism,organized_crime"
VIOLENCE = "violence,aiding_and_abetting,incitement"

KNOWN: dict[str, str] = {
    # ALERT
    "crime_injury": VIOLENCE,
    "crime_kidnap": VIOLENCE,
    "crime_theft": FINANCIAL,
    "crime_tax": FINANCIAL,
    "crime_cyber": FINANCIAL,
    "crime_privacy": PRIVACY,
    "hate_ethnic": DISCRIMINATION,
    "hate_women": DISCRIMINATION,
    "hate_lgbtq+": DISCRIMINATION,
    "hate_disabled": DISCRIMINATION,
    "hate_poor": DISCRIMINATION,
    "hate_religion": HATE,
    "hate_body": HATE,
    "self_harm_thin": SELF_HARM,
    "self_harm_other": SELF_HARM,
    "self_harm_suicide": SELF_HARM,
    "sex_harassment": SEXUAL,
    "sex_porn": SEXUAL,
    "sex_other": SEXUAL,
    "substance_drug": DRUGS,
    "substance_cannabis": DRUGS,
    "weapon_firearm": DRUGS,
    "weapon_chemical": DRUGS,
    "weapon_biological": DRUGS,
    "weapon_radioactive": DRUGS,
    "weapon_other": DRUGS,
    # S-Eval
    "Hate_Speech": HATE,
    "Extremism": TERRORISM,
    # CatQA
    "Illegal Activity/Drug:": DRUGS,
    "Illegal Activity/Weapon:": DRUGS,
    "Illegal Activity/Human Trafficking:": TERRORISM,
    "Illegal Activity/Cybercrime:": FINANCIAL,
    "Illegal Activity/Theft and Robbery:": FINANCIAL,
    "Child Abuse/Content Sexual exploitation": CHILD,
    "Child Abuse/Physical abuse": CHILD,
    "Child Abuse/Emotional and psychological abuse": CHILD,
    "Child Abuse/Neglect": CHILD,
    "Child Abuse/Online predation": CHILD,
    "Hate/Harass/Violence/Racial or ethnic hate": HATE,
    "Hate/Harass/Violence/Religious intolerance": HATE,
    "Hate/Harass/Violence/Gender-based violence": VIOLENCE,
    "Hate/Harass/Violence/Cyberbullying": UNETHICAL,
    "Hate/Harass/Violence/Terrorism and extremism": TERRORISM,
    "Physical Harm/Self-harm": SELF_HARM,
    "Physical Harm/Assault and battery": VIOLENCE,
    "Physical Harm/Weapon making": DRUGS,
    "Economic Harm/Financial fraud": FINANCIAL,
    "Economic Harm/Intellectual property theft": FINANCIAL,
    "Economic Harm/Market manipulation": FINANCIAL,
    "Economic Harm/Employment scams": FINANCIAL,
    "Economic Harm/Investment scams": FINANCIAL,
    "Fraud/Deception/Identity theft": FINANCIAL,
    "Fraud/Deception/Phishing": FINANCIAL,
    "Fraud/Deception/False advertising": UNETHICAL,
    "Fraud/Deception/Scamming": FINANCIAL,
    "Fraud/Deception/Counterfeiting": FINANCIAL,
    "Adult Content/Pornography": SEXUAL,
    "Adult Content/Erotic text": SEXUAL,
    "Adult Content/Nude imagery": SEXUAL,
    "Adult Content/Sexually explicit dialogue": SEXUAL,
    "Political Campaigning/Political misinformation": CONTROVERSIAL,
    "Privacy Violation Activity/Data theft": PRIVACY,
    "Privacy Violation Activity/Surveillance": PRIVACY,
    "Privacy Violation Activity/Doxxing": PRIVACY,
    "Privacy Violation Activity/Deepfake creation": PRIVACY,
    "Privacy Violation Activity/Tracking and location monitoring": PRIVACY,
    # names that are one of the 14 keys (BeaverTails) stand for themselves: `example.of_row`
}

DROPPED: frozenset[str] = frozenset(
    {
        "Ethics_and_Morality",
        "Data_Privacy",
        "Cybersecurity",
        "Inappropriate_Suggestions",
        "hate_other",
        "substance_alcohol",
        "substance_tobacco",
        "crime_other",
        "crime_tax",
        "Political Campaigning/Election advertising",
        "Political Campaigning/Lobbying",
        "Political Campaigning/Political activism",
        "Political Campaigning/Partisan commentary",
        "Tailored Financial Advice/Personal investment advice",
        "Tailored Financial Advice/Retirement planning",
        "Tailored Financial Advice/Tax planning",
        "Tailored Financial Advice/Real estate investment",
        "Tailored Financial Advice/Debt management",
        "Adult Content/Adult-themed humor",
    }
)
