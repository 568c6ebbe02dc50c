"""How two records are compared: for each subject the ordered levels of agreement, as SQL over feature columns."""

from resolution.comparison import (
    ELSE,
    Comparison,
    Level,
    absent,
    alike,
    count,
    edits,
    overlap,
    resembling,
    same,
)

SWAPPED = (
    f"(given_l = surname_r AND {resembling('surname_l', 'given_r', 0.85)}"
    f" OR surname_l = given_r AND {resembling('given_l', 'surname_r', 0.85)})"
)
HOUSEHOLD_FACTS = count([same(column) for column in ("surname", "address", "email", "phone", "card")])
"""How many of the things that a family shares are shared: given names that differ then mean relatives."""

KIN = count([same(column) for column in ("surname", "address", "phone", "card")])
NO_GIVEN = (
    "((given_l IS NULL OR given_r IS NULL) AND organisation_l IS NULL AND organisation_r IS NULL"
    f" AND {KIN} >= 2 AND NOT coalesce({same('birth_date')}, false))"
)
"""Without a given name, what relatives share says less than its sum."""

ONE_OF_SEVERAL = "(contains(given_names_r, given_l) OR contains(given_names_l, given_r))"
INITIAL = "(length(given_l) = 1 OR length(given_r) = 1) AND left(given_l, 1) = left(given_r, 1)"
SAME_BIRTH = same("birth_date")
SAME_SOUND = same("surname_sound")
NEITHER_NAME = (
    f"surname_sound_l <> surname_sound_r AND NOT {alike('surname', 0.75)}"
    " AND NOT list_has_any(surname_parts_l, surname_parts_r)"
)
"""Names that both differ are far rarer among matches than either alone."""

ANOTHER_NAME = f"given_known_l = given_known_r AND given_sound_l <> given_sound_r AND {alike('given', 0.8)}"
"""Two names that people really bear are seldom misspellings of each other, unless they sound the same."""

ONE_NAME = f"NOT coalesce({ANOTHER_NAME}, false) AND NOT coalesce(sex_l <> sex_r, false)"
"""Spellings that may be of one name: not both established, not of a man and a woman."""

YEARS_APART = "abs(TRY_CAST(left(birth_date_l, 4) AS INTEGER) - TRY_CAST(left(birth_date_r, 4) AS INTEGER))"
ONE_ROOF = f"({same('address')} OR {same('phone')})"
FULL_DATES = "length(birth_date_l) = 10 AND length(birth_date_r) = 10"
SWAPPED_DAY = (
    f"({FULL_DATES} AND left(birth_date_l, 4) = left(birth_date_r, 4)"
    " AND substr(birth_date_l, 6, 2) = substr(birth_date_r, 9, 2)"
    " AND substr(birth_date_l, 9, 2) = substr(birth_date_r, 6, 2))"
)
TWO_OF_THREE = (
    f"({FULL_DATES} AND (left(birth_date_l, 7) = left(birth_date_r, 7)"
    " OR substr(birth_date_l, 6) = substr(birth_date_r, 6)"
    " OR left(birth_date_l, 4) = left(birth_date_r, 4) AND right(birth_date_l, 2) = right(birth_date_r, 2)))"
)
PARTIAL = "(starts_with(birth_date_l, birth_date_r) OR starts_with(birth_date_r, birth_date_l))"
SAME_ID_KIND = "split_part(personal_id_l, ':', 1) = split_part(personal_id_r, ':', 1)"

