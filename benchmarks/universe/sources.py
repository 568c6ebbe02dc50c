"""The systems that keep records: which fields each has, how complete and how clean they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.universe.era import Era


@dataclass(frozen=True)
class Source:
    """One system. `fields` gives the share of records in which a field is present at all.

    `coverage` is the share of people it knows (of those who have what it `needs`), `again` the chance of one more
    record of the same person (repeated up to `most`), `noise` multiplies the misspelling rates. `names` is parts,
    full ("Given Middle Surname"), listed ("Surname, Given") or any; `dates` is the written form; `phones` is e164,
    national, spaced or any; `street` is line or parts; `case` is kept, upper, lower or mixed; `informal` and
    `native` are the shares of people who write a nickname, or the name in its own script; `width` cuts texts;
    `vague` is the share of birth dates of which only the year was known.
    """

    name: str
    coverage: float
    fields: Mapping[str, float]
    again: float = 0.0
    most: int = 2
    noise: float = 1.0
    names: str = "parts"
    dates: str = "%Y-%m-%d"
    phones: str = "any"
    case: str = "kept"
    street: str = "line"
    informal: float = 0.0
    native: float = 0.0
    minimum_age: int = 14
    width: int | None = None
    organisations: bool = False
    needs: str | None = None
    vague: float = 0.0

    @property
    def date_order(self) -> str:
        """The order of day, month and year in this source's dates."""
        return {"%d": "dmy", "%m": "mdy"}.get(self.dates[:2], "ymd")


@dataclass(frozen=True)
class Profile:
    """A shape of data: its sources, its era, whether organisations, and how many events per person, belong to it."""

    sources: tuple[Source, ...]
    era: Era = field(default_factory=Era)
    organisations: bool = False
    events: float = 0.0


CRM = Source(
    "crm", 0.52,
    {
        "given_name": 0.99, "middle_name": 0.35, "surname": 0.995, "gender": 0.7, "birth_date": 0.8,
        "address": 0.95, "phone": 0.8, "mobile": 0.6, "email": 0.85, "customer_number": 1.0,
        "national_id": 0.05, "occupation": 0.2, "generation": 0.9, "loyalty_card": 0.25,
        "country": 0.9,
    },
    again=0.05, noise=0.5, phones="e164", street="parts", organisations=True,
)  # fmt: skip
SHOP = Source(
    "shop", 0.54,
    {
        "given_name": 0.97, "surname": 0.97, "birth_date": 0.35, "address": 0.9, "phone": 0.6,
        "email": 0.99, "user_id": 0.7, "generation": 0.2, "country": 0.95,
    },
    again=0.14, most=4, noise=1.0, informal=0.5, native=0.3, dates="%m/%d/%Y", organisations=True, needs="email",
)  # fmt: skip
POS = Source(
    "pos", 0.34,
    {
        "given_name": 0.82, "surname": 0.83, "postcode": 0.8, "city": 0.75, "phone": 0.55,
        "loyalty_card": 0.7, "birth_date": 0.25, "gender": 0.5,
    },
    again=0.18, most=4, noise=1.8, case="upper", phones="national", dates="%d.%m.%Y", width=14,
)  # fmt: skip
SUPPORT = Source(
    "support", 0.28,
    {
        "full_name": 0.92, "birth_date": 0.2, "address": 0.3, "phone": 0.6, "email": 0.7,
        "customer_number": 0.25,
    },
    again=0.30, most=5, noise=2.0, names="any", informal=0.4, native=0.1, dates="%d/%m/%Y", case="mixed",
    organisations=True,
)  # fmt: skip
NEWSLETTER = Source(
    "newsletter", 0.33,
    {
        "given_name": 0.6, "surname": 0.3, "email": 1.0, "birth_date": 0.12, "city": 0.2, "country": 0.4,
    },
    again=0.10, noise=1.2, informal=0.6, case="mixed", native=0.2, needs="email",
)  # fmt: skip
LOYALTY = Source(
    "loyalty", 0.48,
    {
        "full_name": 0.99, "gender": 0.6, "birth_date": 0.75, "address": 0.85, "mobile": 0.5, "email": 0.55,
        "loyalty_card": 0.98, "generation": 0.5,
    },
    again=0.08, noise=1.0, names="full", phones="spaced", dates="%d.%m.%Y", needs="loyalty_card",
)  # fmt: skip
REGISTER = Source(
    "register", 1.0,
    {
        "full_name": 0.97, "given_name": 0.93, "surname": 0.95, "gender": 0.85, "birth_date": 0.84,
        "birth_place": 0.82, "postcode": 0.72, "occupation": 0.78,
    },
    again=0.84, most=18, noise=3.2, informal=0.5, minimum_age=0, dates="%Y-%m-%d", names="full", vague=0.08,
)  # fmt: skip
PARISH = Source(
    "parish", 0.5,
    {
        "given_name": 0.95, "middle_name": 0.4, "surname": 0.97, "gender": 0.9, "birth_date": 0.8,
        "birth_place": 0.85, "occupation": 0.6, "city": 0.5,
    },
    again=0.5, most=6, noise=2.6, informal=0.3, minimum_age=0, dates="%d/%m/%Y", case="mixed", vague=0.12,
)  # fmt: skip
BUREAU = Source(
    "bureau", 0.8,
    {
        "given_name": 0.97, "surname": 0.98, "birth_date": 0.95, "address": 0.94, "national_id": 0.93,
    },
    again=0.25, most=6, noise=2.4, street="parts", dates="%Y%m%d", case="lower", minimum_age=0,
)  # fmt: skip
CLINIC = Source(
    "clinic", 0.6,
    {
        "given_name": 0.96, "middle_name": 0.3, "surname": 0.98, "gender": 0.93, "birth_date": 0.95,
        "address": 0.88, "phone": 0.75, "national_id": 0.3,
    },
    again=0.2, most=6, noise=1.5, dates="%Y-%m-%d", minimum_age=0,
)  # fmt: skip
SIGNUP = Source(
    "signup", 0.6,
    {
        "given_name": 0.82, "surname": 0.82, "birth_date": 0.95, "city": 0.8, "email": 0.78,
    },
    again=0.7, most=8, noise=2.6, minimum_age=0, informal=0.3,
)  # fmt: skip

PROFILES = {
    "households": Profile((CRM, SHOP, POS, SUPPORT, NEWSLETTER, LOYALTY), organisations=True, events=20.0),
    "register": Profile((REGISTER, PARISH), Era(1690, 1950, living=False)),
    "registration": Profile((BUREAU, CLINIC, SIGNUP)),
}
