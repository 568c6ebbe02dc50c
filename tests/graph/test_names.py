"""Names in any order, spelling and script come apart into the same parts."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.names import (
    NameParts,
    clean_given,
    clean_middle,
    clean_surname,
    nickname_roots,
    phonetic,
    show_name,
    show_place,
    split_name,
)
from graph.text import fold, tidy
from graph.unusable import UnusableValueError


@pytest.mark.parametrize(
    ("full", "given", "middle", "surname", "generation"),
    [
        ("Ada Lovelace", "Ada", "", "Lovelace", ""),
        ("ada lovelace", "Ada", "", "Lovelace", ""),
        ("ADA LOVELACE", "Ada", "", "Lovelace", ""),
        ("LOVELACE Ada", "Ada", "", "Lovelace", ""),
        ("Lovelace, Ada", "Ada", "", "Lovelace", ""),
        ("Ada Augusta Lovelace", "Ada", "Augusta", "Lovelace", ""),
        ("J.R.R. Tolkien", "J", "R R", "Tolkien", ""),
        ("Dr. Smith, Robert J. Jr", "Robert", "J", "Smith", "Jr"),
        ("Smith, Jr., Robert", "Robert", "", "Smith", "Jr"),
        ("Robert Smith sr", "Robert", "", "Smith", "Sr"),
        ("Robert Smith III", "Robert", "", "Smith", "III"),
        ("Alexandre Dumas père", "Alexandre", "", "Dumas", "Sr"),
        ('Robert "Bob" Smith', "Robert", "", "Smith", ""),
        ("van der Berg, Jan", "Jan", "", "van der Berg", ""),
        ("JAN VAN DER BERG", "Jan", "", "van der Berg", ""),
        ("DE LA TOUR Jean Pierre", "Jean", "Pierre", "de la Tour", ""),
        ("Juan de la Cruz", "Juan", "", "de la Cruz", ""),
        ("O' Brien, Pat", "Pat", "", "O'Brien", ""),
        ("mc donald ronald", "McDonald", "", "Ronald", ""),
        ("Mary-Jane O'Neil", "Mary-Jane", "", "O'Neil", ""),
        ("Mr. Smith", "", "", "Smith", ""),
        ("robert of chester", "Robert", "", "Chester", ""),
        ("thomas clifford, 1st baron clifford of chudleigh", "Thomas", "", "Clifford", ""),
        ("charles 1st baron aberconway", "Charles", "", "Aberconway", ""),
        ("Clifford, Lord", "Clifford", "", "", ""),
        ("Smith, Lady Ann", "Ann", "", "Smith", ""),
        ("Smith, John 3rd", "John", "", "Smith", "III"),
        ("Abdul Aziz Khan", "Abdul Aziz", "", "Khan", ""),
        ("'Abd al-Rahman 'Ubayd al-Dosari", "Abd al-Rahman", "Ubayd", "al-Dosari", ""),
        ("Sukarno", "Sukarno", "", "", ""),
        ("王杰", "Jie", "", "Wang", ""),
        ("毛泽东", "Zedong", "", "Mao", ""),
        ("欧阳锋", "Feng", "", "Ouyang", ""),
        ("김철수", "Cheolsu", "", "Kim", ""),
        ("バラク・オバマ", "Baraku", "", "Obama", ""),
        ("Владимир Путин", "Vladimir", "", "Putin", ""),
        ("Путин, Владимир", "Vladimir", "", "Putin", ""),
        ("Путин Владимир Владимирович", "Vladimir", "Vladimirovich", "Putin", ""),
        ("Γιώργος Σεφέρης", "Giorgos", "", "Seferis", ""),
        ("محمد علي", "Mohammed", "", "Ali", ""),
        ("?", "", "", "", ""),
    ],
)
def test_full_names(full: str, given: str, middle: str, surname: str, generation: str) -> None:
    assert split_name(full) == NameParts(given, middle, surname, generation)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Robert J.", NameParts("Robert", "J")),
        ("Mary Ann", NameParts("Mary", "Ann")),
        ("MARY-ANN", NameParts("Mary-Ann")),
        ("Dr. Robert", NameParts("Robert")),
        ("Robert Jr.", NameParts("Robert", generation="Jr")),
        ("J", NameParts("J")),
        ("De Shawn", NameParts("De Shawn")),
        ("Wm.", NameParts("Wm")),
    ],
)
def test_given_name_columns(text: str, parts: NameParts) -> None:
    assert clean_given(text) == parts


@pytest.mark.parametrize(
    ("text", "surname", "generation"),
    [
        ("Dobbins Jr", "Dobbins", "Jr"),
        ("Dobbins, Sr.", "Dobbins", "Sr"),
        ("DOBBINS II", "Dobbins", "II"),
        ("van der berg", "van der Berg", ""),
        ("mcdonald", "McDonald", ""),
        ("o'neil", "O'Neil", ""),
        ("ba'asyir", "Ba'asyir", ""),
        ("smith-jones", "Smith-Jones", ""),
        ("García López", "García López", ""),
        ("Junior", "Junior", ""),
        ("deSouza", "deSouza", ""),
    ],
)
def test_surname_columns(text: str, surname: str, generation: str) -> None:
    assert clean_surname(text) == NameParts(surname=surname, generation=generation)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bob", "Robert"),
        ("Rob", "Robert"),
        ("Bob", "Rob"),
        ("Bill", "William"),
        ("Jack", "John"),
        ("Beth", "Elizabeth"),
        ("Kate", "Catherine"),
        ("Katherine", "Catherine"),
        ("Peggy", "Margaret"),
        ("Paco", "Francisco"),
        ("Sepp", "Josef"),
        ("Mohamed", "Muhammad"),
        ("Robert James", "Bob"),
    ],
)
def test_nicknames_agree(one: str, other: str) -> None:
    assert nickname_roots(one) & nickname_roots(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John", "James"),
        ("Robert", "Bert"),
        ("Bob", "Bill"),
        ("Robert", "William"),
        ("Bobby", "Bert"),
        ("Edward", "Edwin"),
        ("John", "Nathan"),
        ("Anna", "Maria"),
    ],
)
def test_different_names_do_not_agree(one: str, other: str) -> None:
    assert not nickname_roots(one) & nickname_roots(other)


def test_no_name_has_no_roots() -> None:
    assert nickname_roots("") == frozenset()


@pytest.mark.parametrize(
    "group", [("Meyer", "Maier", "Meier"), ("Smith", "Smyth"), ("Catherine", "Katherine")]
)
def test_names_that_sound_alike(group: tuple[str, ...]) -> None:
    assert all(phonetic(one) == phonetic(other) for one, other in itertools.combinations(group, 2))


def test_names_that_sound_different() -> None:
    assert phonetic("Smith") != phonetic("Jones")
    assert phonetic("") == ""


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("kingston upon hull", "Kingston upon Hull"),
        ("THE HAGUE", "The Hague"),
        ("los angeles", "Los Angeles"),
    ],
)
def test_places(written: str, shown: str) -> None:
    assert show_place(written) == shown


@given(st.text(max_size=60))
def test_names_never_raise_and_stay_legible(raw: str) -> None:
    try:
        text = tidy(raw)
    except UnusableValueError:
        return
    for parts in (split_name(text), clean_given(text), clean_surname(text)):
        for part in (parts.given, parts.middle, parts.surname):
            assert tidy(part) == part
    assert phonetic(text).isascii()
    assert nickname_roots(text) == nickname_roots(fold(text))


@given(st.text(max_size=40))
def test_cleaning_a_column_again_changes_nothing(raw: str) -> None:
    try:
        text = tidy(raw)
    except UnusableValueError:
        return
    assert show_name(show_name(text)) == show_name(text)
    assert clean_middle(clean_middle(text)) == clean_middle(text)
    assert clean_given(clean_given(text).given).given == clean_given(text).given
    assert clean_surname(clean_surname(text).surname).surname == clean_surname(text).surname