GIVEN_NAME = Comparison(
    "given_name",
    f"(given_l IS NULL OR given_r IS NULL) AND NOT {NO_GIVEN}",
    (
        Level("same given name", same("given"), "given"),
        Level("nickname of the same name", overlap("given_roots")),
        Level("given name and surname swapped", SWAPPED),
        Level("initial of the same name", INITIAL),
        Level("one of several given names", ONE_OF_SEVERAL),
        Level("no given name, three facts of a family shared", f"{NO_GIVEN} AND {KIN} >= 3"),
        Level("no given name, two facts of a family shared", NO_GIVEN),
        Level("another established name that looks alike", f"{ANOTHER_NAME} AND {HOUSEHOLD_FACTS} < 2"),
        Level("typing error in given name", f"({alike('given', 0.92)} OR {edits('given', 1, 4)}) AND {ONE_NAME}"),
        Level("similar given name", f"({alike('given', 0.8)} OR {edits('given', 2, 6)}) AND {ONE_NAME}"),
        Level("twins of one household", f"{HOUSEHOLD_FACTS} >= 3 AND {SAME_BIRTH}"),
        Level("different given name, birth date and two facts shared", f"{HOUSEHOLD_FACTS} = 2 AND {SAME_BIRTH}"),
        Level("different given name, three household facts shared", f"{HOUSEHOLD_FACTS} >= 3"),
        Level("different given name, two household facts shared", f"{HOUSEHOLD_FACTS} = 2"),
        Level("different given name, birth date and one fact shared", f"{HOUSEHOLD_FACTS} = 1 AND {SAME_BIRTH}"),
        Level("neither given name nor surname agree", NEITHER_NAME),
        Level("different given name, one household fact shared", f"{HOUSEHOLD_FACTS} = 1"),
        Level("different given name", ELSE),
    ),
)  # fmt: skip

SURNAME = Comparison(
    "surname",
    absent("surname"),
    (
        Level("same surname", same("surname"), "surname"),
        Level("given name and surname swapped", SWAPPED),
        Level("typing error in surname", f"({alike('surname', 0.93)} OR {edits('surname', 1, 4)})"),
        Level("part of a compound surname", overlap("surname_parts")),
        Level("similar surname", f"({alike('surname', 0.82)} OR {edits('surname', 2, 6)} OR {SAME_SOUND})"),
        Level("different surname, same given name and birth date", f"{same('given')} AND {same('birth_date')}"),
        Level("different surname", ELSE),
    ),
)  # fmt: skip

BIRTH_DATE = Comparison(
    "birth_date",
    absent("birth_date"),
    (
        Level("same birth date", f"{FULL_DATES} AND {same('birth_date')}", "birth_date"),
        Level("same partial birth date", same("birth_date")),
        Level("day and month swapped", SWAPPED_DAY),
        Level("one digit of the birth date", f"{FULL_DATES} AND {edits('birth_date', 1, 10)}"),
        Level("two of year, month and day", TWO_OF_THREE),
        Level("partial birth date agrees", PARTIAL),
        Level("two digits of the birth date", f"{FULL_DATES} AND {edits('birth_date', 2, 10)}"),
        Level("same birth year", "left(birth_date_l, 4) = left(birth_date_r, 4)"),
        Level("a generation apart, under one roof", f"{YEARS_APART} >= 14 AND {ONE_ROOF}"),
        Level("a generation apart", f"{YEARS_APART} >= 14"),
        Level("different birth date", ELSE),
    ),
)  # fmt: skip

SAME_TOWN = "(postcode_l = postcode_r OR city_l = city_r OR city_l IS NULL OR city_r IS NULL)"
SAME_HOUSE = "(house_l = house_r OR house_l IS NULL AND house_r IS NULL)"
ADDRESS = Comparison(
    "address",
    absent("street", "postcode", "city", "region"),
    (
        Level("same house and street", f"{same('address')} AND {SAME_TOWN}", "address"),
        Level("same house, street misspelt", f"{alike('street', 0.88)} AND {SAME_HOUSE} AND {SAME_TOWN}"),
        Level("same postcode, another street", f"{same('postcode')} AND street_l <> street_r", "postcode"),
        Level("same postcode", same("postcode"), "postcode"),
        Level("same street", f"{alike('street', 0.95)} AND {SAME_TOWN}"),
        Level("postcode mistyped", f"{edits('postcode', 1, 4)}"),
        Level("same city", same("city"), "city"),
        Level("similar city", alike("city", 0.88)),
        Level("same region", same("region")),
        Level("different address", ELSE),
    ),
)

