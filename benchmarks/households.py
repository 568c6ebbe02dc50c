"""Households of the universe as a file with its mapping, the way a user would have them."""

from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.universe.population import build_universe
from benchmarks.universe.sources import PROFILES
from benchmarks.universe.tables import build_tables

MAPPING = """
[source]
column = "source"

[record]
id = "record_id"
observed_at = "updated"
kind = { column = "kind", organisation = ["ORGANISATION"], person = ["PERSON"] }

[attributes]
given_name = "given_name"
middle_name = "middle_name"
surname = "surname"
full_name = "full_name"
generation = "generation"
gender = "gender"
birth_date = { column = "birth_date", order = "ymd" }
organisation_name = "organisation_name"
house_number = "house_number"
street = "street"
street_line = "street_line"
city = "city"
postcode = "postcode"
region = "region"
country = "country"
occupation = "occupation"

[identifiers]
email = "email"
phone = { column = ["phone", "mobile"], country = "country" }
loyalty_card = "loyalty_card"
customer_number = "customer_number"
user_id = "user_id"
"""


def household_files(folder: Path, people: int, seed: int) -> tuple[Path, Path]:
    """Write the records of a universe and their mapping to `folder`; answers both paths."""
    profile = PROFILES["households"]
    records, mapping = folder / "households.parquet", folder / "households.toml"
    pq.write_table(build_tables(build_universe(people, profile, seed), profile).records, records)
    mapping.write_text(MAPPING, encoding="utf-8")
    return records, mapping
