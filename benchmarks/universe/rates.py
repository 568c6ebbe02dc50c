"""How often what happens in the universe: one table of rates, each with the reason why it is plausible.

The shape of errors follows the published generators: Febrl (Christen and Pudjijono, "Accurate synthetic generation
of realistic personal information", 2009) and GeCo (Tran, Vatsalan and Christen, 2013): choose a record, a field, then
an error kind. Most misspellings are one insertion, deletion, substitution or transposition (Damerau 1964: 80 %);
keyboard, OCR and phonetic kinds after Kukich (1992). The order of magnitude of name, address and date changes between
snapshots of one person follows studies of the North Carolina voter register (Christen 2014; Panse et al. 2021).
No rate was fitted to any evaluation data set.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rates:
    """Shares between 0 and 1 unless said otherwise."""

    # households: Eurostat and US Census: about a third live alone, a third are couples, a quarter have children
    single: float = 0.30
    couple: float = 0.30
    family: float = 0.26
    lone_parent: float = 0.08
    sharers: float = 0.06
    # births: twin births are about 3 % of births (CDC: 31 per 1,000)
    twins: float = 0.03
    # a son or daughter named as the parent: a few percent, more in English-speaking countries
    junior: float = 0.05
    # the generation suffix is written down in about half of the records of such pairs
    generation_written: float = 0.5
    # adult children who live alone in their parents' town
    moved_out: float = 0.15
    # two strangers of one town and one name beyond what frequencies bring by themselves
    namesake: float = 0.004
    # a share of households that moved within the observed years (about 10 % a year in the US, 5 % in Europe)
    moved_once: float = 0.35
    moved_twice: float = 0.10
    # of those who moved, to another town
    moved_far: float = 0.35
    # of partners who changed their name, those who did so within the observed years
    married_recently: float = 0.24
    # Pew 2023: of married women about 79 % took the partner's name, 5 % hyphenated; of men 5 % and 1 %
    bride_changes: float = 0.80
    bride_hyphenates: float = 0.07
    groom_changes: float = 0.05
    # contacts
    has_mobile: float = 0.94
    has_email: float = 0.90
    second_email: float = 0.28
    landline: float = 0.38
    family_email: float = 0.05
    household_card: float = 0.30
    own_card: float = 0.45
    # numbers changed within the observed years; some are given to a stranger after a quarantine of months (FCC)
    phone_changed: float = 0.22
    phone_recycled: float = 0.05
    # names
    middle_name: float = 0.55
    goes_by_nickname: float = 0.18
    variant_spelling: float = 0.06
    # organisations per person in the households profile
    organisations: float = 0.03
    role_mailbox: float = 0.6
    # misspelling by field and record at noise 1.0; a source multiplies them
    misspelt_given: float = 0.035
    misspelt_surname: float = 0.045
    misspelt_street: float = 0.05
    misspelt_city: float = 0.03
    misspelt_postcode: float = 0.02
    misspelt_email: float = 0.012
    misspelt_phone: float = 0.015
    misspelt_number: float = 0.004
    misspelt_occupation: float = 0.05
    # a second misspelling in the same field, given a first one (Damerau: about 20 % are not single)
    misspelt_twice: float = 0.15
    # names written another way
    initial_only: float = 0.03
    middle_dropped: float = 0.55
    middle_initial: float = 0.30
    names_swapped: float = 0.012
    nickname_used: float = 0.05
    # a title in front of a name written in one field
    titled: float = 0.04
    other_given: float = 0.004
    double_name_shortened: float = 0.25
    accents_dropped: float = 0.35
    transliterated_otherwise: float = 0.10
    native_script: float = 0.35
    # dates: a digit, day and month swapped, year only, a wrong decade or neighbour year
    date_digit: float = 0.02
    date_swapped: float = 0.012
    date_first_of_year: float = 0.01
    date_year_off: float = 0.008
    # values that stand for nothing: typed to get past a form
    placeholder: float = 0.01
    # a former address, phone or e-mail still given years later
    stale: float = 0.08
    # street words written short (St, Ave, str.): the habit of the writer
    street_abbreviated: float = 0.25
    # gender wrongly ticked
    gender_wrong: float = 0.01
