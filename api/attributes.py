"""The attributes of a person or organisation as GraphQL shows and accepts them."""

from collections.abc import Mapping

import strawberry

from api.sensitivity import PersonalText
from graph.vocabulary import ATTRIBUTES

_DESCRIPTIONS = {
    "given_name": "First name.",
    "middle_name": "Middle names.",
    "surname": "Family name.",
    "generation": "Generation suffix, such as jr or iii.",
    "native_name": "The name in its own script.",
    "gender": "Gender as the sources say.",
    "birth_date": "Birth date: yyyy-mm-dd, yyyy-mm or yyyy.",
    "birth_place": "Place of birth.",
    "occupation": "Occupation.",
    "house_number": "House number.",
    "street": "Street without house number.",
    "unit": "Flat, floor or apartment.",
    "city": "City or town.",
    "postcode": "Postcode.",
    "region": "State, county or province.",
    "country": "Country, ISO 3166 alpha-2 where known.",
    "organisation_name": "Name of an organisation.",
}


def _described(name: str) -> str | None:
    return strawberry.field(description=_DESCRIPTIONS[name], default=None)


@strawberry.type(description="Cleaned attributes; absent ones are null.")
class Attributes:
    given_name: PersonalText | None = _described("given_name")
    middle_name: PersonalText | None = _described("middle_name")
    surname: PersonalText | None = _described("surname")
    generation: PersonalText | None = _described("generation")
    native_name: PersonalText | None = _described("native_name")
    gender: str | None = _described("gender")
    birth_date: PersonalText | None = _described("birth_date")
    birth_place: str | None = _described("birth_place")
    occupation: str | None = _described("occupation")
    house_number: PersonalText | None = _described("house_number")
    street: PersonalText | None = _described("street")
    unit: PersonalText | None = _described("unit")
    city: str | None = _described("city")
    postcode: str | None = _described("postcode")
    region: str | None = _described("region")
    country: str | None = _described("country")
    organisation_name: PersonalText | None = _described("organisation_name")


@strawberry.input(description="What is known of somebody; as written, cleaning is done here.")
class AttributesInput:
    given_name: str | None = _described("given_name")
    middle_name: str | None = _described("middle_name")
    surname: str | None = _described("surname")
    generation: str | None = _described("generation")
    native_name: str | None = _described("native_name")
    gender: str | None = _described("gender")
    birth_date: str | None = _described("birth_date")
    birth_place: str | None = _described("birth_place")
    occupation: str | None = _described("occupation")
    house_number: str | None = _described("house_number")
    street: str | None = _described("street")
    unit: str | None = _described("unit")
    city: str | None = _described("city")
    postcode: str | None = _described("postcode")
    region: str | None = _described("region")
    country: str | None = _described("country")
    organisation_name: str | None = _described("organisation_name")
    full_name: str | None = strawberry.field(description="The whole name in one text.", default=None)
    address: str | None = strawberry.field(description="The whole address in one line.", default=None)

    def given(self) -> dict[str, str]:
        """What was given, by attribute."""
        pairs = ((name, getattr(self, name)) for name in (*ATTRIBUTES, "full_name", "address"))
        return {name: value for name, value in pairs if value}


def attributes(values: Mapping[str, str]) -> Attributes:
    """The GraphQL shape of cleaned attributes."""
    return Attributes(**values)