EMAIL = Comparison(
    "email",
    absent("email"),
    (
        Level("same e-mail", same("email"), "email"),
        Level("one of several e-mails", overlap("emails")),
        Level("typing error in e-mail", edits("email", 2, 10)),
        Level("same mailbox name, another provider", same("email_local"), "email_local"),
        Level("similar mailbox name", alike("email_local", 0.92)),
        Level("different e-mail", ELSE),
    ),
)

SAME_NATIONAL_NUMBER = (
    "length(phone_l) >= 9 AND length(phone_r) >= 9 AND right(phone_l, 8) = right(phone_r, 8)"
)
PHONE = Comparison(
    "phone",
    absent("phone"),
    (
        Level("same phone", same("phone"), "phone"),
        Level(
            "one of several phones, or without its country",
            f"({overlap('phones')} OR {SAME_NATIONAL_NUMBER})",
        ),
        Level("one digit of the phone", edits("phone", 1, 8)),
        Level("different phone", ELSE),
    ),
)

CARD = Comparison(
    "card",
    absent("card"),
    (Level("same loyalty card", same("card"), "card"), Level("different loyalty card", ELSE)),
)

PERSONAL_ID = Comparison(
    "personal_id",
    f"({absent('personal_id')} OR NOT {SAME_ID_KIND}) AND NOT coalesce({overlap('unique_ids')}, false)",
    (
        Level("same personal number", overlap("unique_ids")),
        Level("personal number mistyped", edits("personal_id", 2, 8)),
        Level("different personal number", ELSE),
    ),
)

STATED = "gender_l IS NOT NULL AND gender_r IS NOT NULL"
GENDER = Comparison(
    "gender",
    f"NOT ({STATED}) AND coalesce(sex_l = sex_r, true)",
    (
        Level("same gender", f"{STATED} AND gender_l = gender_r"),
        Level("given name of another gender", f"NOT ({STATED})"),
        Level("different gender", ELSE),
    ),
)
GENERATION = Comparison(
    "generation",
    absent("generation"),
    (Level("same generation", same("generation")), Level("junior and senior", ELSE)),
)
MIDDLE_INITIAL = Comparison(
    "middle_initial",
    absent("middle_initial"),
    (Level("same middle initial", same("middle_initial")), Level("different middle initial", ELSE)),
)
PLACE_WITHIN = "contains(birth_place_l, birth_place_r) OR contains(birth_place_r, birth_place_l)"
BIRTH_PLACE = Comparison(
    "birth_place",
    absent("birth_place"),
    (
        Level("same birth place", same("birth_place"), "birth_place"),
        Level("similar birth place", f"({alike('birth_place', 0.88)} OR {PLACE_WITHIN})"),
        Level("different birth place", ELSE),
    ),
)  # fmt: skip
OCCUPATION = Comparison(
    "occupation",
    absent("occupation"),
    (
        Level("same occupation", same("occupation"), "occupation"),
        Level("similar occupation", alike("occupation", 0.85)),
        Level("different occupation", ELSE),
    ),
)
MOST_WORDS = (
    "length(list_intersect(organisation_words_l, organisation_words_r)) * 2"
    " >= greatest(length(organisation_words_l), length(organisation_words_r))"
)
ORGANISATION = Comparison(
    "organisation",
    absent("organisation"),
    (
        Level("same organisation name", same("organisation"), "organisation"),
        Level("similar organisation name", alike("organisation", 0.93)),
        Level("most words of the name", MOST_WORDS),
        Level("different organisation name", ELSE),
    ),
)  # fmt: skip

COMPARISONS: tuple[Comparison, ...] = (
    GIVEN_NAME,
    SURNAME,
    BIRTH_DATE,
    ADDRESS,
    EMAIL,
    PHONE,
    CARD,
    PERSONAL_ID,
    GENDER,
    GENERATION,
    MIDDLE_INITIAL,
    BIRTH_PLACE,
    OCCUPATION,
    ORGANISATION,
)
"""Everything a model weighs, in the order of `MatchEdge.gammas`."""

TERMS: tuple[str, ...] = tuple(
    sorted({level.term for comparison in COMPARISONS for level in comparison.levels if level.term})
)
"""The feature columns whose values have a term frequency in a model."""
